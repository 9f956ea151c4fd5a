// patchbay routes list|show|set|remove: names of a running Patchbay that stand for several targets.
import { Command, Option } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { STRATEGIES } from '../../routing/route.ts'
import { type Json, ObjectReader } from '../../wire/json.ts'
import { asideLines } from '../aside-lines.ts'
import { Connection } from '../connection.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withServer } from '../options.ts'
import { standingText } from '../standing-text.ts'
import { type Terminal, print, printJson, say, table } from '../terminal.ts'

export function routesCommand(terminal: Terminal): Command {
  const group = new Command('routes').description('names that stand for several targets')
  group.addCommand(
    withServer(new Command('list'))
      .description('list them')
      .action((options: SharedOptions) => list(terminal, options)),
  )
  group.addCommand(
    withServer(new Command('show'))
      .description('show one, with how its targets stand')
      .argument('<name>')
      .action((name: string, options: SharedOptions) => show(terminal, name, options)),
  )
  group.addCommand(
    withServer(new Command('set'))
      .description('add one or replace one')
      .argument('<name>')
      .addOption(
        new Option('--strategy <name>', 'how a target is chosen (default: priority)').choices(
          STRATEGIES,
        ),
      )
      .requiredOption(
        '--target <targets...>',
        'provider/model, or provider/model=weight; in order of preference',
      )
      .action((name: string, options: SetOptions) => set(terminal, name, options)),
  )
  group.addCommand(
    withServer(new Command('remove'))
      .description('remove one')
      .argument('<name>')
      .action((name: string, options: SharedOptions) => remove(terminal, name, options)),
  )
  return group
}

interface SetOptions extends SharedOptions {
  readonly strategy?: string
  readonly target: readonly string[]
}

async function list(terminal: Terminal, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'GET', path: '/api/routes' })
  if (options.json === true) return printJson(terminal, answer)
  const rows = ObjectReader.of(answer, '')
    .items('routes')
    .map(({ value, path }) => {
      const route = ObjectReader.of(value, path)
      const targets = route.items('targets').map((one) => {
        return ObjectReader.of(one.value, one.path).string('model')
      })
      return [
        route.string('name'),
        route.string('strategy'),
        targets.join(', '),
        route.optionalString('source') ?? '',
      ]
    })
  print(terminal, table([['NAME', 'STRATEGY', 'TARGETS', 'SOURCE'], ...rows]))
  const reader = ObjectReader.of(answer, '')
  for (const line of asideLines(reader, 'patchbay routes remove')) say(terminal, line)
}

async function show(terminal: Terminal, name: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  showAnswer(terminal, await connection.json({ method: 'GET', path: pathOf(name) }), options)
}

async function set(terminal: Terminal, name: string, options: SetOptions): Promise<void> {
  const { strategy, target } = options
  const body = compact({ strategy, targets: target.map((text) => targetIn(text)) })
  const connection = await Connection.open(terminal, options, 'admin')
  showAnswer(terminal, await connection.json({ method: 'PUT', path: pathOf(name), body }), options)
}

async function remove(terminal: Terminal, name: string, options: SharedOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'DELETE', path: pathOf(name) })
  if (options.json === true) printJson(terminal, answer)
  else print(terminal, `Removed ${name}.`)
}

function showAnswer(terminal: Terminal, answer: Json, options: SharedOptions): void {
  if (options.json === true) return printJson(terminal, answer)
  const route = ObjectReader.of(answer, '').object('route')
  const rows = route.items('targets').map(({ value, path }) => {
    const target = ObjectReader.of(value, path)
    const how = target.optionalString('unusable') ?? standingText(target)
    return [target.string('model'), String(target.optionalNumber('weight') ?? 1), how]
  })
  print(terminal, `${route.string('name')} (${route.string('strategy')})`)
  print(terminal, table([['TARGET', 'WEIGHT', 'STATE'], ...rows]))
}

/** `provider/model=3`: what stands behind the last `=` is the weight. */
function targetIn(text: string): Json {
  const at = text.lastIndexOf('=')
  if (at === -1) return { model: text }
  const weight = Number(text.slice(at + 1))
  if (Number.isFinite(weight) && weight > 0) return { model: text.slice(0, at), weight }
  throw new CommandFailure(`The weight in "${text}" must be a number above 0.`, {
    code: EXIT.usage,
  })
}

function pathOf(name: string): string {
  return `/api/routes/${encodeURIComponent(name)}`
}
