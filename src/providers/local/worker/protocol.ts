// What Patchbay and the process that runs the model say to each other over the process channel.
import type { JsonObject } from '../../../canonical/json.ts'
import type { ErrorKind } from '../../../canonical/errors.ts'

export interface PlainTurn {
  readonly role: 'system' | 'user' | 'assistant'
  readonly text: string
}

/** One generation, in the engine's terms. */
export interface Job {
  /** A last turn of the assistant is continued. */
  readonly turns: readonly PlainTurn[]
  readonly temperature: number
  readonly topP: number
  readonly topK: number
  readonly minP: number
  readonly seed?: number
  readonly repeatPenalty: number
  readonly presencePenalty: number
  readonly frequencyPenalty: number
  readonly stop: readonly string[]
  readonly maxTokens: number
  /** `true`: any JSON object; else what the schema says. */
  readonly json?: true | JsonObject
}

export interface LoadOrder {
  readonly type: 'load'
  readonly engineEntry: string
  readonly modelPath: string
  /** For each sequence; cut to what the model was trained for. */
  readonly contextTokens: number
  readonly sequences: number
  readonly threads: number
  readonly gpu: 'auto' | false
}

/** What the model is to do: generate, turn texts into vectors, or count what a generation would read. */
export type Order =
  | { readonly type: 'run'; readonly job: Job }
  | { readonly type: 'embed'; readonly texts: readonly string[]; readonly truncate: boolean }
  | { readonly type: 'count'; readonly job: Job }

export type ToWorker =
  | LoadOrder
  | (Order & { readonly id: number })
  | { readonly type: 'cancel'; readonly id: number }

export interface JobEnd {
  readonly reason: 'stop' | 'stop-sequence' | 'length' | 'context-length' | 'cancelled'
  readonly stopSequence?: string
  readonly inputTokens: number
  /** Of the input: still in memory from an earlier call. */
  readonly cachedTokens: number
  readonly outputTokens: number
  readonly promptMs: number
  readonly outputMs: number
}

export interface Embedded {
  /** Of length one, in the order of the texts. */
  readonly vectors: readonly (readonly number[])[]
  readonly inputTokens: number
}

/** All but `begun` and `text` are the last that is heard of an order. */
export type JobNews =
  | { readonly type: 'begun'; readonly id: number }
  | { readonly type: 'text'; readonly id: number; readonly text: string }
  | { readonly type: 'ended'; readonly id: number; readonly end: JobEnd }
  | ({ readonly type: 'embedded'; readonly id: number } & Embedded)
  | { readonly type: 'counted'; readonly id: number; readonly tokens: number }
  | {
      readonly type: 'refused'
      readonly id: number
      readonly kind: ErrorKind
      readonly message: string
    }

export type FromWorker =
  | { readonly type: 'loaded' }
  | { readonly type: 'load-failed'; readonly message: string }
  | JobNews

// Both ends are of the same package, so a message with a type is taken for what its type says.

export function isToWorker(message: unknown): message is ToWorker {
  return hasType(message)
}

export function isFromWorker(message: unknown): message is FromWorker {
  return hasType(message)
}

function hasType(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message
}
