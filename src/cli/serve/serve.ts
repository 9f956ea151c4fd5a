// Runs the server from start to stop.
import { compact } from '../../canonical/compact.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { Happening } from '../../exchange/happening.ts'
import { type Gateway, createGateway } from '../../server/gateway.ts'
import { isPassed } from '../../server/workers/passed-facts.ts'
import type { Peers } from '../../server/workers/peers.ts'
import { FETCH_SIZES, fetchEmbedded, needsEmbedded, shownProgress } from '../embedded.ts'
import { openLog, type Log } from './log-output.ts'
import { type Terminal, print, say } from '../terminal.ts'
import { askedKey, pipedKey } from '../vault/typed-key.ts'
import { packageVersion } from '../version.ts'
import { type BannerOptions, bannerJson, bannerText, keysText, vaultText } from './banner.ts'
import { recordCrash } from './crash.ts'
import { keepInside } from './keep-inside.ts'
import { logLine } from './log-line.ts'
import { reloadWhenTold, watchedOf } from './reload.ts'
import { type ServeOptions, logFormatOf } from './serve-options.ts'
import { untilStopped } from './stop.ts'

export interface Serving {
  readonly options: ServeOptions
  readonly config: PatchbayConfig
  readonly readConfig: () => Promise<PatchbayConfig>
}

/** Resolves once the server has been stopped. */
export async function serve(terminal: Terminal, serving: Serving): Promise<void> {
  keepInside()
  const { config, options } = serving
  const log = openLog(terminal)
  const gateway = await openGateway(terminal, { ...serving, log })
  const stopped = untilStopped(terminal, gateway)
  const stopReloading = reloadWhenTold(terminal, { gateway, watched: watchedOf(config) })
  try {
    await greeted(terminal, { gateway, config, options })
  } catch (thrown) {
    stopReloading()
    await gateway.close()
    log.close()
    throw thrown
  }
  await prepare(terminal, { gateway, config, options, signal: stopped.signal })
  await stopped.done
  stopReloading()
  log.close()
}

/** The same as one of several processes: it obeys its primary alone, and only one of them speaks. */
export async function serveAmong(
  terminal: Terminal,
  { config, options, ...serving }: Serving & { readonly peers: Peers },
): Promise<void> {
  keepInside()
  recordCrash(terminal)
  const { peers } = serving
  const log = openLog(terminal)
  const gateway = await openGateway(terminal, { config, options, log, ...serving })
  const stopping = new AbortController()
  const { promise: stopped, resolve, reject } = Promise.withResolvers<void>()
  peers.obey({
    stop: () => {
      stopping.abort()
      gateway.close().then(resolve, reject)
    },
    hurry: () => gateway.hurry(),
  })
  const { signal } = stopping
  if (!signal.aborted) {
    if (peers.greets) await greeted(terminal, { gateway, config, options })
    else await gateway.listen()
    peers.up()
    if (peers.greets) await prepare(terminal, { gateway, config, options, signal })
  }
  await stopped
  log.close()
}

interface Opening extends Serving {
  readonly log: Log
  readonly peers?: Peers
}

async function openGateway(
  terminal: Terminal,
  { config, readConfig, options, log, peers }: Opening,
): Promise<Gateway> {
  const format = logFormatOf(options)
  const gateway = await createGateway({
    config,
    env: terminal.env,
    detect: options.detect,
    readConfig,
    sheds: true,
    mayInit: true,
    forget: (name) => Reflect.deleteProperty(process.env, name),
    onProgress: shownProgress(terminal),
    hear: (fact) => {
      const line = isSaidByAnother(fact, peers) ? undefined : logLine(fact, format, new Date())
      if (line !== undefined) log.line(line)
    },
    ...compact({ peers }),
  })
  if (peers === undefined || peers.greets) await unsealed(terminal, { gateway, config, options })
  return gateway
}

/** What every process sees for itself is said by the one that leads. */
function isSaidByAnother(fact: Happening, peers: Peers | undefined): boolean {
  if (peers === undefined || peers.leads()) return false
  if (fact.type === 'target-state-changed') return !isPassed(fact)
  return fact.type === 'vault-state' || fact.type === 'config-reloaded'
}

/** Says where it answers, once it does. */
async function greeted(
  terminal: Terminal,
  { gateway, config, options }: Omit<Preparing, 'signal'>,
): Promise<void> {
  const { url, adminUrl } = await gateway.listen()
  for (const warning of gateway.warnings) say(terminal, warning)
  greet(terminal, options, { gateway, url, ...compact({ adminUrl }), ...bannerFacts(config) })
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
