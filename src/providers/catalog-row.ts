// What is known of one kind of provider: a compatible host is one row of data.
import type { JsonObject } from '../canonical/json.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { AuthStyle } from './auth-style.ts'
import type { Locality, ProviderConcurrency } from './base-provider.ts'

/** Models, by name, that differ from the rest of their provider. Every family that matches adds its flags. */
export interface ModelFamily {
  readonly pattern: RegExp
  readonly flags?: JsonObject
  /** `false`: these models are not there in this protocol. */
  readonly served?: false
  /** Whole answers are asked for as streams, as `wholeByStream` of the row has it. */
  readonly wholeByStream?: true
  /** Clients break on the host's own spelling of answers: nothing passes as it is, unless the config says so. */
  readonly passThrough?: false
  /** Where two protocols lose as much, these models are better asked in this one. */
  readonly preferred?: true
}

/** One wire protocol of a host, and how the host speaks it. */
export interface Protocol {
  readonly dialect: Dialect
  /**
   * Its place below the host's root: the base URL less the main protocol's own place. Absent: where the base URL leads.
   * The main protocol's own is added to a base URL that has no path.
   */
  readonly basePath?: string
  /** How it takes the key, when not as the row says. */
  readonly auth?: AuthStyle
  /** Deviations of the host from the dialect; the dialect has a default for each. */
  readonly flags?: JsonObject
  readonly families?: readonly ModelFamily[]
  /** It can be asked in this protocol how many tokens a request has, be it a shim: a count loses nothing. */
  readonly counts?: true
  /** A translation by the host itself, which loses what it does not tell: spoken only where `settings.dialects` names it. */
  readonly shim?: true
  /** Flags of the main protocol that this one has no words for: where the config sets one, it is not spoken. */
  readonly without?: readonly string[]
}

/** Models are listed, and health is checked, in the protocol that stands in the row itself: the main one. */
export interface CatalogRow extends Protocol {
  readonly type: string
  /** As people write it. */
  readonly title: string
  /** Absent where only the config can say. */
  readonly baseUrl?: string
  /** What the config would say then. */
  readonly baseUrlExample?: string
  readonly auth: AuthStyle
  readonly locality: Locality
  /** It takes no calls until it has a key. */
  readonly keyRequired?: boolean
  /** Where models are listed, when not where the dialect says. */
  readonly listPath?: string
  /** Below the host's root: where it says that it is there, for less than its list of models costs it. */
  readonly alivePath?: string
  /** It turns no texts into vectors, though its protocol could say it. */
  readonly embeddings?: false
  /** The environment variable that its key is usually in. */
  readonly keyVariable?: string
  /** Where else it may be, in the order in which they are tried. */
  readonly otherKeyVariables?: readonly string[]
  /** The variable that the base URL is usually in, where only the config can say it. */
  readonly baseUrlVariable?: string
  /** The variable is usually set for other things, or for another address: a key in it is no wish to use this provider. */
  readonly keyOfManyUses?: true
  /** It goes on generating for a client that left, unless the answer is a stream: whole answers are asked for as streams. */
  readonly wholeByStream?: boolean
  /** How many calls it takes at once on this machine, where more would only wait there. */
  readonly concurrency?: ProviderConcurrency
  /** Its streams carry signs of life while it has nothing to say. */
  readonly pings?: true
  /** What else it speaks, in the order in which it is preferred. */
  readonly otherProtocols?: readonly Protocol[]
}
