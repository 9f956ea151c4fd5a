// patchbay keys create|list|show|set|rotate|revoke|remove|recover: the keys of a Patchbay.
import { Command, Option } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type HoldingOptions, holdingBody, withHolding } from '../keys/holding-options.ts'
import { budgetText, holdingRows } from '../keys/holding-text.ts'
import { everyPage } from '../keys/every-page.ts'
import { recover } from '../keys/recover.ts'
import { type SharedOptions, withConfig, withJson, withServer } from '../options.ts'
import { type Terminal, print, printJson, say, table } from '../terminal.ts'

interface KeyOptions extends SharedOptions, HoldingOptions {
  readonly name?: string
  readonly owner?: string
  readonly role?: string
  readonly team?: string
  readonly parent?: string
  readonly expires?: string
  readonly critical?: true
}

interface RotateOptions extends SharedOptions {
  readonly overlap?: string
}

export function keysCommand(terminal: Terminal): Command {
  const group = new Command('keys').description('keys of clients and admins')
  group.addCommand(
    withKey(withServer(new Command('create')))
      .description('make one; its secret is printed once')
      .argument('<name>', 'for people')
      .option('--team <id>', 'the team that it belongs to')
      .option('--parent <id>', 'the key that it is made under: it may never do more')
      .addOption(
        new Option('--role <role>', 'makes an admin key, with that role').choices([
          'viewer',
          'operator',
          'owner',
        ]),
      )
      .action((name: string, options: KeyOptions) => create(terminal, name, options)),
  )
  group.addCommand(
    withServer(new Command('list'))
      .description('list them, without their secrets')
      .action((options: SharedOptions) => list(terminal, options)),
  )
  group.addCommand(
    withServer(new Command('show'))
      .description('show what one may do')
      .argument('<id>', 'the part behind the prefix: pb_live_<id>_...')
      .action((id: string, options: SharedOptions) => show(terminal, id, options)),
  )
  group.addCommand(
    withKey(withServer(new Command('set')))
      .description('change what one may do; what is not said stays')
      .argument('<id>')
      .option('--name <name>', 'for people')
      .action((id: string, options: KeyOptions) => set(terminal, id, options)),
  )
  group.addCommand(
    withServer(new Command('rotate'))
      .description('give one a new secret; the old one is good for a while yet')
      .argument('<id>')
      .option('--overlap <seconds>', 'how long (default: 3600)')
      .action((id: string, options: RotateOptions) => rotate(terminal, id, options)),
  )
  group.addCommand(
    withServer(new Command('revoke'))
      .description('end one, and all that were made under it, within a second everywhere')
      .argument('<id>')
      .action((id: string, options: SharedOptions) => revoke(terminal, id, options)),
  )
  group.addCommand(
    withServer(new Command('remove'))
      .description('remove one')
      .argument('<id>')
      .action((id: string, options: SharedOptions) => remove(terminal, id, options)),
  )
  group.addCommand(
    withJson(withConfig(new Command('recover')))
      .description(
        "make an owner's key in the database of this machine's gateway, when all are lost",
      )
      .action((options: SharedOptions) => recover(terminal, options)),
  )
  return group
}

function withKey(command: Command): Command {
  return withHolding(command)
    .option('--owner <name>', 'whose it is, for people')
    .option('--expires <when>', 'a date, or days from now such as 30d; never: without end')
    .option('--critical', 'its calls may go before others')
}

const ALL = '/api/admin/keys'

async function create(terminal: Terminal, name: string, options: KeyOptions): Promise<void> {
  const { team, parent, role } = options
  const kind = role === undefined ? undefined : 'admin'
  const body = compact({ name, kind, role, team, parent, ...keyBody(options) })
  const connection = await Connection.open(terminal, options, 'admin')
  showSecret(terminal, await connection.json({ method: 'POST', path: ALL, body }), options)
}

