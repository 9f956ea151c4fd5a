// patchbay prices [model]|update: what models cost, who says so, and a newer list.
import { Command } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import { digestOf, keepNewerList } from '../../prices/newer-list.ts'
import { readPriceUpdate } from '../../prices/price-update.ts'
import { createTransport } from '../../transport/http-transport.ts'
import { type Json, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withConfig, withJson, withServer } from '../options.ts'
import { priceListText } from '../price-source.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'

export function pricesCommand(terminal: Terminal): Command {
  const group = withServer(new Command('prices'))
    .description('what models cost in US dollars, and who says so')
    .argument('[model]', 'one model, as requests name it (default: all)')
    .option('--key <key>', 'the client key (default: $PATCHBAY_KEY)')
    .action((model: string | undefined, options: SharedOptions) => show(terminal, model, options))
  group.addCommand(
    withJson(withConfig(new Command('update')))
      .description(
        'take a newer public list of prices; models and prices are all that is read of it',
      )
      .requiredOption('--from <place>', 'a file, or an https address')
      .option('--sha256 <hex>', 'the digest that the list must have')
      .action((_: UpdateOptions, command: Command) =>
        update(terminal, command.optsWithGlobals<UpdateOptions>()),
      ),
  )
  return group
}

interface UpdateOptions extends SharedOptions {
  readonly from: string
  readonly sha256?: string
}

async function show(
  terminal: Terminal,
  model: string | undefined,
  options: SharedOptions,
): Promise<void> {
  const connection = await Connection.open(terminal, options, 'client')
  const query = model === undefined ? '' : `?model=${encodeURIComponent(model)}`
  const answer = await connection.json({ method: 'GET', path: `/api/prices${query}` })
  if (options.json === true) return printJson(terminal, answer)
  const prices = ObjectReader.of(answer, '')
    .items('prices')
    .map(({ value, path }) => ObjectReader.of(value, path))
  const [first] = prices
  if (model !== undefined && first !== undefined) return print(terminal, detail(first))
  const rows = prices.map((price) => {
    const { input, output } = perMillion(price)
    return [price.string('model'), input, output, whyOf(price)]
  })
  print(terminal, table([['MODEL', 'INPUT', 'OUTPUT', 'SOURCE'], ...rows]))
}

/** Of a million tokens. */
function perMillion(price: ObjectReader): { readonly input: string; readonly output: string } {
  const rates = price.value('per_million')
  const of = (name: string): string => {
    const rate = isObject(rates) ? rates[name] : undefined
    return typeof rate === 'number' ? String(rate) : ''
  }
  return { input: of('input'), output: of('output') }
}

function whyOf(price: ObjectReader): string {
  switch (price.string('source')) {
    case 'free':
      return 'free: it runs on a machine of yours'
    case 'config':
      return 'prices in your configuration'
    case 'list':
      return `${price.optionalString('name') ?? ''} in ${price.optionalString('list') ?? 'the public list'}`
    default:
      return 'unknown: name one under prices in patchbay.yaml'
  }
}

function detail(price: ObjectReader): string {
  const rows = [
    ...rowsIn('', price.value('per_million')),
    ...rowsIn('each request', price.value('per_request')),
    ...rowsIn('each ', price.value('per_tool_call')),
    ...(isArray(price.source['tiers']) ? price.items('tiers') : []).flatMap(({ value, path }) => {
      const tier = ObjectReader.of(value, path)
      const above = tier.optionalNumber('above_input_tokens') ?? 0
      return rowsIn(`above ${above} tokens: `, tier.value('per_million'))
    }),
    ...servicesIn(price.value('services')),
  ]
  const version = price.optionalString('version')
  const head = [
    price.string('model'),
    `  ${whyOf(price)}`,
    ...(version === undefined ? [] : [`  ${version}`]),
  ]
  return [...head, ...(rows.length === 0 ? [] : [table([['', 'US DOLLARS'], ...rows])])].join('\n')
}

function servicesIn(services: Json | undefined): readonly string[][] {
  if (!isObject(services)) return []
  return Object.entries(services).flatMap(([name, tariff]) =>
    isObject(tariff) ? rowsIn(`${name}: `, tariff['per_million']) : [],
  )
}

function rowsIn(prefix: string, value: Json | undefined): readonly string[][] {
  if (typeof value === 'number') return [[prefix, String(value)]]
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, rate]) =>
    typeof rate === 'number' ? [[`${prefix}${name}`, String(rate)]] : [],
  )
}

async function update(terminal: Terminal, options: UpdateOptions): Promise<void> {
  const { env, cwd } = terminal
  const { from, sha256, config: file } = options
  const place = await loadConfig({ env, cwd, ...compact({ file }) })
  const transport = createTransport()
  const text = await priceListText(from, { cwd, transport }).finally(() => transport.close())
  const digest = digestOf(text)
  if (sha256 !== undefined && sha256.toLowerCase() !== digest) {
    throw new CommandFailure(`The list has the digest ${digest}, not ${sha256}.`, {
      code: EXIT.failure,
      next: 'It is not the one that you mean. Nothing has changed.',
    })
  }
  const list = readPriceUpdate(text)
  const path = await keepNewerList(place, list)
  const { models, skipped } = list
  if (options.json === true) return printJson(terminal, { path, models, skipped, sha256: digest })
  const left = skipped === 0 ? '' : ` ${skipped} are told by a pattern, and stay as they were.`
  print(terminal, `${path} has the prices of ${models} models (sha256 ${digest}).${left}`)
  print(terminal, 'A running Patchbay uses them after: patchbay reload')
}
