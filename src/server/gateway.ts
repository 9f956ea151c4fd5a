// The composition root: from a configuration to a server that answers.
import { randomBytes, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { compact } from '../canonical/compact.ts'
import { type PatchbayConfig, isLoopbackHost } from '../config/schema.ts'
import { dialects } from '../dialects/registry.ts'
import type { Tell } from '../exchange/happening.ts'
import type { Target } from '../exchange/target.ts'
import { Happenings } from '../exchange/happenings.ts'
import type { DetectedProvider } from '../providers/detect.ts'
import type { OnProgress } from '../providers/local/progress.ts'
import { readNewerList } from '../prices/newer-list.ts'
import { LLMProvider, ProviderManager } from '../pipeline/library.ts'
import { Load } from '../resilience/load.ts'
import type { Pause } from '../resilience/pause.ts'
import type { Shared } from '../store/shared.ts'
import type { Resolver } from '../transport/connector.ts'
import { createTransport } from '../transport/http-transport.ts'
import { ObjectReader, parseJson } from '../wire/json.ts'
import { createApplication } from './application.ts'
import { Auth } from './auth.ts'
import { assertBoot } from './boot.ts'
import { anonymousUse, assertExposure } from './exposure.ts'
import { Door } from './door.ts'
import { egressOf } from './egress.ts'
import { Generations, ofGeneration } from './generations.ts'
import { openAnswers } from './open-answers.ts'
import { openAudit } from './open-audit.ts'
import { openIdempotency } from './open-idempotency.ts'
import { openAlerts } from './open-alerts.ts'
import { openContents } from './open-contents.ts'
import { openLedger } from './open-ledger.ts'
import { openStore } from './open-store.ts'
import { chainKeysOf, contentKeyOf, pepperOf } from './vault/derived-keys.ts'
import { followVault } from './vault/follow-vault.ts'
import { openVault } from './vault/open-vault.ts'
import { sealOf } from './vault/seal.ts'
import type { LoadKeychain } from '../vault/key-sources/keychain.ts'
import type { VaultKeeping } from '../vault/vault.ts'
import { refusalAt } from './kept-front.ts'
import type { Pepper } from '../access/pepper.ts'
import type { FirstKeys } from './keys/first-keys.ts'
import { gaugeLoad, heapRoom } from './load-gauge.ts'
import { type After, type Application, realAfter } from './message.ts'
import { ModelDirectory } from './model-directory.ts'
import { type Listening, openListeners } from './listeners.ts'
import { registerAll } from './register-all.ts'
import { openRegistry } from './registry/open-registry.ts'
import { InForce, type ReloadReport, Reloading } from './reload.ts'
import { requestIds } from './request-ids.ts'
import { Router } from './router.ts'
import { followPeers } from './workers/follow-peers.ts'
import type { Peers } from './workers/peers.ts'
import { shareIn } from './workers/share.ts'
import { SOFT_COMMIT } from './soft-commit.ts'
import { splitApplication } from './split-application.ts'
import { errorWriterOf, serverRoutes } from './routes/all.ts'
import { configRoute } from './routes/admin-config.ts'
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
  /** Whether a vault and its key may be made where there is neither; the configuration may forbid it. Default false. */
  readonly mayInit?: boolean
  /** Takes a variable out of the environment of this process, once it was read. */
  readonly forget?: (name: string) => void
  /** Default: that of the system, where @napi-rs/keyring is installed. */
  readonly loadKeychain?: LoadKeychain
  /** The other processes that answer at the same address. Absent: this one is alone. */
  readonly peers?: Peers
}

