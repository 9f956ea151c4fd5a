// Texts to vectors, one by one, so that it can stop after any of them.
import { GatewayError } from '../../../canonical/errors.ts'
import type { EmbeddingContext, Model } from './binding.ts'
import type { Embedded } from './protocol.ts'

export interface Embedding {
  readonly model: Model
  readonly context: EmbeddingContext
  readonly contextTokens: number
  readonly texts: readonly string[]
  /** Whether a text that is too long is cut; else it is refused. */
  readonly truncate: boolean
  readonly signal: AbortSignal
}

export async function embed(embedding: Embedding): Promise<Embedded> {
  const { context, texts, signal } = embedding
  const vectors: (readonly number[])[] = []
  let inputTokens = 0
  for (const [at, text] of texts.entries()) {
    if (signal.aborted) throw new GatewayError('cancelled', 'The call was cancelled.')
    const tokens = fitting(text, at, embedding)
    const { vector } = await context.getEmbeddingFor(tokens)
    if (vector.length === 0) throw empty(at)
    // The engine counts into the list that it is given what the model wants around it.
    inputTokens += tokens.length
    vectors.push(ofLengthOne(vector))
  }
  return { vectors, inputTokens }
}

function fitting(text: string, at: number, embedding: Embedding): number[] {
  const { model, context, contextTokens, truncate } = embedding
  const tokens = model.tokenize(text)
  const around = context.calculateInputLength([...tokens]) - tokens.length
  const room = contextTokens - 1 - around
  if (tokens.length <= room) return tokens
  if (truncate) return tokens.slice(0, room)
  throw new GatewayError(
    'context_length',
    `Text ${at + 1} is ${tokens.length} tokens long, and this model takes ${room}. Send a shorter one, or allow it to be cut with "truncate".`,
    { origin: 'client', code: 'context_length_exceeded', param: 'input' },
  )
}

/** As Ollama and llama.cpp's server give them. */
function ofLengthOne(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector)
  return length === 0 ? vector : vector.map((number) => number / length)
}

function empty(at: number): GatewayError {
  return new GatewayError('invalid_request', `Text ${at + 1} is empty: it has no vector.`, {
    origin: 'client',
    code: 'empty_input',
    param: 'input',
  })
}
