// patchbay budgets list|set|remove: how much money the calls of a running Patchbay may cost, and how much they have.
import { Command, Option } from 'commander'
import { BUDGET_PERIODS, BUDGET_SCOPES } from '../../canonical/budget-standing.ts'
import { compact } from '../../canonical/compact.ts'
import { type Json, ObjectReader } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { type SharedOptions, withServer } from '../options.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'

export function budgetsCommand(terminal: Terminal): Command {
  const group = new Command('budgets').description('how much money calls may cost')
  group.addCommand(
    withServer(new Command('list'))
      .description('list them, and how they stand')
      .action((options: SharedOptions) => list(terminal, options)),
  )
  group.addCommand(
    withServer(new Command('set'))
      .description('add one or change one; what is spent of it stays spent')
      .argument('<id>', 'a name of your own for it')
      .requiredOption('--usd <amount>', 'US dollars in a period')
      .addOption(
        new Option('--period <period>', 'when it begins anew, in UTC')
          .choices(BUDGET_PERIODS)
          .makeOptionMandatory(),
      )
      .addOption(
        new Option('--scope <scope>', 'whose money it is')
          .choices(BUDGET_SCOPES)
          .makeOptionMandatory(),
      )
      .option('--of <name>', 'only this route, team or key; * at its end stands for any rest')
      .option('--soft', 'only count: refuse nobody')
      .action((id: string, options: SetOptions) => set(terminal, id, options)),
  )
  group.addCommand(
    withServer(new Command('remove'))
      .description('remove one that was set')
      .argument('<id>')
      .action((id: string, options: SharedOptions) => remove(terminal, id, options)),
  )
  return group
}

interface SetOptions extends SharedOptions {
  readonly usd: string
  readonly period: string
  readonly scope: string
  readonly of?: string
  readonly soft?: boolean
}

async function list(terminal: Terminal, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const rules = await connection.json({ method: 'GET', path: '/api/admin/budgets' })
  const standings = await allStandings(connection)
  if (options.json === true) {
    const budgets = ObjectReader.of(rules, '').items('budgets')
    return printJson(terminal, { budgets: budgets.map(({ value }) => value), standings })
  }
  const held = ObjectReader.of(rules, '')
    .items('budgets')
    .map(({ value, path }) => ruleRow(ObjectReader.of(value, path)))
  if (held.length === 0) return print(terminal, 'There are no budgets.')
  print(terminal, table([['BUDGET', 'FROM', 'FOR', 'USD', 'PER', 'KIND'], ...held]))
  if (standings.length === 0) return
  const stand = standings.map((one) => standingRow(ObjectReader.of(one, '')))
  print(terminal, '')
  print(terminal, table([['FOR', 'PER', 'SPENT', 'HELD', 'LEFT'], ...stand]))
}

/** Page after page. */
async function allStandings(connection: Connection): Promise<readonly Json[]> {
  const all: Json[] = []
  let after: string | undefined
  do {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
    const path = `/api/admin/budget-standings${query}`
    const page = ObjectReader.of(await connection.json({ method: 'GET', path }), '')
    all.push(...page.items('standings').map(({ value }) => value))
    after = page.optionalString('next')
  } while (after !== undefined)
  return all
}

function ruleRow(rule: ObjectReader): readonly string[] {
  const of = rule.optionalString('of')
  const scope = rule.string('scope')
  return [
    rule.string('id'),
    rule.string('source'),
    of === undefined ? scope : `${scope} ${of}`,
    rule.string('usd'),
    rule.string('period'),
    rule.optionalBoolean('hard') === true ? 'hard' : 'soft',
  ]
}

function standingRow(standing: ObjectReader): readonly string[] {
  return [
    `${standing.string('scope')} ${standing.string('subject')}`.trim(),
    standing.string('period'),
    standing.string('spent_usd'),
    standing.string('reserved_usd'),
    standing.string('remaining_usd'),
  ]
}

async function set(terminal: Terminal, id: string, options: SetOptions): Promise<void> {
  const { usd, period, scope, of, soft } = options
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({
    method: 'PUT',
    path: pathOf(id),
    body: compact({ usd, period, scope, of, hard: soft === true ? false : undefined }),
  })
  if (options.json === true) return printJson(terminal, answer)
  print(terminal, `${id} is set.`)
}

async function remove(terminal: Terminal, id: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'DELETE', path: pathOf(id) })
  if (options.json === true) return printJson(terminal, answer)
  print(terminal, `Removed ${id}.`)
}

function pathOf(id: string): string {
  return `/api/admin/budgets/${encodeURIComponent(id)}`
}
