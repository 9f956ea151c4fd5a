// Runs the server from start to stop.
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import { type Gateway, createGateway } from '../../server/gateway.ts'
import { FETCH_SIZES, fetchEmbedded, needsEmbedded, shownProgress } from '../embedded.ts'
import { type LogFormat, logLine } from './log-line.ts'
import { LogOutput } from './log-output.ts'
import { type Terminal, print, say } from '../terminal.ts'
import { packageVersion } from '../version.ts'
import { type BannerOptions, bannerJson, bannerText, keysText, vaultText } from './banner.ts'
import { askedKey, pipedKey } from '../vault/typed-key.ts'
import { keepInside } from './keep-inside.ts'
import { reloadWhenTold, watchedFrom } from './reload.ts'
import { untilStopped } from './stop.ts'

export interface ServeOptions {
  readonly host?: string
  readonly port?: number
  readonly config?: string
  readonly open?: true
  readonly vaultKeyFile?: string
  readonly vaultStdin?: true
  readonly detect: boolean
  readonly fetch: boolean
  readonly quiet?: true
  readonly json?: true
  readonly log: LogFormat
}

/** Lines of the log wait no longer, in milliseconds. */
const LOG_MS = 10

/** Resolves once the server has been stopped. */
export async function serve(terminal: Terminal, options: ServeOptions): Promise<void> {
  keepInside()
  const { host, port, open, vaultKeyFile: keyFile } = options
  const { env, cwd } = terminal
  const readConfig = (): Promise<PatchbayConfig> =>
    loadConfig({
      env,
      cwd,
      flags: {
        server: compact({ host, port, open }),
        ...(keyFile === undefined ? {} : { vault: { keyFile } }),
      },
      ...compact({ file: options.config }),
    })
  const config = await readConfig()
  const { watch, tls } = config.server
  const file = watch === true ? config.file : undefined
  const watched = [
    ...(file === undefined ? [] : [watchedFrom(file)]),
    ...Object.values<string>({ ...tls }).map((path) => watchedFrom(path, 'certificate')),
  ]
  const format = options.quiet === true ? 'off' : options.log
  const log = new LogOutput({
    write: (text) => void terminal.stderr.write(text),
    later: (run) => void setTimeout(run, LOG_MS).unref(),
  })
  const flushed = (): void => log.flush()
  process.once('exit', flushed)
  const gateway = await createGateway({
    config,
    env,
    detect: options.detect,
    readConfig,
    sheds: true,
    mayInit: true,
    forget: (name) => Reflect.deleteProperty(process.env, name),
    onProgress: shownProgress(terminal),
    hear: (fact) => {
      const line = logLine(fact, format, new Date())
      if (line !== undefined) log.line(line)
    },
  })
  await unsealed(terminal, { gateway, config, options })
  const stopped = untilStopped(terminal, gateway)
  const stopReloading = reloadWhenTold(terminal, { gateway, watched })
  try {
    const { url, adminUrl } = await gateway.listen()
    for (const warning of gateway.warnings) say(terminal, warning)
    greet(terminal, options, { gateway, url, ...compact({ adminUrl }), ...bannerFacts(config) })
  } catch (thrown) {
    stopReloading()
    await gateway.close()
    log.flush()
    throw thrown
  }
  await prepare(terminal, { gateway, config, options, signal: stopped.signal })
  await stopped.done
  stopReloading()
  log.flush()
  process.off('exit', flushed)
}

/** A person at the terminal, or who pipes it in, opens a vault whose key is not here. */
async function unsealed(
  terminal: Terminal,
  { gateway, config, options }: Omit<Preparing, 'signal'>,
): Promise<void> {
  const { vault } = gateway
  if (!vault.isSealed) return
  const { reason, slots } = vault.status()
  if (options.vaultStdin === true) return vault.unlock([await pipedKey(terminal)])
  const isForPeople = slots.some(({ type }) => type === 'passphrase')
  if (!isForPeople || reason !== 'vault_sealed' || options.json === true) return
  const typed = await askedKey(terminal, `Passphrase of the vault in ${config.dataDir}: `)
  if (typed !== undefined) await vault.unlock([typed])
}

function bannerFacts(config: PatchbayConfig): Pick<BannerOptions, 'dataDir' | 'open' | 'version'> {
  return { dataDir: config.dataDir, open: config.server.open, version: packageVersion() }
}

function greet(terminal: Terminal, options: ServeOptions, banner: BannerOptions): void {
  if (options.json === true) return print(terminal, JSON.stringify(bannerJson(banner)))
  if (options.quiet !== true) return print(terminal, bannerText(banner))
  const said = [banner.url, keysText(banner), vaultText(banner)]
  print(terminal, said.filter((text) => text !== undefined).join('\n'))
}

interface Preparing {
  readonly options: ServeOptions
  readonly gateway: Gateway
  readonly config: PatchbayConfig
  readonly signal: AbortSignal
}

/** Where the embedded model is what answers, it is fetched now, so that the first question need not wait for it. */
async function prepare(
  terminal: Terminal,
  { gateway, config, options, signal }: Preparing,
): Promise<void> {
  const first = gateway.manager.findProvider(gateway.manager.defaultName ?? '')
  if (first === undefined || !(await needsEmbedded(first, config.dataDir))) return
  const why = 'The embedded model answers, as no other provider is here'
  if (!options.fetch) {
    const next = 'To fetch it now: patchbay models pull'
    return say(terminal, `${why}. Its first use fetches it (${FETCH_SIZES}). ${next}`)
  }
  say(terminal, `${why}. Fetching it once (${FETCH_SIZES}):`)
  try {
    await fetchEmbedded(terminal, { dataDir: config.dataDir, signal })
    say(terminal, 'The embedded model is ready.')
  } catch (thrown) {
    if (signal.aborted) return
    say(terminal, thrown instanceof Error ? thrown.message : String(thrown))
    say(terminal, '  The server runs without it. Try again with: patchbay models pull')
  }
}
