// patchbay secret: the secrets in the vault, by name and version. None is taken as an argument, and none is shown but at a terminal.
import { Command, InvalidArgumentError } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { keyJson } from '../../server/vault/desk-words.ts'
import { exactOrigin } from '../../vault/origin.ts'
import { type JsonObject, ObjectReader } from '../../wire/json.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type KeyOptions, keyOf, refuseKeyArgument } from '../given-key.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'
import { type Desk, type DeskOptions, keysFor, withOpenDesk } from '../vault/desk.ts'
import { withVault } from '../vault/options.ts'
import { askedKey } from '../vault/typed-key.ts'
import { hiddenLine } from '../hidden-line.ts'

interface PutOptions extends DeskOptions, KeyOptions {
  readonly type?: string
  readonly forUrl?: string
  readonly pending?: true
  readonly expires?: string
}

interface VersionOptions extends DeskOptions {
  readonly secretVersion?: number
}

export function secretCommand(terminal: Terminal): Command {
  const group = new Command('secret').description('secrets in the vault')
  group.addCommand(
    withValue(new Command('add'))
      .description('keep a secret for one provider at one address')
      .argument('<name>')
      .requiredOption('--type <type>', 'the type of provider that it is for')
      .requiredOption('--for-url <url>', 'the address that it is for')
      .action((name: string, options: PutOptions) => add(terminal, name, options)),
  )
  group.addCommand(
    withValue(new Command('rotate'))
      .description('keep another version of it, for the same provider and address')
      .argument('<name>')
      .action((name: string, options: PutOptions) => rotate(terminal, name, options)),
  )
  group.addCommand(
    withVault(new Command('activate'))
      .description('use a version that was pending')
      .argument('<name>')
      .requiredOption('--secret-version <number>', 'which version', wholeNumber)
      .action((name: string, options: VersionOptions) =>
        turn(terminal, { id: name, state: 'active' }, options),
      ),
  )
  group.addCommand(
    withVault(new Command('retire'))
      .description('use a version no more, but keep it')
      .argument('<name>')
      .requiredOption('--secret-version <number>', 'which version', wholeNumber)
      .action((name: string, options: VersionOptions) =>
        turn(terminal, { id: name, state: 'retired' }, options),
      ),
  )
  group.addCommand(
    withVault(new Command('rm'))
      .description('remove one version, or all')
      .argument('<name>')
      .option('--secret-version <number>', 'only this version', wholeNumber)
      .action((name: string, options: VersionOptions) => remove(terminal, name, options)),
  )
  group.addCommand(
    withVault(new Command('list'))
      .description('list them, without what they are')
      .action((options: DeskOptions) => list(terminal, options)),
  )
  group.addCommand(
    withVault(new Command('test'))
      .description('whether it opens')
      .argument('<name>')
      .option('--secret-version <number>', 'which version (default: the one in use)', wholeNumber)
      .action((name: string, options: VersionOptions) => test(terminal, name, options)),
  )
  group.addCommand(
    withVault(new Command('reveal'))
      .description('show it, at a terminal only, to who has a key of the vault')
      .argument('<name>')
      .option('--secret-version <number>', 'which version (default: the one in use)', wholeNumber)
      .action((name: string, options: VersionOptions) => reveal(terminal, name, options)),
  )
  return group
}

function withValue(command: Command): Command {
  return withVault(command)
    .option('--key-env <name>', 'the secret is in this environment variable')
    .option('--key-stdin', 'the secret is on stdin')
    .option('--key <secret>', 'not taken: others could see it')
    .option('--pending', 'keep it, but do not use it yet')
    .option('--expires <time>', 'when it ends, as in 2027-01-31')
}

async function add(terminal: Terminal, name: string, options: PutOptions): Promise<void> {
  const { type, forUrl = '' } = options
  const origin = exactOrigin(forUrl)
  const secret = await valueOf(terminal, options)
  await withOpenDesk(terminal, options, (desk) =>
    put(terminal, desk, { id: name, options, secret, whose: { provider_type: type, origin } }),
  )
}

async function rotate(terminal: Terminal, name: string, options: PutOptions): Promise<void> {
  const secret = await valueOf(terminal, options)
  await withOpenDesk(terminal, options, async (desk) => {
    const known = (await secretsIn(desk)).findLast((one) => one.string('id') === name)
    if (known === undefined) {
      throw new CommandFailure(`The vault has no secret "${name}".`, {
        code: EXIT.failure,
        next: 'See which there are: patchbay secret list',
      })
    }
    const whose = {
      provider_type: known.string('provider_type'),
      origin: known.string('origin'),
      kind: known.string('kind'),
    }
    await put(terminal, desk, { id: name, options, secret, whose })
  })
}

interface Putting {
  readonly id: string
  readonly options: PutOptions
  readonly secret: string
  readonly whose: JsonObject
}

