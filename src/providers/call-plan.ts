// What is known of a call before it is made: what would go out, and what the translation costs. Nothing in it is secret.
import type { JsonObject } from '../canonical/json.ts'
import type { Note } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { AskedIn, Lane } from '../exchange/exchange.ts'
import { isObject, tryParseJson } from '../wire/json.ts'

/** An HTTP request as it would be sent, but for the values that only the operator may see. */
export interface OutgoingCall {
  readonly kind: 'http'
  /** The id of the protocol that is spoken. */
  readonly dialect: string
  readonly method: string
  readonly url: string
  /** What follows the provider's base URL. */
  readonly path: string
  /** The key, and whatever the configuration adds, are masked. */
  readonly headers: Readonly<Record<string, string>>
  /** Those of them that the operator added, the key's among them. */
  readonly operatorHeaders: readonly string[]
  /** The exact text. */
  readonly body?: string
}

/** What is handed to a provider that is no HTTP host: a plugin, or the model inside. */
export interface InnerCall {
  readonly kind: 'inner'
  readonly given: JsonObject
}

export interface CallPlan {
  readonly lane: Lane
  readonly notes: readonly Note[]
  /** As the target takes it: lowered, with the target's own name of the model. */
  readonly request: ChatRequest
  readonly call: OutgoingCall | InnerCall
  /** The protocol, and why it of all that the provider speaks; absent where it speaks none. */
  readonly askedIn?: AskedIn
  /** The other protocols, with what they would lose. */
  readonly others?: readonly OtherProtocol[]
  /** Addresses in the request that would be fetched first: samples stand for what is there. */
  readonly fetches?: readonly string[]
}

interface OtherProtocol {
  readonly dialect: string
  readonly notes: readonly Note[]
}

/** A value of ours as JSON has it: without what JSON cannot say. */
export function asJsonObject(value: object): JsonObject {
  const json = tryParseJson(JSON.stringify(value))
  return isObject(json) ? json : {}
}
