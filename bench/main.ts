// `npm run bench`: measures Patchbay beside its floor and its peers, in one run. `-- --full` measures more, for longer.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { spawnSync } from 'node:child_process'
import { conditions } from './conditions.ts'
import { FULL, QUICK, THROUGHPUT } from './scenarios.ts'
import { published } from './published.ts'
import { startUp } from './start-up.ts'
import { startAll } from './subjects/all.ts'
import { direct } from './subjects/direct.ts'
import { floor } from './subjects/floor.ts'
import { given } from './subjects/given.ts'
import { litellm } from './subjects/litellm.ts'
import { nginx } from './subjects/nginx.ts'
import { patchbay } from './subjects/patchbay.ts'
import { portkey } from './subjects/portkey.ts'
import type { Subject } from './subject.ts'
import { rowsOf } from './report/rows.ts'
import { markdown } from './report/table.ts'
import { plot } from './report/plot.ts'
import { windows } from './windows.ts'

const { values: flags } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    scenario: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
})

const OURS: readonly Subject[] = [patchbay('bare'), patchbay('real')]
const named = process.env['BENCH_GATEWAY']
const SUBJECTS: readonly Subject[] = [
  direct,
  floor,
  ...OURS,
  nginx,
  portkey,
  litellm,
  ...(named === undefined ? [] : [given(named)]),
]

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function main(): Promise<void> {
  if (spawnSync('wrk', ['-v']).error !== undefined) {
    throw new Error('wrk is needed (Debian: apt-get install wrk)')
  }
  const state = conditions()
  if (state.loadBefore > 0.5)
    say(`The machine is busy (load ${state.loadBefore}): do not trust what follows.`)
  const { only } = flags
  const wanted = SUBJECTS.filter(
    ({ name, role }) => only === undefined || role === 'floor' || only.split(',').includes(name),
  )
  const scenarios = (flags.full ? FULL : QUICK).filter(
    ({ name }) => flags.scenario === undefined || flags.scenario.split(',').includes(name),
  )
  const { upstream, running, missing, stopGateways, stop } = await startAll(wanted, say)
  try {
    const rounds = Number(flags.rounds ?? (flags.full ? 5 : 2))
    const seconds = Number(flags.seconds ?? (flags.full ? 5 : 1))
    const measured = await windows(running, { scenarios, rounds, seconds, say })
    await stopGateways()
    say('start')
    const startUps = []
    const { program, remove } = await published()
    for (const subject of [floor, patchbay('bare', [], program), patchbay('real', [], program)]) {
      if (!wanted.some(({ name }) => name === subject.name)) continue
      startUps.push(await startUp(subject, upstream, rounds))
    }
    remove()
    const report = { conditions: state, missing, windows: measured, startUps }
    const text = markdown(report, scenarios)
    mkdirSync(flags.out, { recursive: true })
    const file = join(flags.out, state.at.replaceAll(/[:.]/g, '-'))
    writeFileSync(`${file}.json`, `${JSON.stringify(report, undefined, 2)}\n`)
    writeFileSync(`${file}.md`, text)
    const title = `CPU µs per request (${THROUGHPUT.title}; less is better; logarithmic)`
    writeFileSync(`${file}.svg`, plot(title, rowsOf(measured, THROUGHPUT.name)))
    process.stdout.write(`${text}\nKept as ${file}.{json,md,svg}\n`)
  } finally {
    await stop()
  }
}

await main()
