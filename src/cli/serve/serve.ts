// Runs the server from start to stop.
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import { type Gateway, createGateway } from '../../server/gateway.ts'
import { FETCH_SIZES, fetchEmbedded, needsEmbedded, shownProgress } from '../embedded.ts'
import { type LogFormat, logLine } from './log-line.ts'
import { type Terminal, print, say } from '../terminal.ts'
import { packageVersion } from '../version.ts'
import { type BannerOptions, bannerJson, bannerText, keysText } from './banner.ts'
import { keepInside } from './keep-inside.ts'
import { reloadWhenTold, watchedFrom } from './reload.ts'
import { untilStopped } from './stop.ts'

export interface ServeOptions {
  readonly host?: string
  readonly port?: number
  readonly config?: string
  readonly open?: true
  readonly detect: boolean
  readonly fetch: boolean
  readonly quiet?: true
  readonly json?: true
  readonly log: LogFormat
}

/** Resolves once the server has been stopped. */
export async function serve(terminal: Terminal, options: ServeOptions): Promise<void> {
  keepInside()
  const { host, port, open } = options
  const { env, cwd } = terminal
  const readConfig = (): Promise<PatchbayConfig> =>
    loadConfig({
      env,
      cwd,
      flags: { server: compact({ host, port, open }) },
      ...compact({ file: options.config }),
    })
  const config = await readConfig()
  const file = config.server.watch === true ? config.file : undefined
  const watched = file === undefined ? undefined : watchedFrom(file)
  const format = options.quiet === true ? 'off' : options.log
  const gateway = await createGateway({
    config,
    env,
    detect: options.detect,
    readConfig,
    sheds: true,
    onProgress: shownProgress(terminal),
    hear: (fact) => {
      const line = logLine(fact, format, new Date())
      if (line !== undefined) say(terminal, line)
    },
  })
  const stopped = untilStopped(terminal, gateway)
  const stopReloading = reloadWhenTold(terminal, { gateway, ...compact({ watched }) })
  try {
    const { url } = await gateway.listen()
    greet(terminal, options, { gateway, url, ...bannerFacts(config) })
  } catch (thrown) {
    stopReloading()
    await gateway.close()
    throw thrown
  }
  await prepare(terminal, { gateway, config, options, signal: stopped.signal })
  await stopped.done
  stopReloading()
}

function bannerFacts(config: PatchbayConfig): Pick<BannerOptions, 'dataDir' | 'open' | 'version'> {
  return { dataDir: config.dataDir, open: config.server.open, version: packageVersion() }
}

function greet(terminal: Terminal, options: ServeOptions, banner: BannerOptions): void {
  if (options.json === true) return print(terminal, JSON.stringify(bannerJson(banner)))
  if (options.quiet !== true) return print(terminal, bannerText(banner))
  const keys = keysText(banner)
  print(terminal, keys === undefined ? banner.url : `${banner.url}\n${keys}`)
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
