// `npm run bench:history`: whether this commit costs more than the last one on record, by the ratio to the floor in the same run.
// It warns and never fails: `-- --record` adds the run to bench/history/.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { conditions } from './conditions.ts'
import { type Entry, worsened } from './report/worsened.ts'
import { rowsOf } from './report/rows.ts'
import { QUICK } from './scenarios.ts'
import { startAll } from './subjects/all.ts'
import { floor } from './subjects/floor.ts'
import { patchbay } from './subjects/patchbay.ts'
import { windows } from './windows.ts'

const { values: flags } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '2' },
  },
})

const FILE = join(import.meta.dirname, 'history', 'ratios.jsonl')
const SCENARIOS = QUICK.filter(({ name }) => name === 'throughput' || name === 'fast-streams')

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function lastEntry(): Entry | undefined {
  if (!existsSync(FILE)) return undefined
  const line = readFileSync(FILE, 'utf8').trim().split('\n').at(-1)
  return line === undefined || line === '' ? undefined : JSON.parse(line)
}

async function measured(): Promise<Entry> {
  const { running, stop } = await startAll([floor, patchbay('bare'), patchbay('real')], say)
  try {
    const { rounds, seconds } = { rounds: Number(flags.rounds), seconds: Number(flags.seconds) }
    const all = await windows(running, { scenarios: SCENARIOS, rounds, seconds, say })
    const ratios = SCENARIOS.flatMap(({ name }) =>
      rowsOf(all, name)
        .filter(({ role, ratio }) => role === 'ours' && ratio !== undefined)
        .map(
          ({ name: lane, ratio = 0 }) => [`${name}, ${lane}`, Number(ratio.toFixed(3))] as const,
        ),
    )
    const { at, commit, node, cpu } = conditions()
    return { at, commit, node, cpu, ratios: Object.fromEntries(ratios) }
  } finally {
    await stop()
  }
}

const before = lastEntry()
const entry = await measured()
for (const [lane, ratio] of Object.entries(entry.ratios)) {
  const was = before?.ratios[lane]
  say(
    `${ratio.toFixed(2).padStart(7)} × the floor  ${lane}${was === undefined ? '' : ` (was ${was.toFixed(2)})`}`,
  )
}
for (const line of worsened(before, entry)) say(`WARNING: ${line}`)
if (flags.record) {
  mkdirSync(join(import.meta.dirname, 'history'), { recursive: true })
  appendFileSync(FILE, `${JSON.stringify(entry)}\n`)
}
