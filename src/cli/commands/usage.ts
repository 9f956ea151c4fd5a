// patchbay usage: what was used and what it cost, as a table, as CSV or as JSON.
import { Command } from 'commander'
import { readBody } from '../../transport/read-body.ts'
import { ObjectReader, isObject, tryParseJson } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { type SharedOptions, withServer } from '../options.ts'
import { refusalOf } from '../refusal.ts'
import { type Terminal, print, printJson, say, table } from '../terminal.ts'

export function usageCommand(terminal: Terminal): Command {
  return withServer(new Command('usage'))
    .description('what was used and what it cost; with a client key, what that key used')
    .option(
      '--by <groups>',
      'hour, day, month, model, provider, key, team, route, tag:NAME',
      'model',
    )
    .option('--from <time>', 'a date or a time in UTC (default: 30 days ago)')
    .option('--to <time>', 'until just before it (default: now)')
    .option('--model <name>', 'only of one model, as provider/model')
    .option('--provider <name>', 'only of one provider')
    .option('--of-key <id>', 'only of one key, by its public id')
    .option('--team <id>', 'only of one team')
    .option('--route <name>', 'only of one route')
    .option('--tag <name:value>', 'only what has this tag')
    .option('--key <key>', 'the client key (default: $PATCHBAY_KEY)')
    .option('--csv', 'print every attempt as CSV instead of sums')
    .action((options: UsageOptions) => usage(terminal, options))
}

const MAX_REFUSAL = 1024 * 1024

interface UsageOptions extends SharedOptions {
  readonly by: string
  readonly from?: string
  readonly to?: string
  readonly model?: string
  readonly provider?: string
  readonly ofKey?: string
  readonly team?: string
  readonly route?: string
  readonly tag?: string
  readonly csv?: true
}

async function usage(terminal: Terminal, options: UsageOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const asked = filterIn(options)
  if (options.csv === true) {
    const query = new URLSearchParams(asked)
    return exported(terminal, connection, `/api/usage/export?${query.toString()}`)
  }
  const groups: ObjectReader[] = []
  let after: string | undefined
  let answer: ObjectReader
  do {
    const page = { ...asked, group_by: options.by, limit: '500' }
    const query = new URLSearchParams(after === undefined ? page : { ...page, after })
    answer = ObjectReader.of(
      await connection.json({ method: 'GET', path: `/api/usage?${query.toString()}` }),
      '',
    )
    groups.push(...answer.items('groups').map(({ value, path }) => ObjectReader.of(value, path)))
    after = answer.value('next') === null ? undefined : answer.string('next')
  } while (after !== undefined)
  const totals = answer.object('totals')
  if (options.json === true) {
    const { next: _, ...rest } = answer.source
    return printJson(terminal, { ...rest, groups: groups.map(({ source }) => source) })
  }
  const names = options.by.split(',').map((name) => name.trim())
  const heads = [
    ...names.map((name) => name.toUpperCase()),
    'REQUESTS',
    'ERRORS',
    'INPUT',
    'OUTPUT',
    'USD',
  ]
  const rows = groups.map((group) => [...names.map((name) => shown(group, name)), ...cells(group)])
  const last = [...names.map((_, at) => (at === 0 ? 'all' : '')), ...cells(totals)]
  print(terminal, table([heads, ...rows, last]))
  const unpriced = totals.optionalNumber('unpriced') ?? 0
  if (unpriced > 0) {
    say(
      terminal,
      `${unpriced} attempts went to models whose price nobody knows: see patchbay prices`,
    )
  }
}

/** Passed on as it comes. */
async function exported(terminal: Terminal, connection: Connection, path: string): Promise<void> {
  const response = await connection.send({ method: 'GET', path })
  if (response.status >= 400) {
    throw refusalOf(response.status, tryParseJson(await readBody(response.body, MAX_REFUSAL)))
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const piece of response.body) {
    terminal.stdout.write(decoder.decode(piece, { stream: true }))
  }
}

function filterIn(options: UsageOptions): Record<string, string> {
  const { from, to, model, provider, ofKey: key_id, team, route, tag } = options
  const given = { from, to, model, provider, key_id, team, route, tag }
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

function shown(group: ObjectReader, name: string): string {
  const value = group.value(name)
  if (typeof value !== 'string') return '-'
  return /^\d{4}-/.test(value) ? value.replace(/:00\.000Z$/, 'Z').replace(/T00:00Z$/, '') : value
}

function cells(sum: ObjectReader): readonly string[] {
  const tokens = sum.value('tokens')
  const count = (kind: string): string => {
    const value = isObject(tokens) ? tokens[kind] : undefined
    return typeof value === 'number' ? String(value) : ''
  }
  return [
    String(sum.optionalNumber('requests') ?? 0),
    String(sum.optionalNumber('errors') ?? 0),
    count('input'),
    count('output'),
    sum.string('cost_usd'),
  ]
}
