// What is known of one kind of provider: a compatible host is one row of data.
import type { JsonObject } from '../canonical/json.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { AuthStyle } from './auth-style.ts'
import type { Locality } from './base-provider.ts'

/** Models, by name, that differ from the rest of their provider. Every family that matches adds its flags. */
interface ModelFamily {
  readonly pattern: RegExp
  readonly flags: JsonObject
}

export interface CatalogRow {
  readonly type: string
  /** As people write it. */
  readonly title: string
  readonly dialect: Dialect
  /** Absent where only the config can say. */
  readonly baseUrl?: string
  readonly auth: AuthStyle
  readonly locality: Locality
  /** It takes no calls until it has a key. */
  readonly keyRequired?: boolean
  /** Where models are listed, when not where the dialect says. */
  readonly listPath?: string
  /** False where the host turns no texts into vectors though its protocol could say it. */
  readonly embeddings?: false
  /** By whose protocol it can be asked how many tokens a request has; absent: it does not count. */
  readonly counts?: Dialect
  /** The environment variable that its key is usually in. */
  readonly keyVariable?: string
  /** Where else it may be, in the order in which they are tried. */
  readonly otherKeyVariables?: readonly string[]
  /** It goes on generating for a client that left, unless the answer is a stream: whole answers are asked for as streams. */
  readonly wholeByStream?: boolean
  /** Deviations of the host from its dialect; the dialect has a default for each. */
  readonly flags?: JsonObject
  readonly families?: readonly ModelFamily[]
}
