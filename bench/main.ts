// `npm run bench`: measures Patchbay beside its floor and its peers, in one run. `-- --full` measures more, for longer.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { spawnSync } from 'node:child_process'
import { conditions } from './conditions.ts'
import { startNode } from './processes.ts'
import { FULL, QUICK, THROUGHPUT } from './scenarios.ts'
import { startUp } from './start-up.ts'
import { direct } from './subjects/direct.ts'
import { floor } from './subjects/floor.ts'
import { given } from './subjects/given.ts'
import { litellm } from './subjects/litellm.ts'
import { nginx } from './subjects/nginx.ts'
import { patchbay } from './subjects/patchbay.ts'
import { portkey } from './subjects/portkey.ts'
import type { Subject } from './subject.ts'
import { markdown, rowsOf } from './report/table.ts'
import { plot } from './report/plot.ts'
import { type Running, windows } from './windows.ts'

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
  const upstream = await startNode('load', join(import.meta.dirname, 'upstream.ts'))
  const at = { url: `http://127.0.0.1:${upstream.port}`, port: upstream.port }
  const running: Running[] = []
  const missing: string[] = []
  try {
    for (const subject of wanted) {
      const why = await subject.missing()
      if (why === undefined) running.push({ subject, started: await subject.start(at) })
      else missing.push(`${subject.name}: ${why}`)
    }
    const rounds = Number(flags.rounds ?? (flags.full ? 5 : 3))
    const seconds = Number(flags.seconds ?? (flags.full ? 5 : 2))
    const measured = await windows(running, { scenarios, rounds, seconds, say })
    for (const { started } of running.splice(0)) await started.stop()
    say('start')
    const startUps = []
    for (const subject of [floor, ...OURS].filter((one) => wanted.includes(one))) {
      startUps.push(await startUp(subject, at, rounds))
    }
    const report = { conditions: state, missing, windows: measured, startUps }
    const text = markdown(report, scenarios)
    mkdirSync(flags.out, { recursive: true })
    const file = join(flags.out, state.at.replaceAll(/[:.]/g, '-'))
    writeFileSync(`${file}.json`, `${JSON.stringify(report, undefined, 2)}\n`)
    writeFileSync(`${file}.md`, text)
    const title = `CPU µs per request (${THROUGHPUT.title}; less is better)`
    writeFileSync(`${file}.svg`, plot(title, rowsOf(measured, THROUGHPUT.name)))
    process.stdout.write(`${text}\nKept as ${file}.{json,md,svg}\n`)
  } finally {
    for (const { started } of running) await started.stop()
    await upstream.stop()
  }
}

await main()
