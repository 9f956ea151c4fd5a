// patchbay teams create|list|show|set|remove: what the keys of a team may do and use, all together.
import { Command, Option } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { type Json, ObjectReader } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { everyPage } from '../keys/every-page.ts'
import { type HoldingOptions, holdingBody, withHolding } from '../keys/holding-options.ts'
import { budgetText, holdingRows } from '../keys/holding-text.ts'
import { type SharedOptions, withServer } from '../options.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'

interface TeamOptions extends SharedOptions, HoldingOptions {
  readonly name?: string
  readonly state?: string
}

export function teamsCommand(terminal: Terminal): Command {
  const group = new Command('teams').description('keys that belong together')
  group.addCommand(
    withHolding(withServer(new Command('create')))
      .description('make one')
      .argument('<id>', 'small letters, digits, dashes')
      .option('--name <name>', 'for people')
      .action((id: string, options: TeamOptions) => create(terminal, id, options)),
  )
  group.addCommand(
    withServer(new Command('list'))
      .description('list them')
      .action((options: SharedOptions) => list(terminal, options)),
  )
  group.addCommand(
    withServer(new Command('show'))
      .description('show what one may do')
      .argument('<id>')
      .action((id: string, options: SharedOptions) => show(terminal, id, options)),
  )
  group.addCommand(
    withHolding(withServer(new Command('set')))
      .description('change what one may do; what is not said stays')
      .argument('<id>')
      .option('--name <name>', 'for people')
      .addOption(
        new Option('--state <state>', 'revoked: none of its keys is good').choices([
          'active',
          'revoked',
        ]),
      )
      .action((id: string, options: TeamOptions) => set(terminal, id, options)),
  )
  group.addCommand(
    withServer(new Command('remove'))
      .description('remove one; its keys are good for nothing from then on')
      .argument('<id>')
      .action((id: string, options: SharedOptions) => remove(terminal, id, options)),
  )
  return group
}

const ALL = '/api/admin/teams'

async function create(terminal: Terminal, id: string, options: TeamOptions): Promise<void> {
  const body = compact({ id, name: options.name, ...holdingBody(options) })
  const connection = await Connection.open(terminal, options, 'admin')
  showTeam(terminal, await connection.json({ method: 'POST', path: ALL, body }), options)
}

async function list(terminal: Terminal, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const teams = await everyPage(connection, ALL, 'teams')
  if (options.json === true) return printJson(terminal, { teams })
  const rows = teams.map((one) => {
    const team = ObjectReader.of(one, 'team')
    return [team.string('id'), team.string('name'), team.string('state'), budgetText(team)]
  })
  print(terminal, table([['ID', 'NAME', 'STATE', 'BUDGET'], ...rows]))
}

async function show(terminal: Terminal, id: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  showTeam(terminal, await connection.json({ method: 'GET', path: pathOf(id) }), options)
}

async function set(terminal: Terminal, id: string, options: TeamOptions): Promise<void> {
  const { name, state } = options
  const body = compact({ name, state, ...holdingBody(options) })
  if (Object.keys(body).length === 0) {
    throw new CommandFailure('Nothing is to be changed.', {
      code: EXIT.usage,
      next: 'For example: patchbay teams set <id> --budget 200/month',
    })
  }
  const headers = { 'if-match': '*' }
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'PATCH', path: pathOf(id), body, headers })
  showTeam(terminal, answer, options)
}

async function remove(terminal: Terminal, id: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'DELETE', path: pathOf(id) })
  if (options.json === true) printJson(terminal, answer)
  else print(terminal, `Removed ${id}.`)
}

function showTeam(terminal: Terminal, answer: Json, options: SharedOptions): void {
  if (options.json === true) return printJson(terminal, answer)
  const team = ObjectReader.of(answer, '').object('team')
  print(terminal, `${team.string('name')} (${team.string('id')}): ${team.string('state')}`)
  print(terminal, table(holdingRows(team).map((row) => [...row])))
}

function pathOf(id: string): string {
  return `${ALL}/${encodeURIComponent(id)}`
}
