// Token probabilities of a choice: those of its content are the model's; other lists stay as they came.
import { compact } from '../../canonical/compact.ts'
import type { TokenLogprob } from '../../canonical/part.ts'
import { type Json, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import { leftovers } from './extension.ts'

interface DecodedLogprobs {
  readonly tokens?: readonly TokenLogprob[]
  /** What is beside the list of content tokens. */
  readonly rest?: JsonObject
}

/** Undefined when `value` is not an object in the form of this wire. */
export function decodeLogprobs(value: Json | undefined): DecodedLogprobs | undefined {
  if (!isObject(value)) return undefined
  const { content, ...rest } = value
  if (!isArray(content) || !content.every(isToken)) return { rest: value }
  return {
    tokens: content.map((token) => decodeToken(token)),
    ...(Object.keys(rest).length === 0 ? {} : { rest }),
  }
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
  const top = reader.peek('top_logprobs')
  const known = {
    bytes: isArray(bytes) ? numbers(reader.value('bytes')) : undefined,
    top: isArray(top) && top.every(isToken) ? tokens(reader.value('top_logprobs')) : undefined,
  }
  return { token, logprob, ...compact(known), ...leftovers.kept(reader) }
}

function numbers(value: Json | undefined): readonly number[] {
  return isArray(value) ? value.filter((item) => typeof item === 'number') : []
}

function tokens(value: Json | undefined): readonly TokenLogprob[] {
  return isArray(value) ? value.filter(isToken).map((token) => decodeToken(token)) : []
}

export function encodeLogprobs(
  list: readonly TokenLogprob[] | undefined,
  rest: JsonObject = {},
): JsonObject | null {
  if (list === undefined) return Object.keys(rest).length === 0 ? null : rest
  return { ...rest, content: list.map((token) => encodeToken(token)) }
}

function encodeToken(token: TokenLogprob): JsonObject {
  const { bytes, top } = token
  return leftovers.printed(token, {
    token: token.token,
    logprob: token.logprob,
    ...compact({ bytes, top_logprobs: top?.map((one) => encodeToken(one)) }),
  })
}
