// patchbay health: can the running Patchbay answer?
import { Command } from 'commander'
import { type JsonObject, ObjectReader } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withServer } from '../options.ts'
import { credentialRows } from '../credential-text.ts'
import { limitsLine } from '../limits-line.ts'
import { healthByName } from '../provider-health.ts'
import { standingText } from '../standing-text.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'

export function healthCommand(terminal: Terminal): Command {
  return withServer(new Command('health'))
    .description('check every provider; fails when none is healthy')
    .option('--key <key>', 'the client key (default: $PATCHBAY_KEY)')
    .action((options: SharedOptions) => health(terminal, options))
}

function targetRows(
  provider: string,
  targets: readonly JsonObject[],
): readonly (readonly string[])[] {
  return targets.map((target) => {
    const reader = new ObjectReader(target, provider)
    const key = reader.optionalString('credential')
    const name = `${provider}/${reader.string('model')}${key === undefined ? '' : `#${key}`}`
    return [name, standingText(reader)]
  })
}

async function health(terminal: Terminal, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'client')
  const reports = await healthByName(connection)
  const healthy = [...reports.values()].some((report) => report.healthy)
  if (options.json === true) {
    const providers = Object.fromEntries(
      [...reports].map(([name, { latencyMs, ...report }]) => [
        name,
        { ...report, latency_ms: latencyMs },
      ]),
    )
    printJson(terminal, { healthy, url: connection.url, providers })
  } else {
    const all = [...reports.values()]
    const keyed = all.some(({ key }) => key !== undefined)
    const limited = all.some(({ limits }) => limits !== undefined)
    const rows = [...reports].map(([name, report]) => [
      name,
      report.healthy ? 'healthy' : 'not healthy',
      report.latencyMs === undefined ? '' : `${report.latencyMs} ms`,
      ...(keyed ? [report.key ?? ''] : []),
      ...(limited ? [limitsLine(report.limits)] : []),
      report.reason ?? '',
    ])
    const more = [...(keyed ? ['KEY'] : []), ...(limited ? ['LEFT'] : [])]
    const head = ['PROVIDER', 'HEALTH', 'LATENCY', ...more, 'WHY']
    print(terminal, table([head, ...rows]))
    const asked = [...reports].flatMap(([name, { targets = [] }]) => targetRows(name, targets))
    if (asked.length > 0) print(terminal, `\n${table([['TARGET', 'STATE'], ...asked])}`)
    const keys = [...reports].flatMap(([name, { credentials = [] }]) =>
      credentialRows(name, credentials),
    )
    if (keys.length > 0) print(terminal, `\n${table([['KEY', 'STATE'], ...keys])}`)
  }
  if (healthy) return
  const message =
    reports.size === 0
      ? 'No provider is registered that this key may use.'
      : 'No provider is healthy, so nothing can be answered.'
  throw new CommandFailure(message, {
    code: EXIT.unavailable,
    reported: true,
    next: 'See why, and what to do: patchbay doctor',
  })
}