export interface Gateway {
  readonly manager: ProviderManager
  readonly llm: LLMProvider
  /** The keys in clear, if this start made them: the only time they can be shown. */
  readonly firstRun: {
    readonly adminToken?: string
    readonly clientKey?: string
    /** The vault, and perhaps the file with its key, if this start made them. */
    readonly vault?: { readonly where: string; readonly keyFile?: string }
  }
  /** What its operator should hear. */
  readonly warnings: readonly string[]
  readonly vault: VaultKeeping
  /** What was found without being configured. */
  readonly detected: readonly DetectedProvider[]
  /** Takes calls. Throws GatewayError with a message that names the flag to change. */
  listen(): Promise<Listening>
  /**
   * Reads the configuration anew and puts it in force for calls to come; those under way end as they began. Throws where it is not
   * valid; the one in force stays then.
   */
  reload(): Promise<ReloadReport>
  /** Reads the certificate of `server.tls` anew. Throws GatewayError where it cannot be used; the one before stays then. */
  renew(): Promise<void>
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
  const { config, now = Date.now, after = realAfter, pause, random, resolver, peers } = options
  const { host } = config.server
  const share = shareIn(config, peers)
  assertExposure(config)
  const { dataDir } = config
  const { execArgv, versions } = process
  await assertBoot({ env: options.env, execArgv, version: versions.node, nowMs: now(), dataDir })
  const happenings = new Happenings()
  if (options.hear !== undefined) happenings.listen(options.hear)
  const keepAliveMs = options.keepAliveMs ?? config.streams?.keepAliveMs ?? KEEP_ALIVE
  const isNamed = (target: Target): boolean => isNamedIn(config, manager, target)
  const watching = await openWatching({
    config,
    happenings,
    isNamed,
    now,
    after,
    keepAliveMs,
    ...compact({ peers }),
  })
  const ownPorts: number[] = []
  const inForce = new InForce(config, await readNewerList(config))
  const egress = egressOf(() => inForce.config)
  const transport = createTransport({
    ownPorts: () => ownPorts,
    never: () => egress().never,
    connected: (connection) => happenings.tell({ type: 'connected', ...connection }),
    ...compact({ resolver }),
  })
  const { tell } = happenings
  const store = await openStore(config, { now, tell })
  const { database, documents } = store
  const keys = compact({ given: peers?.given, keyed: peers?.keyed })
  const opened = await openVault({ ...options, ...keys, database, now, after, tell }).catch(
    async (thrown: unknown) => {
      await store.close()
      watching.close()
      throw thrown
    },
  )
  const { vault } = opened
  await followVault(vault, documents)
  peers?.follow(vault)
  const audit = await openAudit({ config, database, happenings, now, keys: chainKeysOf(vault) })
  const shared =
    share.redis === undefined ? peers?.shared : await openShared(share.redis, now, tell)
  const load = new Load(share.overload?.process)
  const ledger = await openLedger({ store, inForce, now, newId: newHolder, tell })
  const contents = openContents({ database, inForce, now, after, keyOf: contentKeyOf(vault) })
  const closeAlerts = openAlerts({
    database,
    inForce,
    happenings,
    transport,
    now,
    after,
  })
  const manager = new ProviderManager({
    after,
    load,
    dataDir,
    transport,
    egress,
    happenings,
    ledger: ledger.setup,
    middleware: [contents.middleware],
    probes: config.health ?? {},
    ...compact({
      clock: options.now,
      prices: config.prices,
      newerPrices: inForce.newerPrices,
      routes: config.routes,
      limits: config.limits.rules,
      outputReserve: config.limits.outputReserve,
      limitStore: shared?.limits,
      cache: compact({ ...config.cache, store: shared?.entries }),
      overload: share.overload,
      company: peers,
      startModel: peers?.startModel,
      pause,
      random,
      resilience: config.resilience,
      timeouts: config.resilience?.timeouts,
    }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  })
  if (peers !== undefined) followPeers(peers, manager)
  const pepper = (): Pepper | undefined => pepperOf(vault)
  const access = await openKeys({ config: () => inForce.config, documents, pepper, now })
  manager.routes.reserve('an alias', (name) => Object.hasOwn(inForce.config.aliases, name))
  const registered = await openRegistry({
    documents,
    manager,
    inForce,
    vault,
    now,
    after,
    ...compact({ processes: peers?.count }),
  })
  const { registry, registrar, sources, registerStored } = registered
  const detected = await registerAll(manager, { ...options, transport, registerStored })
  sources.note(manager, detected)
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
  const { responseStore } = config
  const answers =
    peers === undefined || responseStore.persist === true || !responseStore.enabled
      ? openAnswers(responseStore, { database, now, after })
      : peers.answers
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
    registrar,
    registry,
    sources,
    routes: manager.routes,
    targets: manager.targets,
    budgets: ledger.routes,
    watching: [
      ...watching.routes,
      ...audit.routes,
      ...registered.routes,
      configRoute({ config: () => inForce.config, waiting: () => reloading.waiting }),
    ],
    keys: access.routes,
    readiness: () => readinessOf(config, { closing: closing !== undefined, shared, vault }),
    reload: async () => {
      const report = await reloading.reload()
      await peers?.reloadOthers()
      return report
    },
    database,
    contentCipher: contents.cipher,
    llm,
    version: ownVersion(),
    startedAtMs: now(),
    isSplit: config.admin !== undefined,
    testsPerMinute: () => inForce.config.egress?.testsPerMinute ?? TESTS_PER_MINUTE,
  })
  const idempotency = openIdempotency(config, { now, shared, tell })
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
  const newId = requestIds(randomFillSync)
  const applicationFor = (config: PatchbayConfig): Application =>
    splitApplication(config, routes, (own, perimeter) =>
      createApplication({
        router: new Router(own),
        perimeter,
        auth: new Auth({ anonymous: anonymousUse(config), recognise: access.recognise }),
        maxBodyBytes: config.limits.maxBodyBytes,
        ...compact({ idempotency, door }),
        record: audit.desk,
        now,
        newId,
        errorWriterOf: errorWriterOf(dialects),
        refusalAt: (path) => refusalAt(path, dialects),
        tell,
        seal: () => sealOf(vault),
      }),
    )
  const generations = new Generations(applicationFor(config))
  registered.holdBy(generations)
  const reloading = new Reloading({
    manager,
    inForce,
    generations,
    applicationFor,
    apply: (next, newerPrices) => registry.apply(next, newerPrices),
    tell,
    renew: () => server.renew(),
    ...compact({ read: options.readConfig }),
  })
  peers?.duties
    .on('reload', async () => reloading.reload())
    .on('renew-certificate', async () => server.renew())
  const { drain } = config.server
  const server = await openListeners(config, ofGeneration(generations), {
    after,
    tell,
    isCrowded: () => door?.isCrowded === true,
    drainWaitMs: drain?.waitMs ?? (isLoopbackHost(host) ? 0 : DRAIN_WAIT),
    ...compact({ patience: share.clients, drainMs: options.drainMs ?? drain?.deadlineMs }),
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
    registered.close()
    await manager.closeAll()
    await ledger.close()
    await closeAlerts()
    await contents.close()
    await transport.close()
    access.close()
    await audit.close()
    await opened.close()
    await store.close()
    watching.close()
  }
  return {
    manager,
    llm,
    firstRun: { ...shown(access.made), ...compact({ vault: opened.made }) },
    warnings: opened.warnings,
    vault,
    detected,
    listen: async () => {
      const listening = await server.listen()
      ownPorts.push(...listening.ports)
      if (peers === undefined) await opened.listen()
      else peers.whenLeading(() => void opened.listen())
      return listening
    },
    // Asked twice, it is still one end: the calls under way keep their providers.
    close: () => (closing ??= shutDown()),
    hurry: () => server.hurry(),
    reload: () => reloading.reload(),
    renew: () => server.renew(),
  }
}

/** Undefined where this process counts alone: what speaks to Redis is then not even loaded. */
async function openShared(
  redis: NonNullable<PatchbayConfig['redis']>,
  clock: () => number,
  tell: Tell,
): Promise<Shared> {
  const { openRedis } = await import('../store/redis/open-redis.ts')
  const { url, ...more } = redis
  const ours = { clock, newId: newHolder, random: Math.random, tell }
  return openRedis({ url: url.reveal(), ...more, ...ours })
}

function newHolder(): string {
  return randomBytes(12).toString('hex')
}

function shown({
  admin,
  client,
}: FirstKeys): Pick<Gateway['firstRun'], 'adminToken' | 'clientKey'> {
  return {
    ...(admin === undefined ? {} : { adminToken: admin }),
    ...(client === undefined ? {} : { clientKey: client }),
  }
}

function ownVersion(): string {
  const path = createRequire(import.meta.url).resolve('patchbay/package.json')
  const text = readFileSync(path, 'utf8')
  return ObjectReader.of(parseJson(text), '').string('version')
}
