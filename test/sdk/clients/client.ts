// The one surface under which every client library is tried: a conversation that goes on as a program of that library would.
import { z } from 'zod'
import { words } from '../../replay/violation.ts'
import {
  type Json,
  type JsonObject,
  isArray,
  isObject,
  parseJson,
  tryParseJson,
} from '../../../src/wire/json.ts'

export interface Access {
  /** The gateway, without a slash at the end. */
  readonly url: string
  readonly key: string
}

export interface Tool {
  readonly name: string
  readonly description: string
  readonly parameters: z.ZodObject
}

export interface Ask {
  readonly model: string
  readonly system: string
  readonly question: string
  /** Base64 of a PNG. */
  readonly image?: string
  readonly tools?: readonly Tool[]
  /** The answer must fit it. */
  readonly schema?: z.ZodObject
  /** The model is to think, and to show it. */
  readonly thinks?: true
}

export interface Reply {
  readonly text: string
  readonly thinking: string
  /** Where the library has a place of its own for it. */
  readonly refusal?: string
  /** Arguments that are no JSON, as an answer that was cut off has them, are a text. */
  readonly calls: readonly { readonly name: string; readonly input: Json }[]
  /** In the words of the client's protocol. */
  readonly finish: string
  readonly usage: { readonly input: number; readonly output: number; readonly cached?: number }
  /** What the library made of the answer by the schema. */
  readonly parsed?: unknown
  /** The library's own final object, without ids and times. */
  readonly final: Json
}

/** Whether an answer comes whole or as a stream. */
export type Mode = 'whole' | 'stream'

export interface Conversation {
  /** Asks, and keeps the answer in the history as the library gave it. */
  next(mode: Mode): Promise<Reply>
  /** Answers the last calls, in their order. */
  give(results: readonly string[]): void
}

interface Failure {
  /** Whether it is of the library's own class for answers of a server. */
  readonly native: boolean
  readonly status?: number
  readonly message: string
}

/** The client's own word for each way in which an answer can end. */
export interface Words {
  readonly stop: string
  readonly length: string
  readonly tools: string
  readonly filter: string
}

export interface Client {
  open(ask: Ask): Conversation
  /** Begins a stream and gives it up after the first text. */
  leave(ask: Ask): Promise<void>
  models(): Promise<readonly string[]>
  /** The library's own loop: it calls `answer` for every call, and gives the last text. */
  run?(ask: Ask, answer: (name: string) => string): Promise<string>
  failure(error: unknown): Failure
}

export interface ClientKind {
  /** Library, version and protocol. */
  readonly name: string
  readonly words: Words
  /** The status that its protocol has for a provider that is too busy. */
  readonly busy: number
  /** What this library makes of the text of a tool's result. */
  readonly result?: (name: string, text: string) => string
  /** What this client's protocol or library cannot show. */
  readonly blind?: readonly Blindness[]
  readonly connect: (access: Access) => Promise<Client> | Client
}

/**
 * `cached`: no count of tokens from a cache; `schema`: no answer by a schema but by a forced tool; `images`: no pictures
 * for models that it does not know by name; `ids`: ids of its own for calls; `stream-counts`: wrong
 * counts of streams; `thinking-loop`: it cannot send back what a
 * model thought between calls; `leaving`: it reads a stream to its end when it is left; `thinking`: not what the model thought; `seals`: no place for a vendor's
 * signature; `forges`: signatures of its own
 * where the vendor gave none; `unsigned`: calls go back without any signature; `callless`: results go back without their calls; `filters`: it throws where a
 * filter ended an answer; `stream-ends`: not why a stream ended; `cut-streams`: nor how, where it was cut short; `models`: no list of models; `refusals`: no words of a refusal, only its status; `broken`: no words of what
 * broke a stream; `breaks`: not even that it broke.
 */
export type Blindness =
  | 'cached'
  | 'schema'
  | 'images'
  | 'ids'
  | 'stream-counts'
  | 'thinking-loop'
  | 'leaving'
  | 'thinking'
  | 'seals'
  | 'forges'
  | 'unsigned'
  | 'callless'
  | 'filters'
  | 'stream-ends'
  | 'cut-streams'
  | 'models'
  | 'refusals'
  | 'broken'
  | 'breaks'

/** A JSON copy of what a library gave, for reading fields that its types do not know. */
export function plain(value: unknown): JsonObject {
  const copy = parseJson(JSON.stringify(value) ?? 'null')
  return isObject(copy) ? copy : {}
}

const PASSING = new Set(
  words(`
  id created createdAt created_at completed_at responseId item_id _request_id system_fingerprint
  total_duration load_duration prompt_eval_duration eval_duration sdkHttpResponse
  obfuscation parsed parsed_arguments output_parsed parsed_output output_text
`),
)

/** Without what differs from call to call, or from helper to helper: ids, times, what was parsed. */
export function lasting(value: unknown): Json {
  return stripped(plain(value))
}

function stripped(value: Json): Json {
  if (isArray(value)) return value.map((item) => stripped(item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !PASSING.has(key))
      .map(([key, child]) => [key, stripped(child ?? null)]),
  )
}

/** JSON Schema as programs hand it to libraries that take no zod. */
export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  return { ...z.toJSONSchema(schema) }
}

export function objectOf(text: string): JsonObject {
  const value = parseJson(text)
  if (!isObject(value)) throw new Error(`not an object: ${text}`)
  return value
}

/** Arguments of a call, or their text where it breaks off. */
export function argumentsOf(text: string): Json {
  return tryParseJson(text) ?? text
}

/** What a failed call of any library tells. */
export function told(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Rejects with what it was left with; a call that does not fail is a failure. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('the call did not fail')
    },
    (error: unknown) => error,
  )
}
