// What two answers must have in common to say the same.
import type { Part, Sealed, TokenLogprob } from '../../src/canonical/part.ts'
import type { Candidate, ChatResponse } from '../../src/canonical/response.ts'
import type { Usage } from '../../src/canonical/usage.ts'
import { SENTINEL } from '../../src/dialects/gemini/seals.ts'
import { carriedSeal } from '../../src/dialects/seal-carriers.ts'
import type { Json, JsonObject } from '../../src/wire/json.ts'
import { jsonOf, leftIn, normalPart } from './normal-request.ts'

/** Without the provider's own words for reasons and counts: those are for the way back to the same wire. */
export function normalAnswer(response: ChatResponse): JsonObject {
  const { candidates, usage, error } = response
  return jsonOf({
    id: response.id,
    createdMs: response.createdMs,
    fingerprint: response.fingerprint,
    tier: response.tier,
    candidates: candidates.map((candidate) => normalCandidate(candidate)),
    usage: normalUsage(usage),
    error: error?.kind,
    left: leftIn(response),
  })
}

function normalCandidate(candidate: Candidate): JsonObject {
  const { finish, logprobs } = candidate
  const words = { ids: new Map<string, string>(), names: {} }
  return jsonOf({
    index: candidate.index,
    parts: spoken(candidate.parts).map((part) => normalPart(part, words)),
    signatures: signatures(candidate.parts),
    finish: finish?.reason,
    stopSequence: finish?.stopSequence,
    logprobs: logprobs?.map((logprob) => normalLogprob(logprob)),
    left: leftIn(candidate),
  })
}

/** Texts in a row are one, calls come after what is said, and what signs a text or a call is told apart. */
function spoken(parts: readonly Part[]): readonly Part[] {
  const said: Part[] = []
  for (const part of parts) {
    const last = said.at(-1)
    if (carriedSeal(part) !== undefined || (part.type === 'text' && part.text === '')) continue
    const late = lateSeal(part)
    if (late !== undefined && last?.type === 'reasoning' && last.seal === undefined) {
      said[said.length - 1] = { ...last, seal: late }
    } else if (part.type === 'text' && last?.type === 'text') {
      const citations = [...(last.citations ?? []), ...(part.citations ?? [])]
      said[said.length - 1] = {
        type: 'text',
        text: last.text + part.text,
        ...(citations.length === 0 ? {} : { citations }),
      }
    } else said.push(unsigned(part))
  }
  return said.toSorted((left, right) => rank(left) - rank(right))
}

/** A seal that a stream could tell only once the thinking was said. */
function lateSeal(part: Part): Sealed | undefined {
  return part.type === 'reasoning' && part.text === '' ? part.seal : undefined
}

function unsigned(part: Part): Part {
  if (part.type !== 'text' && part.type !== 'tool-call') return part
  const { seal: _, ...rest } = part
  return rest
}

function rank({ type }: Part): number {
  return type === 'tool-call' ? 1 : 0
}

function signatures(parts: readonly Part[]): readonly string[] {
  return parts.flatMap((part) => {
    const seal = part.type === 'reasoning' ? carriedSeal(part)?.seal : part.seal
    return seal === undefined || seal.payload === SENTINEL.payload ? [] : [seal.payload]
  })
}

function normalLogprob({ token, logprob, bytes, top }: TokenLogprob): Json {
  return jsonOf({ token, logprob, bytes, top: top?.map((one) => normalLogprob(one)) })
}

/** Sums are what they add up to; where nothing was counted there is no usage. */
function normalUsage(usage: Usage = {}): JsonObject | undefined {
  const kept = jsonOf({ ...usage, raw: undefined, total: undefined })
  const counted = Object.entries(kept).filter(([, value]) => JSON.stringify(value) !== '{}')
  return counted.length === 0 ? undefined : Object.fromEntries(counted)
}
