// The configuration that everything else is built from, and the layer of it that one source gives.
import type { BudgetRule } from '../ledger/budget-rule.ts'
import type { LedgerDurability, RecordedCalls } from '../ledger/ledger.ts'
import type { KeptContentPolicy } from '../canonical/content-policy.ts'
import type { AllowedBudget, AllowedLimits } from '../canonical/allowance.ts'
import type { Route } from '../routing/route.ts'
import type { ProviderConfig, ProviderTimeouts } from '../providers/provider-config.ts'
import type { CacheSetup } from '../resilience/cache/cache-setup.ts'
import type { ResilienceOptions } from '../resilience/resilience-options.ts'
import type { OverloadOptions } from '../resilience/overload-options.ts'
import type { LimitRule } from '../resilience/limits/limit-rule.ts'
import type { ProbingOptions } from '../resilience/probing.ts'
import type { PriceSetting } from '../usage/price-setting.ts'
import type { AddressRange } from '../transport/address.ts'
import type { EgressRules } from '../transport/egress.ts'
import type { ConfigSources } from './config-sources.ts'
import type { ClientPatience } from './client-patience.ts'
import type { PassphraseCost } from '../vault/passphrase.ts'
import type { Secret } from '../vault/secret.ts'

/** Who may chat without a key: nobody, anyone on this machine but only with free local providers, or anyone with everything. */
export type AnonymousUse = 'off' | 'local' | 'all'

/** How answers are kept for clients that come back to them. */
export interface ResponseStoreConfig {
  readonly enabled: boolean
  /** Seconds after an answer was given or last gone on from. */
  readonly ttl: number
  readonly maxEntries: number
  readonly maxBytes: number
  /** Whether it is kept in the database, for all gateways that share it, and not in memory. Default: false. */
  readonly persist?: boolean
}

/** How the server stops. */
export interface DrainConfig {
  /** Milliseconds in which calls are still taken. Default: 5000; 0 on loopback, where nobody spreads calls. */
  readonly waitMs?: number
  /** Milliseconds from the first word of the stop until calls are cut. Default: 25000. */
  readonly deadlineMs?: number
}

/** What is held back when there is too much to do; what is left out is as by default. */
export interface OverloadConfig extends OverloadOptions {
  /** Whether the server measures how loaded it is. Default: true. */
  readonly enabled?: boolean
}

interface LimitsConfig {
  readonly maxBodyBytes: number
  /** What calls must pass. */
  readonly rules?: readonly LimitRule[]
  /** Tokens that limits set aside for an answer whose request sets no limit. */
  readonly outputReserve?: number
}

/** What clients of streams are told while there is nothing to say; all in milliseconds. */
export interface StreamsConfig {
  /** How long the head of an answer waits for its first word. */
  readonly holdMs?: number
  /** How often a client that has a head and no answer is told to go on waiting. */
  readonly waitingMs?: number
  /** The silence within an answer after which a sign of life is sent. */
  readonly keepAliveMs?: number
}

export interface RedisConfig {
  readonly url: Secret
  /** How many gateways share it. */
  readonly instances: number
  /** Installations that share a Redis and not their limits differ in it. */
  readonly namespace: string
  /** Patience with one command. */
  readonly timeoutMs: number
  /** What gateways get to tell what they remember to a Redis that lost its memory. */
  readonly settleMs: number
  /** Part of a leased limit that each gateway sets aside. */
  readonly slice: number
}

/** How answers are used again for calls that are the same; what is not there has its default. */
export type CacheConfig = Omit<CacheSetup, 'store'>

/** How answers are kept for calls that are sent again with one Idempotency-Key; what is not there has its default. */
export interface IdempotencyConfig {
  readonly enabled?: boolean
  readonly ttlMs?: number
  readonly maxEntries?: number
  readonly maxBytes?: number
  /** Characters. */
  readonly maxAnswer?: number
}

