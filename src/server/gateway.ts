// The composition root: from a configuration to a server that answers.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { compact } from '../canonical/compact.ts'
import { type PatchbayConfig, isLoopbackHost } from '../config/schema.ts'
import { dialects } from '../dialects/registry.ts'
import type { Tell } from '../exchange/happening.ts'
import type { Target } from '../exchange/target.ts'
import { Happenings } from '../exchange/happenings.ts'
import type { DetectedProvider } from '../providers/detect.ts'
import type { OnProgress } from '../providers/local/progress.ts'
import { LLMProvider, ProviderManager } from '../pipeline/library.ts'
import { Load } from '../resilience/load.ts'
import type { Pause } from '../resilience/pause.ts'
import type { Shared } from '../store/shared.ts'
import type { Resolver } from '../transport/connector.ts'
import { createTransport } from '../transport/http-transport.ts'
import { ObjectReader, parseJson } from '../wire/json.ts'
import { createApplication } from './application.ts'
import { Auth } from './auth.ts'
import { anonymousUse, assertExposure, assertTrust } from './exposure.ts'
import { Door } from './door.ts'
import { egressOf } from './egress.ts'
import { Generations, ofGeneration } from './generations.ts'
import { openAnswers } from './open-answers.ts'
import { openAudit } from './open-audit.ts'
import { openIdempotency } from './open-idempotency.ts'
import { openLedger } from './open-ledger.ts'
import { openStore } from './open-store.ts'
import { refusalAt } from './kept-front.ts'
import type { FirstKeys } from './keys/first-keys.ts'
import { gaugeLoad, heapRoom } from './load-gauge.ts'
import { type After, type Application, realAfter } from './message.ts'
import { ModelDirectory } from './model-directory.ts'
import { createNodeServer } from './node.ts'
import { Perimeter } from './perimeter.ts'
import { registerAll } from './register-all.ts'
import { InForce, type ReloadReport, Reloading } from './reload.ts'
import { Router } from './router.ts'
import { SOFT_COMMIT } from './soft-commit.ts'
import { errorWriterOf, serverRoutes } from './routes/all.ts'
import { readinessOf } from './readiness.ts'
import { openKeys } from './keys/open-keys.ts'
import { isNamedIn, openWatching } from './watching.ts'

export interface GatewayOptions {
  readonly config: PatchbayConfig
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: () => number
  /** Hears of everything that happens, from the start. */
  readonly hear?: Tell
  /** Whether to look for providers that nobody configured. Default false. */
  readonly detect?: boolean
  /** Silence in a stream after which a keep-alive is sent, in milliseconds. Default 15000. */
  readonly keepAliveMs?: number
  /** How long calls under way may go on after close, in milliseconds. Default: as the configuration has it, else 25000. */
  readonly drainMs?: number
  readonly after?: After
  /** How to wait between attempts. Default: real waiting. */
  readonly pause?: Pause
  /** 0 to 1, for jitter and shares. Default Math.random. */
  readonly random?: () => number
  /** Looks host names of providers up. Default: the system's own way. */
  readonly resolver?: Resolver
  /** Reads the configuration anew, for `reload`; throws where it is not valid. Absent: it cannot be reloaded. */
  readonly readConfig?: () => Promise<PatchbayConfig>
  /** Whether to measure how loaded this process is, and to shed calls when it is too much. Default false. */
  readonly sheds?: boolean
  /** Hears of long fetches that a call waits for, such as the embedded model's. */
  readonly onProgress?: OnProgress
}

export interface Gateway {
  readonly manager: ProviderManager
  readonly llm: LLMProvider
  /** The keys in clear, if this start made them: the only time they can be shown. */
  readonly firstRun: { readonly adminToken?: string; readonly clientKey?: string }
  /** What was found without being configured. */
  readonly detected: readonly DetectedProvider[]
  /** Takes calls. Throws GatewayError with a message that names the flag to change. */
  listen(): Promise<{ readonly url: string; readonly port: number }>
  /**
   * Reads the configuration anew and puts it in force for calls to come; those under way end as they began. Throws where it is not
   * valid; the one in force stays then.
   */
  reload(): Promise<ReloadReport>
  /** Says that it is not ready, lets calls under way end, then closes every provider. Idempotent. */
  close(): Promise<void>
  /** Where it closes: cuts now what is under way. Each call is still told so, and what it used is settled. */
  hurry(): void
}

const KEEP_ALIVE = 15_000
const TESTS_PER_MINUTE = 10
/** Whoever spreads calls over several gateways asks this often whether they are ready. */
const DRAIN_WAIT = 5000

