// `npm run faults`: every test that bears the number of a fault, then those that need load, and the count of what they prove.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { summary } from './catalogue.ts'
import { faultTests } from './titles.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const { values } = parseArgs({ options: { streams: { type: 'string' } } })

function vitest(args: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const program = join(ROOT, 'node_modules', '.bin', 'vitest')
  const all = { ...process.env, ...env }
  return spawnSync(program, args, { cwd: ROOT, stdio: 'inherit', env: all }).status ?? 1
}

const tests = faultTests()
const files = [...new Set(['test/faults', ...tests.map(({ file }) => file)])]
const plain = vitest([
  'run',
  ...files.filter((file) => file === 'test/faults' || !file.startsWith('test/faults/')),
])
// After the others: each needs the machine for itself.
const loaded = vitest(
  ['run', '--config', 'test/faults/load/vitest.config.ts'],
  values.streams === undefined ? {} : { PATCHBAY_LOAD_STREAMS: values.streams },
)
const isGreen = plain === 0 && loaded === 0
process.stdout.write(
  `\n${isGreen ? summary(new Set(tests.map(({ fault }) => fault))) : 'P0 faults: a test failed'}\n`,
)
process.exitCode = isGreen ? 0 : 1