/** Where things are remembered; what is not there has its default. */
export interface StoreConfig {
  /** Absent: a file in the data folder. */
  readonly url?: Secret
  readonly durability?: 'strict' | 'fast'
  /** Default: quick. */
  readonly check?: 'quick' | 'none'
  /** Default: 10. */
  readonly connections?: number
  /** Default: 5000. */
  readonly timeoutMs?: number
  /** Default: 30000. */
  readonly waitMs?: number
  /** Default: 10000. */
  readonly maxWaiting?: number
}

/** Who may spend how much. */
export interface BudgetsConfig {
  readonly rules: readonly BudgetRule[]
  /** Tokens of an answer without a limit, where a hard budget counts it. */
  readonly outputReserve?: number
}

/** How what calls use is written down; what is not there has its default. */
export interface LedgerConfig {
  /** Default: all. */
  readonly records?: RecordedCalls
  readonly durability?: LedgerDurability
  readonly leaseMs?: number
  readonly checkpointMs?: number
}

/** Whose texts of calls are kept, and how. */
export interface ContentRule {
  /** A key's public id; `*` at the end stands for any rest. */
  readonly of: string
  readonly policy: KeptContentPolicy
}

/** Of keys that are made over the API; what is not there has its default. */
export interface KeysConfig {
  readonly defaultLimits?: AllowedLimits
  readonly defaultBudget?: readonly AllowedBudget[]
  /** Days that a new key is good for. */
  readonly expiresDays?: number
  /** How long the old secret of a rotated key is good. */
  readonly overlapSeconds?: number
  /** How long digests of an earlier pepper are honoured. */
  readonly renewalDays?: number
}

/** Where the key of the vault is; what is not there has its default. */
export interface VaultConfig {
  /** Absent: where `patchbay init` puts it. */
  readonly keyFile?: string
  /** Whether `patchbay serve` may make a vault at its very first start, on loopback. Default: true. */
  readonly autoInit?: boolean
  /** Whether the keychain of the system is asked. Default: true. */
  readonly keychain?: boolean
  /** Until a place that did not answer is asked again; each time twice as long. Default: 1000. */
  readonly retryMs?: number
  /** Default: 60000. */
  readonly retryMostMs?: number
  /** Of new passphrases. */
  readonly passphrase?: PassphraseCost
}

/** Who is told when budgets are spent. */
export interface AlertsConfig {
  /** Percent of a budget. Default: 50, 80, 100. */
  readonly thresholds?: readonly number[]
  readonly webhook?: {
    readonly url: string
    readonly secret: Secret
    readonly timeoutMs?: number
    readonly tries?: number
  }
}

export interface MetricsConfig {
  /** Default: true. */
  readonly enabled?: boolean
  /** Whether they may be read without the admin token. Default: false. */
  readonly isPublic?: boolean
  /** Models with series of their own. Default: 200. */
  readonly maxModels?: number
}

/** How providers are asked whether they are there; what is absent is as PROBING has it. */
export interface HealthConfig extends Partial<ProbingOptions> {
  /** Default: true. */
  readonly probes?: boolean
  /** Default: true. */
  readonly checkKeys?: boolean
}

/** The numbers of retries, breakers, waits and refused keys. */
export interface ResilienceConfig extends ResilienceOptions {
  /** Of providers whose config does not say. */
  readonly timeouts?: ProviderTimeouts
}

/** What may be reached from here; what is absent is as NO_RULES has it. */
export interface EgressConfig extends Partial<EgressRules> {
  /** How often a minute the connection to a provider may be tried out over the API. Default: 10. */
  readonly testsPerMinute?: number
}

/** Files in PEM. */
export interface TlsConfig {
  readonly cert: string
  readonly key: string
}

/** The address of the admin API alone. */
export interface AdminConfig {
  readonly host: string
  readonly port: number
}

