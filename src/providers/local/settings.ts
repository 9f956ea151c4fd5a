// What a user may set for the embedded model, under `settings` of its provider.
import { availableParallelism } from 'node:os'
import { compact } from '../../canonical/compact.ts'
import type { ProviderSettings } from '../provider-config.ts'
import { ObjectReader } from '../../wire/json.ts'

export interface LocalSettings {
  /** A GGUF file of the user's own; it becomes the default model. */
  readonly modelPath?: string
  /** A GGUF file of a model made for embeddings, beside the one for conversations. */
  readonly embeddingModelPath?: string
  /** Tokens of one conversation, answer included; cut to what the model was trained for. Default 8192. */
  readonly contextTokens: number
  /** Calls that run at a time. Memory grows with it. Default 2. */
  readonly parallel: number
  /** Calls that may wait. Default 32. */
  readonly queue: number
  /** The longest answer of a request that names no length, in tokens. Default 2048. */
  readonly maxOutputTokens: number
  /** Default: all processors but one. */
  readonly threads: number
  /** Seconds without a call after which the model leaves memory. Default 600. */
  readonly idleTimeout: number
  /** Whether engine and model may be fetched by the first call. Default true. */
  readonly fetch: boolean
}

/** Throws WireError for a value of the wrong type. */
export function readLocalSettings(settings: ProviderSettings | undefined): LocalSettings {
  const reader = new ObjectReader(settings ?? {}, 'settings')
  return {
    contextTokens: reader.optionalNumber('contextTokens') ?? 8192,
    parallel: reader.optionalNumber('parallel') ?? 2,
    queue: reader.optionalNumber('queue') ?? 32,
    maxOutputTokens: reader.optionalNumber('maxOutputTokens') ?? 2048,
    // The engine's threads wait for each other in busy loops: on a full machine one thread too many costs minutes.
    threads: reader.optionalNumber('threads') ?? Math.max(1, availableParallelism() - 1),
    idleTimeout: reader.optionalNumber('idleTimeout') ?? 600,
    fetch: reader.optionalBoolean('fetch') ?? true,
    ...compact({
      modelPath: reader.optionalString('modelPath'),
      embeddingModelPath: reader.optionalString('embeddingModelPath'),
    }),
  }
}
