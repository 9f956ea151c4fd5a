// What a user says of one provider, and what a provider is built with.
import type { Json, JsonObject } from '../canonical/json.ts'
import { ROTATIONS, type Rotation } from '../exchange/credential.ts'
import type { EgressRules } from '../transport/egress.ts'
import type { Transport } from '../transport/transport.ts'
import type { AuthStyle } from './auth-style.ts'
import type { OnProgress } from './local/progress.ts'
import type { StartWorker } from './local/worker-process.ts'
import type { Secret } from '../vault/secret.ts'

/** The names of the ways in which a key is chosen. */
export const KEY_ROTATIONS: typeof ROTATIONS = ROTATIONS

/** The provider types Patchbay brings along; `registerProviderType` adds more. */
export const ProviderType = {
  ollama: 'ollama',
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  mistral: 'mistral',
  custom: 'custom',
  local: 'local',
} as const
export type ProviderType = (typeof ProviderType)[keyof typeof ProviderType]

export interface ProviderSettings {
  /** Seconds to open a connection, name lookup included. Default 3. */
  readonly connectTimeout?: number
  /** Seconds for TLS on top of that. Default 3. */
  readonly tlsTimeout?: number
  /** Seconds to the head of a stream. Default 30; 300 on this machine, where models load first. */
  readonly firstByteTimeout?: number
  /** Seconds to the head of an answer that comes as a whole. Default 300. */
  readonly wholeTimeout?: number
  /** Seconds between two chunks, be they signs of life. Default 60, of a host that sends such signs 30, on this machine 300. */
  readonly idleTimeout?: number
  /** Seconds without a word of the answer, whatever signs of life come. Default 60; 300 on this machine. */
  readonly contentTimeout?: number
  /** Seconds for the whole answer. Default 900. */
  readonly totalTimeout?: number
  /** `custom` only: the id of the wire protocol that the host speaks. Default: the OpenAI one. */
  readonly dialect?: string
  /**
   * The protocols to ask the host in, best first; of several, each request goes out in the one that loses least.
   * Default: what is known of its type. `custom`: any; else among those that the type has.
   */
  readonly dialects?: readonly string[]
  /** How the key is sent. Default: as the type says; of `custom`, as the protocol's own vendor takes it. */
  readonly auth?: AuthStyle
  /** Overrides what is known of the host's deviations; the dialect reads them. */
  readonly flags?: JsonObject
  /** Extra headers for every call. */
  readonly headers?: Readonly<Record<string, string>>
  /** Extra query parameters for every call, such as `api-version`. */
  readonly query?: Readonly<Record<string, string>>
  /** Fetch images and documents that a request names by address, where the host takes none by address. Default false. */
  readonly fetchMedia?: boolean
  /** Bytes that may be fetched for one request. Default 20 MiB. */
  readonly fetchMediaMaxBytes?: number
  /** Whether the host is free and on this machine. Default: a loopback address without a key is. */
  readonly local?: boolean
  /** `custom` only: whole answers are asked for as streams, for hosts that otherwise go on generating when a client leaves. */
  readonly wholeByStream?: boolean
  /** false: nothing passes as it is, also where client and host speak the same protocol, so that the client never sees a host's own spelling. Default true, but for hosts on whose spelling clients break. */
  readonly passThrough?: boolean
  readonly [key: string]: Json | undefined
}

/** One of several keys of a provider. */
export interface CredentialConfig {
  /** Public: it stands in trails, health and metrics. Default `k1`, `k2` and so on by its place. */
  readonly name?: string
  readonly key: string | Secret
  /** Its share of the calls. Default 1. */
  readonly weight?: number
}

export interface ProviderConfig {
  /** A built-in ProviderType, a catalog type such as `groq`, or one from `registerProviderType`. */
  readonly providerType: string
  /** What clients call it: `name/model`. Unique in a manager. */
  readonly name: string
  readonly apiKey?: string | Secret
  /** Further keys: calls are shared among all of them, and one that is refused or used up is left alone. */
  readonly apiKeys?: readonly CredentialConfig[]
  /** How the key of a call is chosen. Default `round-robin`. */
  readonly keyRotation?: Rotation
  readonly baseUrl?: string
  /** Models to offer besides those the provider lists; the only ones when it cannot list. */
  readonly models?: readonly string[]
  readonly defaultModel?: string
  /** Default true. */
  readonly enabled?: boolean
  /** Why it cannot be called whatever else is said of it, such as a key that does not open. */
  readonly unusable?: string
  /** Requests a minute through a manager's pipeline; absent: no limit. */
  readonly rateLimit?: number
  /** Seconds to the first byte, and again between chunks: short for four of the timeouts in `settings`. */
  readonly timeout?: number
  readonly settings?: ProviderSettings
}

/** Seconds for the phases of a call; as in ProviderSettings. */
export interface ProviderTimeouts {
  readonly connect?: number
  readonly tls?: number
  readonly firstByte?: number
  readonly whole?: number
  readonly idle?: number
  readonly content?: number
  readonly total?: number
}

/**
 * Who wrote a config: the operator (config file, command line, library code) or an API caller. Only the operator may point at private
 * addresses, an API caller at those that the operator has listed.
 */
export type ConfigSource = 'operator' | 'remote'

/** What a manager lends to the providers it builds. */
export interface ProviderContext {
  readonly transport: Transport
  /** Milliseconds, for time stamps and for measuring. */
  readonly clock: () => number
  /** A fresh id for a call that no server request started. */
  readonly newId: () => string
  readonly source: ConfigSource
  /** Where providers may be, as the operator has it now. Absent: nothing besides public addresses and what the operator's own configs name. */
  readonly egress?: () => EgressRules
  /** What holds for providers whose config does not say. */
  readonly timeouts?: ProviderTimeouts
  /** Hears of long fetches that a call starts, such as the embedded model's. */
  readonly onProgress?: OnProgress
  /** Starts the process of the embedded model. Absent: each provider has one of its own. */
  readonly startModel?: StartWorker
  /** Where files that outlive the process go; absent: the platform's usual place. */
  readonly dataDir?: string
}