/** What a running Patchbay knows about itself once flags, environment, file and defaults are put together. */
export interface PatchbayConfig {
  readonly server: {
    readonly host: string
    readonly port: number
    /** Host headers accepted besides the server's own address and the loopback names. */
    readonly allowedHosts: readonly string[]
    /** Browser origins accepted besides the server's own. */
    readonly allowedOrigins: readonly string[]
    /** On loopback: chat needs no key, for cloud providers too. */
    readonly open: boolean
    /** How slow clients may be, where not as CLIENT_PATIENCE has it. */
    readonly clients?: Partial<ClientPatience>
    readonly drain?: DrainConfig
    readonly tls?: TlsConfig
    /** Proxies whose word on a client is believed. */
    readonly behindProxy?: readonly AddressRange[]
    /** Whether the file is read anew when it has changed. */
    readonly watch?: boolean
    /** Processes that answer; `auto`: one for each core. Default 1. */
    readonly workers?: 'auto' | number
  }
  /** Absent: the admin is answered where clients are. */
  readonly admin?: AdminConfig
  readonly auth: { readonly anonymous: AnonymousUse }
  readonly providers: readonly ProviderConfig[]
  readonly defaultProvider?: string
  /** A name that clients use -> `provider/model` or a model. */
  readonly aliases: Readonly<Record<string, string>>
  /** Prices of the user's own by `provider/model`, in US dollars for a million tokens. */
  readonly prices?: Readonly<Record<string, PriceSetting>>
  /** A newer public list of prices; absent: prices.json in the data folder, where there is one. */
  readonly pricesFile?: string
  /** Names that stand for several targets. */
  readonly routes?: readonly Route[]
  /** Module paths (from `baseDir`) or package names that add provider types. */
  readonly plugins: readonly string[]
  readonly dataDir: string
  readonly limits: LimitsConfig
  /** Where limits are counted together with other gateways; absent: this process counts alone. */
  readonly redis?: RedisConfig
  readonly store?: StoreConfig
  readonly budgets?: BudgetsConfig
  readonly ledger?: LedgerConfig
  readonly keys?: KeysConfig
  readonly vault?: VaultConfig
  readonly streams?: StreamsConfig
  readonly alerts?: AlertsConfig
  /** Absent: no text of any call is kept. */
  readonly contents?: readonly ContentRule[]
  /** The numbers of retries, breakers, waits and refused keys. */
  readonly resilience?: ResilienceConfig
  readonly responseStore: ResponseStoreConfig
  readonly cache?: CacheConfig
  readonly idempotency?: IdempotencyConfig
  readonly metrics?: MetricsConfig
  readonly health?: HealthConfig
  readonly overload?: OverloadConfig
  readonly egress?: EgressConfig
  /** The folder that relative paths in the file start from: the file's own, else the working folder. */
  readonly baseDir: string
  /** The file that was read, when there was one. */
  readonly file?: string
  /** Which settings are no defaults, and who says them. */
  readonly sources?: ConfigSources
}

/** What one source (flags, environment or file) says of the configuration; the others fill the rest. */
export interface ConfigLayer {
  readonly server?: Partial<PatchbayConfig['server']>
  readonly admin?: AdminConfig
  readonly auth?: Partial<PatchbayConfig['auth']>
  readonly providers?: readonly ProviderConfig[]
  readonly defaultProvider?: string
  readonly aliases?: Readonly<Record<string, string>>
  readonly routes?: readonly Route[]
  readonly prices?: Readonly<Record<string, PriceSetting>>
  /** A newer public list of prices; absent: prices.json in the data folder, where there is one. */
  readonly pricesFile?: string
  readonly plugins?: readonly string[]
  readonly dataDir?: string
  readonly limits?: Partial<LimitsConfig>
  readonly redis?: RedisConfig
  readonly store?: StoreConfig
  readonly budgets?: BudgetsConfig
  readonly ledger?: LedgerConfig
  readonly keys?: KeysConfig
  readonly vault?: Partial<VaultConfig>
  readonly streams?: StreamsConfig
  readonly alerts?: AlertsConfig
  /** Absent: no text of any call is kept. */
  readonly contents?: readonly ContentRule[]
  readonly resilience?: ResilienceConfig
  readonly responseStore?: Partial<ResponseStoreConfig>
  readonly cache?: CacheConfig
  readonly idempotency?: IdempotencyConfig
  readonly metrics?: MetricsConfig
  readonly health?: HealthConfig
  readonly overload?: OverloadConfig
  readonly egress?: EgressConfig
}

/** True where only this machine can reach the address. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
  )
}