async function put(
  terminal: Terminal,
  desk: Desk,
  { id, options, secret, whose }: Putting,
): Promise<void> {
  const { pending, expires } = options
  const kept = await desk.ask('secret-put', {
    id,
    secret,
    ...whose,
    ...compact({ expires_at: expires === undefined ? undefined : timeIn(expires) }),
    state: pending === true ? 'pending' : 'active',
  })
  if (options.json === true) return printJson(terminal, kept.source)
  const { version, state, origin } = {
    version: kept.number('version'),
    state: kept.string('state'),
    origin: kept.string('origin'),
  }
  print(terminal, `Kept ${id}, version ${version} (${state}), for ${origin} alone.`)
}

async function turn(
  terminal: Terminal,
  { id, state }: { readonly id: string; readonly state: string },
  options: VersionOptions,
): Promise<void> {
  await withOpenDesk(terminal, options, async (desk) => {
    const turned = await desk.ask('secret-state', {
      id,
      state,
      ...compact({ version: options.secretVersion }),
    })
    if (options.json === true) return printJson(terminal, turned.source)
    print(terminal, `${id}, version ${turned.number('version')}, is ${turned.string('state')}.`)
  })
}

async function remove(terminal: Terminal, id: string, options: VersionOptions): Promise<void> {
  const { secretVersion: version } = options
  await withOpenDesk(terminal, options, async (desk) => {
    await desk.ask('secret-remove', { id, ...compact({ version }) })
    if (options.json === true) return printJson(terminal, compact({ removed: id, version }))
    print(terminal, `Removed ${id}${version === undefined ? '' : `, version ${version}`}.`)
  })
}

async function list(terminal: Terminal, options: DeskOptions): Promise<void> {
  await withOpenDesk(terminal, options, async (desk) => {
    const secrets = await secretsIn(desk)
    if (options.json === true)
      return printJson(
        terminal,
        secrets.map(({ source }) => source),
      )
    const rows = secrets.map((one) => [
      one.string('id'),
      String(one.number('version')),
      one.optionalBoolean('refused') === true ? 'does not open' : one.string('state'),
      one.string('hint'),
      one.string('fingerprint'),
      one.string('origin'),
      one.string('created_at').slice(0, 10),
      one.optionalString('expires_at')?.slice(0, 10) ?? '',
    ])
    const titles = ['NAME', 'VERSION', 'STATE', 'SECRET', 'FINGERPRINT', 'FOR', 'ADDED', 'EXPIRES']
    print(terminal, table([titles, ...rows]))
  })
}

async function test(terminal: Terminal, id: string, options: VersionOptions): Promise<void> {
  await withOpenDesk(terminal, options, async (desk) => {
    const tested = await desk.ask('secret-test', {
      id,
      ...compact({ version: options.secretVersion }),
    })
    if (options.json === true) return printJson(terminal, tested.source)
    const length = tested.number('length')
    print(terminal, `${id}, version ${tested.number('version')}, opens: ${length} characters.`)
  })
}

async function reveal(terminal: Terminal, id: string, options: VersionOptions): Promise<void> {
  const { stdin, stdout } = terminal
  if (stdin.isTTY !== true || stdout.isTTY !== true || options.json === true) {
    throw new CommandFailure('A secret is shown at a terminal only, to a person.', {
      code: EXIT.permission,
      next: 'To see whether it opens: patchbay secret test',
    })
  }
  await withOpenDesk(terminal, options, async (desk) => {
    const { secretVersion: version } = options
    const again = await askedKey(terminal, 'Passphrase, recovery code, or Enter for the key file: ')
    const keys = again === undefined ? await keysFor(terminal, desk.config, options) : [again]
    const typed = await hiddenLine(terminal, `Type the name of the secret to see it (${id}): `)
    if (typed !== id) throw new CommandFailure('That is not its name.', { code: EXIT.usage })
    const args = { id, keys: keys.map(keyJson), ...compact({ version }) }
    print(terminal, (await desk.ask('secret-reveal', args)).string('secret'))
  })
}

async function secretsIn(desk: Desk): Promise<readonly ObjectReader[]> {
  const listed = await desk.ask('secret-list')
  return listed.items('secrets').map(({ value, path }) => ObjectReader.of(value, path))
}

async function valueOf(terminal: Terminal, options: PutOptions): Promise<string> {
  refuseKeyArgument(options)
  const given = await keyOf(terminal, options)
  if (given !== undefined) return given
  const typed =
    terminal.stdin.isTTY === true ? await hiddenLine(terminal, 'The secret: ') : undefined
  if (typed !== undefined && typed.trim() !== '') return typed.trim()
  throw new CommandFailure('No secret was given.', {
    code: EXIT.usage,
    next: 'For example: pass show openai | patchbay secret add openai --type openai --for-url https://api.openai.com --key-stdin',
  })
}

function timeIn(text: string): string {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time.toISOString()
  throw new CommandFailure(`"${text}" is no time.`, {
    code: EXIT.usage,
    next: 'Write it as 2027-01-31, or 2027-01-31T12:00:00Z.',
  })
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number > 0) return number
  throw new InvalidArgumentError('It must be a whole number from 1.')
}
