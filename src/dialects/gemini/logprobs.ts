// `logprobsResult`: the tokens of an answer with their probabilities, and the likeliest others at each place.
import { compact } from '../../canonical/compact.ts'
import type { TokenLogprob } from '../../canonical/part.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'

/** Undefined where there are none, or not in this form. */
export function decodeLogprobs(value: Json | undefined): readonly TokenLogprob[] | undefined {
  if (!isObject(value)) return undefined
  const { chosenCandidates, topCandidates } = value
  if (!isArray(chosenCandidates)) return undefined
  const tops = isArray(topCandidates) ? topCandidates : []
  const tokens = chosenCandidates.flatMap((chosen, at) => {
    const token = tokenOf(chosen)
    if (token === undefined) return []
    const others = tops[at]
    const list = isObject(others) ? others['candidates'] : undefined
    const top = isArray(list) ? list.flatMap((one) => tokenOf(one) ?? []) : undefined
    return [{ ...token, ...compact({ top }) }]
  })
  return tokens.length === 0 ? undefined : tokens
}

function tokenOf(value: Json): TokenLogprob | undefined {
  if (!isObject(value)) return undefined
  const { token, logProbability } = value
  if (typeof token !== 'string') return undefined
  // A probability of 1 has the logarithm 0, which this wire leaves out.
  return { token, logprob: typeof logProbability === 'number' ? logProbability : 0 }
}

export function encodeLogprobs(tokens: readonly TokenLogprob[]): JsonObject {
  return {
    topCandidates: tokens.map(({ top = [] }) => ({ candidates: top.map((one) => candidate(one)) })),
    chosenCandidates: tokens.map((token) => candidate(token)),
  }
}

function candidate({ token, logprob }: TokenLogprob): JsonObject {
  return { token, logProbability: logprob }
}
