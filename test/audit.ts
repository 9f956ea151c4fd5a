// `npm run audit`: fails where a package that is needed at run time has a known hole. A registry that tells nothing is told of.
import { type Audit, audit } from './npm-audit.ts'

const told: Audit = await audit()
if (told.state === 'unknown') {
  process.stdout.write(`Audit: not possible (${told.reason}); nothing is known of any package\n`)
  process.exitCode = process.env['PATCHBAY_AUDIT'] === 'required' ? 1 : 0
} else {
  for (const finding of told.findings) process.stdout.write(`${finding}\n`)
  process.stdout.write(`Audit: ${told.findings.length} findings in ${told.packages} packages\n`)
  process.exitCode = told.findings.length === 0 ? 0 : 1
}
