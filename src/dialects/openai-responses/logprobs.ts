// Token probabilities: on this wire a list beside each text, in the model one list for the whole answer.
import { compact } from '../../canonical/compact.ts'
import type { TextPart, TokenLogprob } from '../../canonical/part.ts'
import { type Json, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

/** Undefined when `value` is not a list of tokens. */
export function decodeLogprobs(value: Json | undefined): readonly TokenLogprob[] | undefined {
  if (!isArray(value) || !value.every(isToken)) return undefined
  return value.map((token) => decodeToken(token))
}

function isToken(value: Json): value is JsonObject {
  return (
    isObject(value) && typeof value['token'] === 'string' && typeof value['logprob'] === 'number'
  )
}

function decodeToken(value: JsonObject): TokenLogprob {
  const reader = new ObjectReader(value, '')
  const token = reader.string('token')
  const logprob = reader.number('logprob')
  const bytes = reader.peek('bytes')
  const top = decodeLogprobs(reader.peek('top_logprobs'))
  if (isArray(bytes)) reader.value('bytes')
  if (top !== undefined) reader.value('top_logprobs')
  return {
    token,
    logprob,
    ...compact({ bytes: isArray(bytes) ? numbers(bytes) : undefined, top }),
    ...leftovers.keptFields(reader.rest()),
  }
}

function numbers(values: readonly Json[]): readonly number[] {
  return values.filter((item) => typeof item === 'number')
}

export function encodeLogprobs(list: readonly TokenLogprob[]): readonly JsonObject[] {
  return list.map((token) =>
    leftovers.printed(token, {
      token: token.token,
      logprob: token.logprob,
      ...compact({
        bytes: token.bytes,
        top_logprobs: token.top === undefined ? undefined : encodeLogprobs(token.top),
      }),
    }),
  )
}

/** Deals an answer's list out to its texts again: by the number each had, else as far as its text goes; the last takes the rest. */
export class LogprobDealer {
  #left: readonly TokenLogprob[]
  #texts: number

  constructor(list: readonly TokenLogprob[] | undefined, texts: number) {
    this.#left = list ?? []
    this.#texts = texts
  }

  take(part: TextPart): readonly TokenLogprob[] {
    this.#texts -= 1
    const count = this.#texts === 0 ? this.#left.length : this.#countOf(part)
    const taken = this.#left.slice(0, count)
    this.#left = this.#left.slice(count)
    return taken
  }

  #countOf(part: TextPart): number {
    const { logprobs: known, message } = leftovers.shapeOf(part)
    if (typeof known === 'number') return known
    return message === undefined ? this.#covering(part.text) : 0
  }

  #covering(text: string): number {
    let length = 0
    const end = this.#left.findIndex((token) => {
      const over = length >= text.length
      length += token.token.length
      return over
    })
    return end === -1 ? this.#left.length : end
  }
}
