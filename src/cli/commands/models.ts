// patchbay models list|pull: what can be asked for, and the embedded model for later.
import { Command } from 'commander'
import { loadConfig } from '../../config/load.ts'
import { localStatus } from '../../providers/local/status.ts'
import { type JsonObject, ObjectReader, isArray } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import { fetchEmbedded } from '../embedded.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type SharedOptions, withConfig, withJson, withServer } from '../options.ts'
import { type Terminal, print, printJson, say, table } from '../terminal.ts'

export function modelsCommand(terminal: Terminal): Command {
  const group = new Command('models').description('the models that can be asked for')
  group.addCommand(
    withServer(new Command('list'))
      .description('list the models of a running Patchbay')
      .option('--key <key>', 'the client key (default: $PATCHBAY_KEY)')
      .option('-p, --provider <name>', 'only those of one provider')
      .action((options: ListOptions) => list(terminal, options)),
  )
  group.addCommand(
    withJson(withConfig(new Command('pull')))
      .description('fetch the embedded model and its engine now')
      .action((options: SharedOptions) => pull(terminal, options)),
  )
  return group
}

interface ListOptions extends SharedOptions {
  readonly provider?: string
}

async function list(terminal: Terminal, options: ListOptions): Promise<void> {
  const connection = await Connection.open(terminal, options, 'client')
  const answer = await connection.json({ method: 'GET', path: '/api/providers/models' })
  const all = ObjectReader.of(answer, '').object('providers')
  const chosen = options.provider === undefined ? all.source : chosenOf(all, options.provider)
  if (options.json === true) return printJson(terminal, { providers: chosen })
  const rows = Object.entries(chosen).flatMap(([provider, models]) =>
    (isArray(models) ? models : []).map((value) => {
      const model = ObjectReader.of(value, provider)
      return [
        `${provider}/${model.string('id')}`,
        model.optionalString('parameter_size') ?? '',
        String(model.optionalNumber('context_tokens') ?? ''),
      ]
    }),
  )
  if (rows.length === 0) say(terminal, 'No provider lists any model. See why: patchbay health')
  else print(terminal, table([['MODEL', 'SIZE', 'CONTEXT'], ...rows]))
}

function chosenOf(all: ObjectReader, provider: string): JsonObject {
  const models = all.value(provider)
  if (models !== undefined) return { [provider]: models }
  const known = Object.keys(all.source).join(', ')
  throw new CommandFailure(`No provider called ${provider} lists models here. Known: ${known}.`, {
    code: EXIT.failure,
    next: 'If there is such a provider, see why: patchbay health',
  })
}

async function pull(terminal: Terminal, options: SharedOptions): Promise<void> {
  const { env, cwd } = terminal
  const { config: file } = options
  const { dataDir } = await loadConfig({ env, cwd, ...(file === undefined ? {} : { file }) })
  const before = await localStatus(dataDir)
  if (!before.supported) {
    throw new CommandFailure(before.reason ?? 'The embedded model does not run here.', {
      code: EXIT.unavailable,
    })
  }
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  process.once('SIGINT', stop)
  try {
    const path = await fetchEmbedded(terminal, { dataDir, signal: stopping.signal })
    const fetched = !(before.engineInstalled && before.modelPresent)
    if (options.json === true) printJson(terminal, { model: before.model, path, fetched })
    else
      print(
        terminal,
        fetched ? `${before.model} is ready: ${path}` : `${before.model} is here already: ${path}`,
      )
  } catch (thrown) {
    if (!stopping.signal.aborted) throw thrown
    throw new CommandFailure(
      'Stopped. What was fetched is kept; the next pull goes on from there.',
      {
        code: EXIT.interrupted,
        cause: thrown,
      },
    )
  } finally {
    process.off('SIGINT', stop)
  }
}
