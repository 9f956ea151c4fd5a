// `npm run faults`: every test that bears the number of a fault, and the count of what they prove.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { summary } from './catalogue.ts'
import { faultTests } from './titles.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const tests = faultTests()
const files = [...new Set(['test/faults', ...tests.map(({ file }) => file)])]
const { status } = spawnSync(
  join(ROOT, 'node_modules', '.bin', 'vitest'),
  ['run', ...files.filter((file) => file === 'test/faults' || !file.startsWith('test/faults/'))],
  { cwd: ROOT, stdio: 'inherit' },
)
process.stdout.write(
  `\n${status === 0 ? summary(new Set(tests.map(({ fault }) => fault))) : 'P0 faults: a test failed'}\n`,
)
process.exitCode = status ?? 1
