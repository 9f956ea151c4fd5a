// What two answers must have in common to say the same.
import type { HostedWork } from '../../src/canonical/hosted-work.ts'
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
    works: normalWorks(candidate.parts),
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
    if (isWork(part)) continue
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

type Work = Extract<Part, { readonly type: 'opaque' }> & { readonly hosted: HostedWork }

/** Work of a tool that other vendors have too. */
function isWork(part: Part): part is Work {
  return part.type === 'opaque' && part.hosted !== undefined && part.hosted.tool !== 'other'
}

/** What tools did, a call and its result as one. How often they searched for it, and where that is told, differs by wire. */
function normalWorks(parts: readonly Part[]): JsonObject | undefined {
  const works = joined(parts)
  if (works.length === 0) return undefined
  const cited = new Set(
    parts
      .flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []))
      .map(({ url }) => url),
  )
  const searches = works.filter(({ tool }) => tool === 'web-search')
  const found = searches.flatMap(({ sources = [] }) => sources.map(({ url }) => url))
  return jsonOf({
    queries: searches.flatMap(({ queries = [] }) => queries.flatMap((query) => query.split('; '))),
    found: found.filter((url) => !cited.has(url)).toSorted(),
    pages: works
      .filter(({ tool }) => tool === 'web-fetch')
      .map(({ url, sources }) => url ?? sources?.at(0)?.url),
    runs: works
      .filter(({ tool }) => tool === 'code-execution')
      .map(({ code, output, failed }) => ({ code, output, failed: failed !== undefined })),
  })
}

function joined(parts: readonly Part[]): readonly HostedWork[] {
  const works: HostedWork[] = []
  for (const { hosted } of parts.filter((part) => isWork(part))) {
    const { tool, id, phase } = hosted
    const at = works.findIndex(
      (work) => work.tool === tool && work.phase === 'call' && (work.id ?? id) === id,
    )
    const call = phase === 'result' ? works[at] : undefined
    if (call === undefined) works.push(hosted)
    else works[at] = { ...call, ...hosted }
  }
  return works
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