/** Builds everything that a configuration describes; nothing listens yet. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, now = Date.now, after = realAfter, pause, random, resolver } = options
  const { host } = config.server
  assertExposure(config)
  assertTrust(options.env)
  const happenings = new Happenings()
  if (options.hear !== undefined) happenings.listen(options.hear)
  const keepAliveMs = options.keepAliveMs ?? config.streams?.keepAliveMs ?? KEEP_ALIVE
  const isNamed = (target: Target): boolean => isNamedIn(config, manager, target)
  const watching = await openWatching({ config, happenings, isNamed, now, after, keepAliveMs })
  const ownPorts: number[] = []
  const inForce = new InForce(config)
  const egress = egressOf(() => inForce.config)
  const transport = createTransport({
    ownPorts: () => ownPorts,
    never: () => egress().never,
    connected: (connection) => happenings.tell({ type: 'connected', ...connection }),
    ...compact({ resolver }),
  })
  const { dataDir } = config
  const store = await openStore(config, { now, tell: happenings.tell })
  const audit = await openAudit({ config, database: store.database, happenings, now })
  const shared = await openShared(config, now, happenings.tell)
  const load = new Load(config.overload?.process)
  const { tell } = happenings
  const ledger = await openLedger({ store, inForce, now, newId: newHolder, tell })
  const manager = new ProviderManager({
    after,
    load,
    dataDir,
    transport,
    egress,
    happenings,
    ledger: ledger.setup,
    probes: config.health ?? {},
    ...compact({
      clock: options.now,
      prices: config.prices,
      routes: config.routes,
      limits: config.limits.rules,
      outputReserve: config.limits.outputReserve,
      limitStore: shared?.limits,
      cache: compact({ ...config.cache, store: shared?.entries }),
      overload: config.overload,
      pause,
      random,
      resilience: config.resilience,
      timeouts: config.resilience?.timeouts,
    }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  })
  const keys = await openKeys({ config: () => inForce.config, documents: store.documents, now })
  manager.routes.reserve('an alias', (name) => Object.hasOwn(inForce.config.aliases, name))
  const detected = await registerAll(manager, { ...options, transport })
  const llm = new LLMProvider({ manager })
  const directory = new ModelDirectory({
    manager,
    get aliases() {
      return inForce.config.aliases
    },
    routes: manager.routes,
    now,
    after,
  })
  const answers = openAnswers(config.responseStore, { database: store.database, now, after })
  const desk = {
    directory,
    handler: manager.handle,
    now,
    after,
    keepAliveMs,
    softCommit: { ...SOFT_COMMIT, ...config.streams },
    ...compact({ answers }),
  }
  let closing: Promise<void> | undefined
  const routes = serverRoutes({
    dialects,
    desk,
    explain: async (exchange) => manager.explainExchange(exchange),
    manager,
    routes: manager.routes,
    targets: manager.targets,
    watching: [...watching.routes, ...audit.routes],
    keys: keys.routes,
    budgets: ledger.routes,
    readiness: () => readinessOf(config, { closing: closing !== undefined, shared }),
    reload: () => reloading.reload(),
    llm,
    version: ownVersion(),
    startedAtMs: now(),
    testsPerMinute: () => inForce.config.egress?.testsPerMinute ?? TESTS_PER_MINUTE,
  })
  const idempotency = openIdempotency(config, { now, shared, tell: happenings.tell })
  const sheds = options.sheds === true && config.overload?.enabled !== false
  const door = sheds
    ? new Door({
        load,
        tell,
        room: heapRoom,
        random: random ?? Math.random,
        ...compact({ memorySoft: config.overload?.process?.memorySoft }),
      })
    : undefined
  const router = new Router(routes)
  const applicationFor = (config: PatchbayConfig): Application =>
    createApplication({
      router,
      perimeter: new Perimeter(config.server),
      auth: new Auth({
        anonymous: anonymousUse(config),
        recognise: keys.recognise,
      }),
      maxBodyBytes: config.limits.maxBodyBytes,
      ...compact({ idempotency, door }),
      record: audit.desk,
      now,
      newId: () => `req_${randomBytes(12).toString('hex')}`,
      errorWriterOf: errorWriterOf(dialects),
      refusalAt: (path) => refusalAt(path, dialects),
      tell,
    })
  const generations = new Generations(applicationFor(config))
  const reloading = new Reloading({
    manager,
    inForce,
    generations,
    applicationFor,
    tell,
    ...compact({ read: options.readConfig }),
  })
  const { clients: patience, drain } = config.server
  const server = createNodeServer({
    application: ofGeneration(generations),
    after,
    tell,
    isCrowded: () => door?.isCrowded === true,
    drainWaitMs: drain?.waitMs ?? (isLoopbackHost(host) ? 0 : DRAIN_WAIT),
    ...compact({ patience, drainMs: options.drainMs ?? drain?.deadlineMs }),
  })
  const stopGauge = sheds ? gaugeLoad(load, tell) : undefined
  const shutDown = async (): Promise<void> => {
    const startedAt = now()
    tell({ type: 'drain-started', calls: server.calls })
    watching.leave()
    const report = await server.close()
    tell({ type: 'drain-ended', elapsedMs: now() - startedAt, cut: report?.cut ?? 0 })
    stopGauge?.()
    await answers?.close()
    await idempotency?.close()
    await manager.closeAll()
    await ledger.close()
    await transport.close()
    keys.close()
    await audit.close()
    await store.close()
    watching.close()
  }
  return {
    manager,
    llm,
    firstRun: shown(keys.made),
    detected,
    listen: async () => {
      const port = await server.listen(host, config.server.port)
      ownPorts.push(port)
      return { url: `http://${urlHost(host)}:${port}`, port }
    },
    // Asked twice, it is still one end: the calls under way keep their providers.
    close: () => (closing ??= shutDown()),
    hurry: () => server.hurry(),
    reload: () => reloading.reload(),
  }
}

/** Undefined where this process counts alone: what speaks to Redis is then not even loaded. */
async function openShared(
  { redis }: PatchbayConfig,
  clock: () => number,
  tell: Tell,
): Promise<Shared | undefined> {
  if (redis === undefined) return undefined
  const { openRedis } = await import('../store/redis/open-redis.ts')
  const { url, ...more } = redis
  const ours = { clock, newId: newHolder, random: Math.random, tell }
  return openRedis({ url: url.reveal(), ...more, ...ours })
}

function newHolder(): string {
  return randomBytes(12).toString('hex')
}

function shown({ admin, client }: FirstKeys): Gateway['firstRun'] {
  return {
    ...(admin === undefined ? {} : { adminToken: admin }),
    ...(client === undefined ? {} : { clientKey: client }),
  }
}

/** What to type to reach an address; the wildcards mean every address, this machine's own too. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return ObjectReader.of(parseJson(text), '').string('version')
}
