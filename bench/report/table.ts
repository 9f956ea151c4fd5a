// The report in Markdown: for each scenario every lane, ranked by its best window, with all windows beside it.
import type { Conditions } from '../conditions.ts'
import type { Scenario } from '../scenarios.ts'
import type { StartUp } from '../start-up.ts'
import type { Window } from '../windows.ts'
import { type Row, leastOf, rowsOf } from './rows.ts'
import { type Verdict, verdicts } from './targets.ts'

export interface Report {
  readonly conditions: Conditions
  readonly missing: readonly string[]
  readonly windows: readonly Window[]
  readonly startUps: readonly StartUp[]
}

export function markdown(report: Report, scenarios: readonly Scenario[]): string {
  const { conditions: c, missing, windows, startUps } = report
  const direct = windows.filter(({ role }) => role === 'direct')
  return [
    '# Benchmark\n',
    `${c.at}, commit ${c.commit}, Node ${c.node}, Linux ${c.kernel}, ${c.cpu}, ${c.cores} cores, ${c.memoryGiB} GiB; ${c.pinned ? 'gateways on core 1, load and upstream on core 0' : 'nothing pinned'}; load before: ${c.loadBefore.toFixed(2)}.\n`,
    missing.length === 0 ? '' : `Not measured: ${missing.join('; ')}.\n`,
    targetTable(verdicts(report)),
    ...scenarios.map((scenario) => section(scenario, rowsOf(windows, scenario.name), direct)),
    startTable(startUps),
  ].join('\n')
}

function section(scenario: Scenario, rows: readonly Row[], direct: readonly Window[]): string {
  const base = direct.filter(({ scenario: name }) => name === scenario.name)
  const hasDelay = rows.some(({ windows }) =>
    windows.some(({ delayP99 }) => delayP99 !== undefined),
  )
  const hasStreams = rows.some(({ windows }) =>
    windows.some(({ streams }) => streams !== undefined),
  )
  const columns = hasStreams
    ? ['first byte p50', 'first byte p99', ...(hasDelay ? ['delay p50', 'delay p99'] : [])]
    : ['p50', 'p99', 'added p50']
  const head = [
    'lane',
    `CPU µs/${scenario.unit}`,
    'of the floor',
    'per second',
    ...columns,
    ...(scenario.holdsOpen === true ? ['KB each'] : []),
    'errors',
    'CPU of all windows',
  ]
  const lines = rows.map((row) => {
    const { windows } = row
    const best = (read: (window: Window) => number | undefined): number | undefined =>
      leastOf(windows.map((window) => read(window)))
    const direct = leastOf(base.map(({ p50 }) => p50))
    const p50 = best((window) => window.p50)
    const added = p50 === undefined || direct === undefined ? undefined : p50 - direct
    const grown = best((window) => (window.grown ?? NaN) / Math.max(1, window.streams ?? 1) / 1024)
    return [
      row.role === 'ours' ? `**${row.name}**` : row.name,
      whole(row.cpu),
      row.ratio === undefined ? '' : row.ratio.toFixed(2),
      whole(Math.max(...windows.map(({ perSecond = 0 }) => perSecond))),
      ...(hasStreams
        ? [
            time(best((window) => window.firstByteP50)),
            time(best((window) => window.firstByteP99)),
            ...(hasDelay
              ? [time(best((window) => window.delayP50)), time(best((window) => window.delayP99))]
              : []),
          ]
        : [time(p50), time(best((window) => window.p99)), time(added)]),
      ...(scenario.holdsOpen === true ? [whole(grown)] : []),
      String(windows.reduce((sum, { errors }) => sum + errors, 0)),
      windows.map(({ cpuMicros }) => whole(cpuMicros)).join(' '),
    ]
  })
  return `## ${scenario.title}\n\n${table(head, lines)}\n`
}

function targetTable(all: readonly Verdict[]): string {
  const lines = all
    .filter(({ measured }) => measured !== undefined)
    .map(({ what, measured = 0, bound, holds, unit }) => [
      what,
      `${bound} ${unit}`,
      `${measured.toPrecision(3)} ${unit}`,
      holds === true ? 'yes' : '**no**',
    ])
  return `## Targets\n\n${table(['what', 'target', 'measured', 'holds'], lines)}\n`
}

function startTable(startUps: readonly StartUp[]): string {
  const lines = startUps.map(({ subject, readyMs, idleBytes }) => [
    subject,
    `${whole(leastOf(readyMs))} ms`,
    `${whole((leastOf(idleBytes) ?? 0) / 2 ** 20)} MiB`,
    readyMs.map((value) => whole(value)).join(' '),
  ])
  return `## Start\n\n${table(['subject', 'ready after', 'idle', 'all runs (ms)'], lines)}\n`
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rule = head.map((_, at) => (at === 0 ? '---' : '--:'))
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function whole(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value)
    ? ''
    : Math.round(value).toLocaleString('en-US')
}

/** Microseconds, as milliseconds. */
function time(micros: number | undefined): string {
  return micros === undefined ? '' : `${(micros / 1000).toFixed(2)} ms`
}
