// What a replaying upstream must know of its vendor's protocol: how to read a request, and how to print an answer.
import type { ProviderConfig } from '../../src/providers/provider-config.ts'
import type { Json, JsonObject } from '../../src/wire/json.ts'
import type { ScriptedReply, SeenRequest } from '../fake-upstream.ts'
import type { Answer, Call, FailureKind } from './answer.ts'
import type { Violation } from './violation.ts'

/** What a request says, as far as a scenario depends on it. */
export interface Facts {
  readonly model: string
  readonly stream: boolean
  /** How often the model has spoken since the last question. */
  readonly turn: number
  /** What the results of the last calls say, in order. */
  readonly results: readonly string[]
  /** Ids of calls in the whole conversation, where this vendor has any. */
  readonly callIds: readonly string[]
  readonly system: string
  /** Base64 of every picture. */
  readonly images: readonly string[]
  /** Every signature that came back. */
  readonly seals: readonly string[]
  readonly schema?: JsonObject
  readonly tools: readonly string[]
}

export interface Vendor {
  /** The dialect's id. */
  readonly id: string
  /** How it is registered with the gateway. */
  readonly provider: (url: string) => ProviderConfig
  /** The model's name before the scenario's; decides which family rules apply. */
  readonly family: string
  readonly modelsPath: string
  /** Throws Violation where the real vendor would refuse. */
  readonly check: (request: SeenRequest) => void
  readonly facts: (request: SeenRequest) => Facts
  readonly whole: (answer: Answer, model: string) => Json
  /** Each as its own write. */
  readonly stream: (answer: Answer, model: string) => readonly string[]
  /** A stream that begins with an answer and breaks in the vendor's own words. */
  readonly broken: (answer: Answer, model: string) => readonly string[]
  /** As much of the answer's stream as comes before its end. */
  readonly begun: (answer: Answer, model: string) => readonly string[]
  readonly contentType: string
  readonly violation: (violation: Violation) => ScriptedReply
  readonly failure: (kind: FailureKind) => ScriptedReply
  readonly models: (names: readonly string[]) => Json
  /** The id of a call; absent where this vendor gives none. */
  readonly callId?: (call: Call) => string
  /** What it signs an answer with; absent where this vendor signs nothing. */
  readonly sealOf?: (answer: Answer) => string | undefined
  /** Whether its answers tell of a filter, of thinking, of the cache. */
  readonly tells: {
    readonly filter: boolean
    readonly cached: boolean
    readonly thinkingCount: boolean
  }
}

/** What a vendor says of each failure; the gateway passes it on, but for what it says of our key. */
export const FAILURE_TEXT: Readonly<Record<FailureKind, string>> = {
  invalid: 'The field "frobnicate" is wrong.',
  auth: 'This key is not valid.',
  'rate-limit': 'Too many requests; slow down.',
  internal: 'Something broke inside.',
  overloaded: 'Too busy now.',
}

/** What a stream says when it breaks. */
export const BROKEN_TEXT = 'Too busy now.'

export function sse(event: Json, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(event)}\n\n`
}

export function jsonReply(
  status: number,
  body: Json,
  headers: Readonly<Record<string, string>> = {},
): ScriptedReply {
  return { status, headers, chunks: [JSON.stringify(body)] }
}
