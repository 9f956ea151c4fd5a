// patchbay audit list|verify: who did what, and whether what is written down of it is as it was written.
import { Command, InvalidArgumentError } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { OUTCOMES } from '../../store/audit/entry.ts'
import { type JsonObject, ObjectReader } from '../../wire/json.ts'
import { verdictText } from '../audit/verdict-text.ts'
import { verifyOffline } from '../audit/verify-offline.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withConfig, withJson, withServer } from '../options.ts'
import { type Terminal, print, printJson, table } from '../terminal.ts'

interface ListOptions extends SharedOptions {
  readonly limit?: number
  readonly after?: string
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  readonly outcome?: string
  readonly since?: string
  readonly until?: string
}

export function auditCommand(terminal: Terminal): Command {
  const group = new Command('audit').description('what was done to this Patchbay, and by whom')
  group.addCommand(
    withServer(new Command('list'))
      .description('list it, the newest first')
      .option('--limit <number>', 'how many at most (default: 50)', wholeNumber)
      .option('--after <place>', 'where to go on, as the page before says')
      .option('--actor <id>', 'only what was done with the key of that id')
      .option('--action <name>', 'only that, such as provider.register')
      .option('--subject <name>', 'only what was done to that')
      .option('--outcome <outcome>', `only ${OUTCOMES.join(', ')}`)
      .option('--since <time>', 'from then on, as in 2027-01-31T00:00:00Z')
      .option('--until <time>', 'before then')
      .action((options: ListOptions) => list(terminal, options)),
  )
  group.addCommand(
    withJson(withConfig(new Command('verify')))
      .description('read all of it in the database, and say whether anybody has changed it')
      .action((options: SharedOptions) => verify(terminal, options)),
  )
  return group
}

async function list(terminal: Terminal, options: ListOptions): Promise<void> {
  const { limit, after, actor, action, subject, outcome, since, until } = options
  const asked = compact({ limit, after, actor, action, subject, outcome, since, until })
  const query = new URLSearchParams(
    Object.entries(asked).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const connection = await Connection.open(terminal, options, 'admin')
  const path = `/api/admin/audit?${query.toString()}`
  const answer = ObjectReader.of(await connection.json({ method: 'GET', path }), '')
  if (options.json === true) return printJson(terminal, answer.source)
  const rows = answer.items('entries').map(({ value, path: at }) => {
    const entry = ObjectReader.of(value, at)
    if (entry.optionalBoolean('unreadable') === true) {
      return [String(entry.number('seq')), '', '', 'somebody changed this entry', '', '']
    }
    const who = [entry.string('actor'), entry.optionalString('actor_id') ?? ''].join(' ').trim()
    return [
      String(entry.number('seq')),
      entry.string('time'),
      who,
      entry.string('action'),
      entry.optionalString('subject') ?? '',
      outcomeText(entry),
    ]
  })
  print(terminal, table([['SEQ', 'TIME', 'WHO', 'WHAT', 'WHOM', 'OUTCOME'], ...rows]))
  const next = answer.optionalString('next')
  if (next !== undefined) print(terminal, `More: patchbay audit list --after ${next}`)
}

function outcomeText(entry: ObjectReader): string {
  const status = entry.optionalNumber('status')
  return [entry.string('outcome'), ...(status === undefined ? [] : [`(${status})`])].join(' ')
}

async function verify(terminal: Terminal, options: SharedOptions): Promise<void> {
  const verdict = await verifyOffline(terminal, options)
  const { fault, ...counts } = verdict
  const shown: JsonObject = { ok: fault === undefined, ...counts, ...fault }
  if (options.json === true) printJson(terminal, shown)
  const text = verdictText(verdict)
  if (fault === undefined) {
    if (options.json !== true) print(terminal, text)
    return
  }
  throw new CommandFailure(text, {
    code: EXIT.data,
    next: 'Compare it with a backup: whoever did this could write the database.',
    ...(options.json === true ? { reported: true as const } : {}),
  })
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new InvalidArgumentError('It must be a whole number above 0.')
}
