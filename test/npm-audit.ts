// What npm knows of holes in the packages that are needed at run time.
import { ObjectReader, isObject, tryParseJson } from '../src/wire/json.ts'
import { ROOT } from './packed.ts'
import { runProgram } from './program.ts'
import { lockedPackages } from './supply.ts'

export type Audit =
  | { readonly state: 'unknown'; readonly reason: string }
  | { readonly state: 'known'; readonly packages: number; readonly findings: readonly string[] }

export async function audit(): Promise<Audit> {
  const args = ['audit', '--json', '--package-lock-only']
  const { stdout } = await runProgram('npm', args, { cwd: ROOT })
  return auditOf(stdout)
}

/** What `npm audit --json` has printed. */
export function auditOf(text: string): Audit {
  const json = tryParseJson(text)
  if (!isObject(json) || !isObject(json['vulnerabilities'])) {
    const message = isObject(json) ? json['message'] : undefined
    const reason = typeof message === 'string' ? message : 'npm printed no report'
    return { state: 'unknown', reason: reason.slice(0, 200) }
  }
  const report = ObjectReader.of(json, 'npm audit').object('vulnerabilities')
  const needed = new Set(
    lockedPackages(ROOT)
      .filter(({ isNeeded }) => isNeeded)
      .map(({ name }) => name),
  )
  const findings = Object.keys(report.source)
    .filter((name) => needed.has(name))
    .map((name) => {
      const { source } = report.object(name)
      return `${name} ${String(source['range'])}: ${String(source['severity'])}`
    })
  return { state: 'known', packages: needed.size, findings }
}
