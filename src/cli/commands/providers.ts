// patchbay providers list|add|remove|default|test: the providers of a running Patchbay.
import { Command, Option } from 'commander'
import { type JsonObject, ObjectReader } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withServer } from '../options.ts'
import { asideLines } from '../aside-lines.ts'
import { healthByName } from '../provider-health.ts'
import { type Terminal, print, printJson, say, table } from '../terminal.ts'
import type { KeyOptions } from '../given-key.ts'
import { type AddOptions, addProvider } from './add-provider.ts'
import { FIRST_LABEL, changeKey, liftKey } from './credentials.ts'

export function providersCommand(terminal: Terminal): Command {
  const group = new Command('providers').description('the providers of a running Patchbay')
  group.addCommand(
    withServer(new Command('list'))
      .description('list them')
      .action((options: SharedOptions) => list(terminal, options)),
  )
  group.addCommand(addCommand(terminal))
  group.addCommand(
    withServer(new Command('remove'))
      .description('remove one; one that was found, until Patchbay starts again')
      .argument('<name>')
      .action((name: string, options: SharedOptions) => remove(terminal, name, options)),
  )
  group.addCommand(
    withServer(new Command('default'))
      .description('make one the default')
      .argument('<name>')
      .action((name: string, options: SharedOptions) => makeDefault(terminal, name, options)),
  )
  group.addCommand(keyCommand(terminal))
  group.addCommand(
    withServer(new Command('lift'))
      .description('use a key again that its provider refused')
      .argument('<name>')
      .argument('[label]', `which of its keys (default: ${FIRST_LABEL})`)
      .action((name: string, label: string | undefined, options: SharedOptions) =>
        liftKey(terminal, { name, label: label ?? FIRST_LABEL }, options),
      ),
  )
  group.addCommand(
    withServer(new Command('test'))
      .description('check that one is reachable and lists its models; costs nothing')
      .argument('<name>')
      .action((name: string, options: SharedOptions) => test(terminal, name, options)),
  )
  return group
}

function addCommand(terminal: Terminal): Command {
  return withServer(new Command('add'))
    .description('add one')
    .argument('<name>', 'what to call it: clients ask for name/model')
    .option('--type <type>', 'its kind: ollama, openai, anthropic, custom ... (default: its name)')
    .option('--base-url <url>', 'where it listens, when not at its usual address')
    .option('--key-env <NAME>', 'the environment variable that holds its key')
    .option('--key-stdin', 'read its key from stdin')
    .option('--models <names>', 'the models to offer, separated by commas')
    .option('--default-model <model>', 'the model for requests that name none')
    .option('--default', 'make it the default provider')
    .option('--save', 'write it into the configuration file too, the key as ${NAME}')
    .addOption(new Option('--key <key>').hideHelp())
    .addOption(new Option('--api-key <key>').hideHelp())
    .action((name: string, options: AddOptions) => addProvider(terminal, name, options))
}

function keyCommand(terminal: Terminal): Command {
  return withServer(new Command('key'))
    .description('give one another key, from the next call on')
    .argument('<name>')
    .argument('[label]', `which of its keys (default: ${FIRST_LABEL}); a new label adds one`)
    .option('--key-env <NAME>', 'the environment variable that holds the new key')
    .option('--key-stdin', 'read the new key from stdin')
    .addOption(new Option('--key <key>').hideHelp())
    .addOption(new Option('--api-key <key>').hideHelp())
    .action((name: string, label: string | undefined, options: SharedOptions & KeyOptions) =>
      changeKey(terminal, { name, label: label ?? FIRST_LABEL }, options),
    )
}

async function list(terminal: Terminal, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = ObjectReader.of(
    await connection.json({ method: 'GET', path: '/api/providers' }),
    '',
  )
  if (options.json === true) return printJson(terminal, answer.source)
  const rows = answer.items('providers').map(({ value, path }) => {
    const entry = ObjectReader.of(value, path)
    return [
      entry.string('name'),
      entry.string('provider_type'),
      entry.optionalString('locality') ?? '',
      entry.optionalBoolean('enabled') === false ? 'no' : 'yes',
      keysText(entry),
      entry.optionalBoolean('is_default') === true ? 'yes' : '',
      entry.optionalString('source') ?? '',
    ]
  })
  print(
    terminal,
    table([['NAME', 'TYPE', 'WHERE', 'ENABLED', 'KEY', 'DEFAULT', 'SOURCE'], ...rows]),
  )
  for (const line of asideLines(answer, 'patchbay providers remove')) say(terminal, line)
}

/** `yes`, or each label with what is wrong with it. */
function keysText(entry: ObjectReader): string {
  if (entry.optionalBoolean('has_key') !== true) return '-'
  const keys = (entry.optionalItems('credentials') ?? []).map(({ value, path }) => {
    const key = ObjectReader.of(value, path)
    const state = key.string('state')
    return state === 'ok' ? key.string('name') : `${key.string('name')} (${state})`
  })
  return keys.length < 2 && !keys.some((key) => key.includes('(')) ? 'yes' : keys.join(', ')
}

async function remove(terminal: Terminal, name: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'DELETE', path: pathOf(name) })
  if (options.json === true) printJson(terminal, answer)
  else print(terminal, `Removed ${name}.`)
}

async function makeDefault(
  terminal: Terminal,
  name: string,
  options: SharedOptions,
): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'POST', path: `${pathOf(name)}/default` })
  if (options.json === true) printJson(terminal, answer)
  else print(terminal, `${name} is the default provider now.`)
}

async function test(terminal: Terminal, name: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const reports = await healthByName(connection)
  const health = reports.get(name)
  if (health === undefined) {
    throw new CommandFailure(
      `There is no provider called ${name}. Known: ${[...reports.keys()].join(', ')}.`,
      { code: EXIT.failure, next: 'See them all with: patchbay providers list' },
    )
  }
  const models = health.healthy ? await modelsOf(connection, name) : []
  const verdict: JsonObject = {
    provider: name,
    healthy: health.healthy,
    ...(health.reason === undefined ? {} : { reason: health.reason }),
    latency_ms: health.latencyMs ?? null,
    models: [...models],
  }
  if (options.json === true) printJson(terminal, verdict)
  else if (health.healthy) {
    print(
      terminal,
      `${name} is healthy (${health.latencyMs ?? '?'} ms) and lists ${models.length === 1 ? '1 model' : `${models.length} models`}.`,
    )
  }
  if (health.healthy) return
  throw new CommandFailure(`${name} is not healthy: ${health.reason ?? 'it does not say why'}`, {
    code: EXIT.unavailable,
    reported: true,
  })
}

async function modelsOf(connection: Connection, name: string): Promise<readonly string[]> {
  const answer = await connection.json({ method: 'GET', path: `${pathOf(name)}/models` })
  return ObjectReader.of(answer, '')
    .items('models')
    .map(({ value, path }) => ObjectReader.of(value, path).string('id'))
}

function pathOf(name: string): string {
  return `/api/providers/${encodeURIComponent(name)}`
}
