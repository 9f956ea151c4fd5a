// A configuration that takes the place of another while calls are under way: what of it takes effect, and what waits for a restart.
import type { PatchbayConfig } from '../config/schema.ts'
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { Tell } from '../exchange/happening.ts'
import type { ProviderManager } from '../pipeline/library.ts'
import { readNewerList } from '../prices/newer-list.ts'
import type { NewerList } from '../prices/price-list.ts'
import { loadProviderPlugin } from '../providers/plugins.ts'
import { isSame } from '../vault/same.ts'
import { assertExposure } from './exposure.ts'
import type { Generations } from './generations.ts'
import type { Application } from './message.ts'
import { packageResolver } from './plugin-packages.ts'

export interface ReloadReport {
  /** Counted from 1, the configuration of the start. */
  readonly generation: number
  /** Sections that say something else than before and are in force. */
  readonly changed: readonly string[]
  /** Keys that say something else than before, and will be in force after a restart. */
  readonly restart: readonly string[]
}

interface Section {
  /** As the file has it. */
  readonly name: string
  readonly of: (config: PatchbayConfig) => unknown
}

const LIVE: readonly Section[] = [
  { name: 'providers', of: ({ providers }) => providers },
  { name: 'default_provider', of: ({ defaultProvider }) => defaultProvider },
  { name: 'aliases', of: ({ aliases }) => aliases },
  { name: 'routes', of: ({ routes }) => routes },
  { name: 'prices', of: ({ prices }) => prices },
  { name: 'prices_file', of: ({ pricesFile }) => pricesFile },
  { name: 'store_content', of: ({ contents }) => contents },
  { name: 'alerts.thresholds', of: ({ alerts }) => alerts?.thresholds },
  { name: 'plugins', of: ({ plugins }) => plugins },
  { name: 'limits', of: ({ limits }) => limits },
  { name: 'budgets', of: ({ budgets }) => budgets },
  { name: 'auth', of: ({ auth }) => auth },
  { name: 'egress', of: ({ egress }) => egress },
  { name: 'server.allowed_hosts', of: ({ server }) => server.allowedHosts },
  { name: 'server.allowed_origins', of: ({ server }) => server.allowedOrigins },
  { name: 'server.open', of: ({ server }) => server.open },
]

/** What the process was built around. */
const FIXED: readonly Section[] = [
  { name: 'server.host', of: ({ server }) => server.host },
  { name: 'server.port', of: ({ server }) => server.port },
  { name: 'server.clients', of: ({ server }) => server.clients },
  { name: 'server.tls', of: ({ server }) => server.tls },
  { name: 'server.behind_proxy', of: ({ server }) => server.behindProxy },
  { name: 'admin', of: ({ admin }) => admin },
  { name: 'server.drain', of: ({ server }) => server.drain },
  { name: 'server.workers', of: ({ server }) => server.workers },
  { name: 'server.watch', of: ({ server }) => server.watch },
  { name: 'data_dir', of: ({ dataDir }) => dataDir },
  { name: 'redis', of: ({ redis }) => redis },
  { name: 'alerts.webhook', of: ({ alerts }) => alerts?.webhook },
  { name: 'store', of: ({ store }) => store },
  { name: 'ledger', of: ({ ledger }) => ledger },
  { name: 'vault', of: ({ vault }) => vault },
  { name: 'overload', of: ({ overload }) => overload },
  { name: 'response_store', of: ({ responseStore }) => responseStore },
]

interface Effective {
  /** The new configuration, but for what waits for a restart. */
  readonly config: PatchbayConfig
  readonly changed: readonly string[]
  readonly restart: readonly string[]
}

function effective(before: PatchbayConfig, next: PatchbayConfig): Effective {
  const different = (sections: readonly Section[]): readonly string[] =>
    sections.filter(({ of }) => !isSame(of(before), of(next))).map(({ name }) => name)
  const { allowedHosts, allowedOrigins, open } = next.server
  const { dataDir, responseStore, redis, store, ledger, vault, overload, admin } = before
  const server = { ...before.server, allowedHosts, allowedOrigins, open }
  // What is absent of these is absent again, whatever the new one says.
  const fixed = { redis, store, ledger, vault, overload, admin }
  const config = compact({ ...next, server, dataDir, responseStore, ...fixed })
  return { config, changed: different(LIVE), restart: different(FIXED) }
}

/** The configuration in force now. */
export class InForce {
  config: PatchbayConfig
  /** The list of prices that was taken besides the one that comes along. */
  newerPrices: NewerList | undefined

  constructor(config: PatchbayConfig, newerPrices?: NewerList) {
    this.config = config
    this.newerPrices = newerPrices
  }
}

export interface ReloadingOptions {
  readonly manager: ProviderManager
  readonly inForce: InForce
  readonly generations: Generations<Application>
  readonly applicationFor: (config: PatchbayConfig) => Application
  /** Puts providers, routes and the like in force. Throws with nothing changed. Gives how to close what went. */
  readonly apply: (
    config: PatchbayConfig,
    newerPrices: NewerList | undefined,
  ) => () => Promise<void>
  readonly tell: Tell
  /** Reads the certificate anew. */
  readonly renew?: () => Promise<void>
  /** Absent: there is nothing that could be read. */
  readonly read?: () => Promise<PatchbayConfig>
}

export class Reloading {
  readonly #options: ReloadingOptions
  #waiting: readonly string[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: ReloadingOptions) {
    this.#options = options
  }

  /** Keys that say something else in the file by now, and will be in force after a restart. */
  get waiting(): readonly string[] {
    return this.#waiting
  }

  /** One after the other, where several are asked for. */
  reload(): Promise<ReloadReport> {
    const next = this.#last.then(() => this.#tried())
    this.#last = next.catch(() => undefined)
    return next
  }

  async #tried(): Promise<ReloadReport> {
    const { tell, generations } = this.#options
    try {
      const report = await this.#reloaded()
      tell({ type: 'config-reloaded', result: 'applied', generation: report.generation })
      return report
    } catch (thrown) {
      const error = toGatewayError(thrown)
      const generation = generations.count
      tell({ type: 'config-reloaded', result: 'rejected', generation, error })
      throw error
    }
  }

  async #reloaded(): Promise<ReloadReport> {
    const { manager, inForce, generations, applicationFor, apply, read, renew } = this.#options
    if (read === undefined) throw nothingToRead()
    const before = inForce.config
    const { config, changed, restart } = effective(before, await read())
    assertExposure(config)
    const newerPrices = await readNewerList(config)
    await loadNewPlugins(manager, before, config)
    await renew?.()
    const application = applicationFor(config)
    const closeRetired = apply(config, newerPrices)
    inForce.config = config
    this.#waiting = restart
    inForce.newerPrices = newerPrices
    generations.replace(application, () => void closeRetired())
    return { generation: generations.count, changed, restart }
  }
}

/** Those that are loaded already stay as they are: a module is read once. */
async function loadNewPlugins(
  manager: ProviderManager,
  before: PatchbayConfig,
  { plugins, baseDir }: PatchbayConfig,
): Promise<void> {
  const resolvePackage = packageResolver(baseDir)
  for (const plugin of plugins) {
    if (before.plugins.includes(plugin)) continue
    await loadProviderPlugin(plugin, { manager, baseDir, resolvePackage })
  }
}

function nothingToRead(): GatewayError {
  return new GatewayError(
    'unsupported',
    'This Patchbay was given its configuration by a program, which alone can give it another. Start it with "patchbay serve" to have a file read anew.',
    { code: 'reload_unsupported' },
  )
}