async function list(terminal: Terminal, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const keys = await everyPage(connection, ALL, 'keys')
  if (options.json === true) return printJson(terminal, { keys })
  const rows = keys.map((one) => {
    const key = ObjectReader.of(one, 'key')
    const kind = key.optionalString('role') ?? key.string('kind')
    const team = key.optionalString('team') ?? ''
    return [key.string('id'), key.string('name'), kind, team, key.string('state'), budgetText(key)]
  })
  print(terminal, table([['ID', 'NAME', 'KIND', 'TEAM', 'STATE', 'BUDGET'], ...rows]))
}

async function show(terminal: Terminal, id: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  showKey(terminal, await connection.json({ method: 'GET', path: pathOf(id) }), options)
}

async function set(terminal: Terminal, id: string, options: KeyOptions): Promise<void> {
  const body = compact({ name: options.name, ...keyBody(options) })
  if (Object.keys(body).length === 0) {
    throw new CommandFailure('Nothing is to be changed.', {
      code: EXIT.usage,
      next: 'For example: patchbay keys set <id> --budget 20/month',
    })
  }
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({
    method: 'PATCH',
    path: pathOf(id),
    body,
    headers: { 'if-match': '*' },
  })
  showKey(terminal, answer, options)
}

async function rotate(terminal: Terminal, id: string, options: RotateOptions): Promise<void> {
  const { overlap } = options
  if (overlap !== undefined && !/^\d{1,9}$/.test(overlap)) {
    throw new CommandFailure('--overlap must be a number of seconds.', { code: EXIT.usage })
  }
  const body = compact({ overlap_seconds: overlap === undefined ? undefined : Number(overlap) })
  const connection = await Connection.open(terminal, options, 'admin')
  const path = `${pathOf(id)}/rotate`
  showSecret(terminal, await connection.json({ method: 'POST', path, body }), options)
}

async function revoke(terminal: Terminal, id: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'POST', path: `${pathOf(id)}/revoke` })
  if (options.json === true) printJson(terminal, answer)
  else print(terminal, `Revoked ${id}.`)
}

async function remove(terminal: Terminal, id: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'DELETE', path: pathOf(id) })
  if (options.json === true) printJson(terminal, answer)
  else print(terminal, `Removed ${id}.`)
}

/** The secret alone on stdout, so that it can go where it belongs without being seen. */
function showSecret(terminal: Terminal, answer: Json, options: SharedOptions): void {
  if (options.json === true) return printJson(terminal, answer)
  const reader = ObjectReader.of(answer, '')
  const key = reader.object('key')
  print(terminal, reader.string('secret'))
  say(
    terminal,
    `This is the key "${key.string('name')}" (${key.string('id')}). It is shown now and never again.`,
  )
}

function showKey(terminal: Terminal, answer: Json, options: SharedOptions): void {
  if (options.json === true) return printJson(terminal, answer)
  const key = ObjectReader.of(answer, '').object('key')
  const facts = (['role', 'owner', 'team', 'parent', 'expires_at', 'replaced_until'] as const)
    .map((name): readonly [string, string] => [name, key.optionalString(name) ?? ''])
    .filter(([, text]) => text !== '')
  print(terminal, `${key.string('name')} (${key.string('shown')}): ${key.string('state')}`)
  print(terminal, table([...facts, ...holdingRows(key)].map((row) => [...row])))
}

function keyBody(options: KeyOptions): JsonObject {
  const { owner, expires, critical } = options
  return compact({
    owner,
    critical,
    expires_at: expires === undefined ? undefined : timeOf(expires),
    ...holdingBody(options),
  })
}

const DAY_MS = 86_400_000

function timeOf(said: string): string | null {
  if (said === 'never') return null
  const [, days] = /^(\d{1,5})d$/.exec(said) ?? []
  const at = days === undefined ? Date.parse(said) : Date.now() + Number(days) * DAY_MS
  if (!Number.isNaN(at)) return new Date(at).toISOString()
  throw new CommandFailure(
    `"${said}" must be a date such as 2027-01-31, days such as 30d, or never.`,
    {
      code: EXIT.usage,
    },
  )
}

function pathOf(id: string): string {
  return `${ALL}/${encodeURIComponent(id)}`
}
