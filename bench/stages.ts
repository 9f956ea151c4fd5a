// `npm run bench:stages`: where the processor's time of a call goes, by stage, file and function, from V8's own sampling profiler.
// `-- --profile real --lane translate --scenario fast-streams --top 40`
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startNode } from './processes.ts'
import { cpuNanos } from './process-cost.ts'
import { BUDGETS, STAGES, type Profile, costs } from './report/stages.ts'
import { FULL } from './scenarios.ts'
import { patchbay } from './subjects/patchbay.ts'

const { values: flags } = parseArgs({
  options: {
    profile: { type: 'string', default: 'bare' },
    lane: { type: 'string', default: 'patch' },
    scenario: { type: 'string', default: 'throughput' },
    seconds: { type: 'string', default: '6' },
    top: { type: 'string', default: '25' },
  },
})

const WARM_UP_SECONDS = 4

function verdict(micros: number, budget: number): string {
  return ` (budget ${budget}${micros > budget ? `, over by ${(micros - budget).toFixed(1)}` : ''})`
}

async function main(): Promise<void> {
  const profile = flags.profile === 'real' ? 'real' : 'bare'
  const scenario = FULL.find(({ name }) => name === flags.scenario)
  if (scenario === undefined) throw new Error(`No scenario is called ${flags.scenario}`)
  // Budgets are for this kind of call alone.
  const isSmallCall = flags.scenario === 'throughput' && flags.lane === 'patch'
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-stages-'))
  const upstream = await startNode('load', join(import.meta.dirname, 'upstream.ts'))
  try {
    const at = { url: `http://127.0.0.1:${upstream.port}`, port: upstream.port }
    const args = ['--cpu-prof', '--cpu-prof-interval', '250', `--cpu-prof-dir=${folder}`]
    const started = await patchbay(profile, args).start(at)
    const lane = started.lanes.find(({ kind }) => kind === flags.lane)
    if (lane === undefined) throw new Error(`No lane is called ${flags.lane}`)
    await scenario.measure(lane, WARM_UP_SECONDS)
    const before = cpuNanos(started.pids())
    const { work, errors } = await scenario.measure(lane, Number(flags.seconds))
    const nanos = cpuNanos(started.pids()) - before
    await started.stop()
    const each = nanos / 1000 / work
    const lines = [
      `patchbay ${profile}, ${flags.lane}, ${scenario.title}: ${each.toFixed(0)} µs of processor per ${scenario.unit} while it is sampled; ${errors} errors`,
    ]
    for (const file of readdirSync(folder)) {
      const sampled: Profile = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      const found = costs(sampled, Number(flags.seconds) * 1e6)
      if (found.busyMicros < 0.02 * (nanos / 1000)) continue
      const share = (micros: number): string => (micros / work).toFixed(1).padStart(9)
      lines.push(
        '',
        `thread ${file.split('.').at(-2) ?? ''}: ${(found.busyMicros / work).toFixed(0)} µs`,
      )
      lines.push('', '  by stage')
      for (const stage of STAGES) {
        const micros = found.stages.get(stage) ?? 0
        const budget = isSmallCall ? BUDGETS[profile][stage] : undefined
        lines.push(
          `${share(micros)}  ${stage}${budget === undefined ? '' : verdict(micros / work, budget)}`,
        )
      }
      for (const [title, of] of [
        ['by file', found.files],
        ['by function, itself', found.functions],
      ] as const) {
        lines.push('', `  ${title}`)
        const sorted = [...of].sort(([, a], [, b]) => b - a).slice(0, Number(flags.top))
        for (const [name, micros] of sorted) lines.push(`${share(micros)}  ${name}`)
      }
    }
    process.stdout.write(`${lines.join('\n')}\n`)
  } finally {
    await upstream.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
