// The library's plain way to turn texts into vectors, to and from the canonical request and answer.
import { compact } from '../canonical/compact.ts'
import type {
  EmbedInput,
  EmbedRequest,
  EmbedResponse,
  EmbedSettings,
} from '../canonical/embedding.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Note, Policy } from '../canonical/note.ts'
import { type Usage, totalTokens } from '../canonical/usage.ts'
import { numbersOf } from '../canonical/vector.ts'

export interface EmbedOptions extends EmbedSettings {
  /** The end user, for the provider's abuse checks. */
  readonly user?: string
  /** Which losses of a translation pass; see the notes of the answer. */
  readonly policy?: Policy
  /** Aborting it cancels the upstream. */
  readonly signal?: AbortSignal
}

/** What a provider's own `embed` has to give: one vector for each input, in their order. */
export interface MinimalEmbedAnswer {
  readonly vectors: readonly (readonly number[])[]
  readonly model?: string
  readonly usage?: Usage
}

export interface EmbedAnswer extends MinimalEmbedAnswer {
  readonly model: string
  /** The name of the provider that answered. */
  readonly provider: string
  /** How many times a provider was asked for it, failures too; absent where nobody counted. */
  readonly attempts?: number
  /** Absent where the provider does not count. */
  readonly tokensUsed?: number
  readonly latencyMs: number
  /** What the translation changed or lost. */
  readonly notes: readonly Note[]
}

/** What `origin.dialect` says of requests made by the library: no wire protocol of that name exists. */
const LIBRARY = 'library'

export function toEmbedRequest(
  inputs: string | readonly string[],
  model: string,
  options: EmbedOptions = {},
): EmbedRequest {
  const { dimensions, task, title, truncate, user } = options
  const texts = typeof inputs === 'string' ? [inputs] : inputs
  return {
    origin: { dialect: LIBRARY },
    model,
    inputs: texts.map((text): EmbedInput => ({ type: 'text', text })),
    ...compact({ dimensions, task, title, truncate, user }),
  }
}

export function toEmbedAnswer(
  response: EmbedResponse,
  beside: Pick<EmbedAnswer, 'provider' | 'attempts' | 'latencyMs' | 'notes'>,
): EmbedAnswer {
  const { model, usage } = response
  const vectors = response.vectors.map((vector) => numbersOf(vector) ?? unreadable(beside.provider))
  return { vectors, model, ...beside, ...compact({ usage, tokensUsed: totalTokens(usage) }) }
}

export function fromEmbedAnswer(
  answer: MinimalEmbedAnswer,
  model: string,
): Pick<EmbedResponse, 'model' | 'vectors' | 'usage'> {
  return {
    model: answer.model ?? model,
    vectors: answer.vectors.map((numbers) => ({ type: 'numbers', numbers })),
    ...compact({ usage: answer.usage }),
  }
}

function unreadable(provider: string): never {
  throw new GatewayError('upstream', `Provider "${provider}" sent a vector that cannot be read.`, {
    origin: 'upstream',
    code: 'upstream_bad_response',
  })
}
