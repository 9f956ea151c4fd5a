// `npm run bench:ledger`: how many calls a second the ledger makes durable in a file, and what metering takes of the throughput of a gateway.
// `-- --seconds 4 --at-once 256 --no-budget --rounds 3`
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { AppliedBudget } from '../src/ledger/budget.ts'
import { attemptIdAt } from '../src/ledger/attempt-id.ts'
import type { Opening } from '../src/ledger/ledger.ts'
import { StoredLedger } from '../src/store/ledger/stored-ledger.ts'
import { openDatabase } from '../src/store/open-database.ts'
import { startNode } from './processes.ts'
import { THROUGHPUT } from './scenarios.ts'
import { patchbay } from './subjects/patchbay.ts'

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    'at-once': { type: 'string', default: '256' },
    budget: { type: 'boolean', default: true },
    rounds: { type: 'string', default: '3' },
  },
  allowNegative: true,
})

const WARM_UP_SECONDS = 3

const BUDGET: AppliedBudget = {
  id: 'installation::total/',
  scope: 'installation',
  subject: '',
  period: 'total',
  startsAt: 0,
  limitNano: Number.MAX_SAFE_INTEGER,
  hard: true,
}

function opening(): Opening {
  const at = Date.now()
  return {
    attemptId: attemptIdAt(at, () => crypto.randomUUID()),
    callId: `req_${crypto.randomUUID()}`,
    operation: 'chat',
    caller: 'k_bench',
    provider: 'up',
    model: 'm',
    credential: 'ab12',
    price: 'own:1',
    at,
    reserveNano: flags.budget ? 100 : 0,
    budgets: flags.budget ? [BUDGET] : [],
    inputNano: 10,
    inputTokens: 12,
  }
}

/** Microseconds that each thread of this process has been on a processor. */
function threads(): readonly number[] {
  return readdirSync('/proc/self/task').map((task) => {
    const [nanos] = readFileSync(`/proc/self/task/${task}/schedstat`, 'utf8').split(' ')
    return Number(nanos) / 1000
  })
}

async function calls(ledger: StoredLedger, until: number): Promise<number> {
  let ended = 0
  while (performance.now() < until) {
    const opened = opening()
    const begun = await ledger.begin(opened)
    if (!begun.granted) throw new Error('a budget without end has no room')
    const { inputNano: _, inputTokens: __, ...labels } = opened
    await ledger.settle({
      ...labels,
      endedAt: Date.now(),
      tokens: { input: 10, output: 5 },
      nanoUsd: 50,
      source: 'provider',
      status: 'succeeded',
      latencyMs: 4,
    })
    ended += 1
  }
  return ended
}

/** On a budget of its own, which never runs out. */
async function durable(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-ledger-'))
  const commits: number[] = []
  const database = await openDatabase({
    file: join(folder, 'patchbay.db'),
    durability: 'strict',
    now: Date.now,
    tell: (fact) => {
      if (fact.type === 'store-committed') commits.push(fact.operations)
    },
  })
  try {
    const ledger = new StoredLedger({ database, holder: 'bench', now: Date.now, leaseMs: 15_000 })
    const atOnce = Number(flags['at-once'])
    const run = async (seconds: number): Promise<number> => {
      const until = performance.now() + seconds * 1000
      const ended = await Promise.all(
        Array.from({ length: atOnce }, async () => calls(ledger, until)),
      )
      return ended.reduce((sum, one) => sum + one, 0)
    }
    await run(1)
    commits.length = 0
    const before = threads()
    const startedAt = performance.now()
    const ended = await run(Number(flags.seconds))
    const seconds = (performance.now() - startedAt) / 1000
    const micros = threads().map((after, at) => (after - (before[at] ?? 0)) / ended)
    const rows = ended * (flags.budget ? 3 : 2)
    const operations = commits.reduce((sum, one) => sum + one, 0)
    process.stdout.write(
      [
        `${Math.round(ended / seconds)} calls a second, ${Math.round(rows / seconds)} durable rows, ${atOnce} at once`,
        `${Math.round(commits.length / seconds)} commits a second, ${(operations / commits.length).toFixed(1)} operations in each`,
        `${micros.reduce((sum, one) => sum + one, 0).toFixed(1)} µs of processor a call; by thread: ${micros.map((one) => one.toFixed(1)).join(' ')}`,
        '',
      ].join('\n'),
    )
  } finally {
    await database.close()
    rmSync(folder, { recursive: true })
  }
}

/** Of the best windows, which take turns. */
async function metering(): Promise<void> {
  const upstream = await startNode('load', join(import.meta.dirname, 'upstream.ts'))
  try {
    const at = { url: `http://127.0.0.1:${upstream.port}`, port: upstream.port }
    const best = { real: 0, unmetered: 0 }
    for (let round = 1; round <= Number(flags.rounds); round += 1) {
      for (const profile of ['real', 'unmetered'] as const) {
        const started = await patchbay(profile).start(at)
        const lane = started.lanes.find(({ kind }) => kind === 'patch')
        if (lane === undefined) throw new Error('there is no lane to measure')
        await THROUGHPUT.measure(lane, WARM_UP_SECONDS)
        const { perSecond = 0 } = await THROUGHPUT.measure(lane, Number(flags.seconds))
        best[profile] = Math.max(best[profile], perSecond)
        await started.stop()
      }
    }
    const share = Math.round((100 * best.real) / best.unmetered)
    process.stdout.write(
      `${Math.round(best.real)} requests a second with metering, ${Math.round(best.unmetered)} without: ${share} %\n`,
    )
  } finally {
    await upstream.stop()
  }
}

await durable()
if (Number(flags.rounds) > 0) await metering()
