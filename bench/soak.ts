// `npm run soak` in this folder: very many requests and streams against one gateway, and whether anything of them stays: memory, heap, handles, files.
// `-- --requests 1000000 --streams 100000 --rounds 20 --profile real --minutes 60`: it ends with what comes first, the counts or the time.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { closedLoop } from './load/wrk.ts'
import { residentBytes } from './process-cost.ts'
import { run, startNode } from './processes.ts'
import { type Point, slopeOf } from './report/slope.ts'
import type { Lane } from './subject.ts'
import { patchbay } from './subjects/patchbay.ts'
import { chatBody } from './words.ts'

const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    streams: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '120' },
    profile: { type: 'string', default: 'real' },
    /** Each round: seconds that a piece of load takes at the most. */
    seconds: { type: 'string', default: '5' },
  },
})

/** Longer than unused connections are kept. */
const REST_MS = 6000
/** Code is compiled, caches and pools fill: the first third of the rounds does not count. */
const WARM_UP = 1 / 3

interface Sample {
  readonly calls: number
  readonly resident: number
  readonly heapUsed: number
  readonly external: number
  readonly handles: number
  readonly files: number
}

const WATCHED = ['resident', 'heapUsed', 'external', 'handles', 'files'] as const

const until = Date.now() + Number(flags.minutes) * 60_000
/** A busy machine refuses calls: they are told, and not counted as done. */
let failed = 0

async function requests(lane: Lane, count: number): Promise<number> {
  const body = chatBody({ model: lane.model('m') })
  const seconds = Number(flags.seconds)
  let done = 0
  while (done < count && Date.now() < until) {
    const window = await closedLoop(lane, { body, connections: 32, seconds })
    failed += window.errors
    done += window.requests - window.errors
  }
  return done
}

async function streams(lane: Lane, count: number): Promise<number> {
  const { url, headers } = lane
  const body = chatBody({ model: lane.model('m'), stream: true })
  const path = join(import.meta.dirname, 'load', 'streams.ts')
  const asked = { url, headers, body, streams: 16, seconds: Number(flags.seconds), again: true }
  let done = 0
  while (done < count && Date.now() < until) {
    const said = JSON.parse(
      await run('load', { program: process.execPath, args: [path, JSON.stringify(asked)] }),
    )
    failed += said.errors
    done += said.whole
  }
  return done
}

async function sample(pid: number, probe: string, calls: number): Promise<Sample> {
  await new Promise((resolve) => setTimeout(resolve, REST_MS))
  const lines = (): readonly string[] => {
    try {
      return readFileSync(probe, 'utf8').split('\n').filter(Boolean)
    } catch {
      return []
    }
  }
  const before = lines().length
  process.kill(pid, 'SIGUSR2')
  while (lines().length === before) await new Promise((resolve) => setTimeout(resolve, 50))
  const left = JSON.parse(lines().at(-1) ?? '{}')
  const files = readdirSync(`/proc/${pid}/fd`).length
  return { calls, resident: residentBytes([pid]), files, ...left }
}

function shown(samples: readonly Sample[]): readonly string[] {
  const counted = samples.slice(Math.floor(samples.length * WARM_UP))
  const lines = [
    '| what | first | last | slope per 1,000 calls | by chance | verdict |',
    '|---|---|---|---|---|---|',
  ]
  for (const what of WATCHED) {
    const points: Point[] = counted.map((one) => ({ x: one.calls / 1000, y: one[what] }))
    const { slope, error, verdict } = slopeOf(points)
    const [first, last] = [counted[0]?.[what] ?? 0, counted.at(-1)?.[what] ?? 0]
    lines.push(
      `| ${what} | ${first} | ${last} | ${slope.toFixed(1)} | ± ${(3 * error).toFixed(1)} | ${verdict} |`,
    )
    if (verdict === 'rises') process.exitCode = 1
  }
  return lines
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-soak-'))
  const probe = join(folder, 'probe.jsonl')
  process.env['BENCH_PROBE'] = probe
  const upstream = await startNode('load', join(import.meta.dirname, 'upstream.ts'))
  const args = ['--expose-gc', '--import', join(import.meta.dirname, 'soak-probe.ts')]
  const at = { url: `http://127.0.0.1:${upstream.port}`, port: upstream.port }
  const profile = flags.profile === 'bare' ? 'bare' : 'real'
  const started = await patchbay(profile, args).start(at)
  const [pid = 0] = started.pids()
  const rounds = Number(flags.rounds)
  const samples: Sample[] = []
  let calls = 0
  try {
    for (let round = 0; round < rounds && Date.now() < until; round += 1) {
      for (const lane of started.lanes) {
        const share = rounds * started.lanes.length
        calls += await requests(lane, Number(flags.requests) / share)
        calls += await streams(lane, Number(flags.streams) / share)
      }
      const one = await sample(pid, probe, calls)
      samples.push(one)
      process.stderr.write(`${JSON.stringify(one)}\n`)
    }
  } finally {
    await started.stop()
    await upstream.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  process.stdout.write(
    `${profile}, ${calls} calls, ${failed} more refused or broken\n\n${shown(samples).join('\n')}\n`,
  )
}

await main()
