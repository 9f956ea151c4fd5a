// `npm run attacks`: every attack on the build as it is and on one without its defence, then what is proven and what waits.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ATTACKS, WAITING, WITHOUT_OBJECT, severityOf, summary } from './catalogue.ts'
import { ROOT } from './tree.ts'

const program = join(ROOT, 'node_modules', '.bin', 'vitest')
// What is attacked are processes of their own, which mostly wait for one another.
const args = ['run', '--maxWorkers=2', 'test/attacks']
const { status } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' })
const isGreen = status === 0

const rows = [
  ...ATTACKS.map(({ id, name }) => [id, 'proven', name] as const),
  ...Object.entries(WAITING).map(([id, missing]) => [id, 'waiting', `for ${missing}`] as const),
  ...Object.entries(WITHOUT_OBJECT).map(([id, why]) => [id, 'no object', why] as const),
].toSorted(([one], [other]) => one.localeCompare(other))

process.stdout.write('\n')
for (const [id, state, text] of rows) {
  process.stdout.write(`${id}  ${(severityOf(id) ?? '').padEnd(8)}  ${state.padEnd(9)}  ${text}\n`)
}
process.stdout.write(`\n${isGreen ? summary() : 'Attacks: a test failed'}\n`)
process.exitCode = isGreen ? 0 : 1
