// What the laws stand on: how many cases each must hold for, and the ways that a request, an answer or a stream can go.
import fc from 'fast-check'
import { describe } from 'vitest'
import { explode } from '../../src/canonical/explode.ts'
import type { Note } from '../../src/canonical/note.ts'
import type { Part, ToolCallPart } from '../../src/canonical/part.ts'
import type { ChatRequest } from '../../src/canonical/request.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import type { DecodeContext, Dialect, EncodeContext, Profile } from '../../src/dialects/dialect.ts'
import {
  collected,
  decodeFrames,
  emptyRequest,
  encodeStream,
  plain,
} from '../../src/dialects/dialect.contract.ts'
import { requestArbitrary } from '../../src/dialects/lowering/request.arbitrary.ts'
import { dialects } from '../../src/dialects/registry.ts'
import type { Json } from '../../src/wire/json.ts'
import { PROFILE, RUNS } from './runs.ts'

export { PROFILE, RUNS } from './runs.ts'

/** A suite for each dialect. */
export function each(title: string, suite: (to: Dialect) => void): void {
  for (const to of dialects) {
    describe(title.replace('$id', to.id), () => {
      suite(to)
    })
  }
}

/** A law of requests, whatever is asked. */
export function holds(law: (request: ChatRequest) => void): void {
  fc.assert(fc.property(requestArbitrary, law), RUNS)
}

export interface Translated {
  readonly lowered: ChatRequest
  readonly notes: readonly Note[]
  readonly body: Json
  readonly back: ChatRequest
}

/** A request that no wire has seen, said on one and read there again. */
export function translated(
  request: ChatRequest,
  to: Dialect,
  profile: Profile = PROFILE,
): Translated {
  const { value: lowered, notes } = to.lower(request, profile)
  const wire = to.request.encode(lowered, profile)
  const body = plain(wire.body) ?? null
  return { lowered, notes, body, back: to.request.decode({ ...wire, body }) }
}

export function partsOf(request: ChatRequest): readonly Part[] {
  return request.turns.flatMap((turn) => turn.parts)
}

export function callsOf(request: ChatRequest): readonly ToolCallPart[] {
  return partsOf(request).filter((part) => part.type === 'tool-call')
}

/** Where a dialect's chat is asked, with a model in paths that name one. */
export function chatPath(dialect: Dialect): string {
  const path = dialect.endpoints.find(({ operation }) => operation === 'chat')?.path ?? ''
  return path.replace(':model', 'm')
}

export function decodedRequest(dialect: Dialect, body: Json): ChatRequest {
  return dialect.request.decode({ method: 'POST', path: chatPath(dialect), headers: {}, body })
}

export function encoding(to: Dialect): EncodeContext {
  const request = { ...emptyRequest(to.id), stream: { enabled: true, includeUsage: true } }
  return { request, requestId: 'req_laws', now: () => 1_700_000_000_000 }
}

export function decoding(to: Dialect): DecodeContext {
  return { request: encoding(to).request, profile: PROFILE }
}

/** An answer said on a wire, and read there again. */
export function answered(response: ChatResponse, to: Dialect): ChatResponse {
  const wire = to.response.encode(response, encoding(to)).value
  const { body } = wire
  return to.response.decode(
    { ...wire, ...(body === undefined ? {} : { body: plain(body) ?? null }) },
    decoding(to),
  )
}

/** The same as a stream. */
export function streamed(response: ChatResponse, to: Dialect): ChatResponse {
  const frames = encodeStream(to, [...explode(response)], encoding(to))
  return collected(to, decodeFrames(to, frames, decoding(to)))
}

export function saying(more: Partial<ChatResponse>): ChatResponse {
  const parts: readonly Part[] = [{ type: 'text', text: 'Yes.' }]
  const candidates = [{ index: 0, parts, finish: { reason: 'stop' as const } }]
  return { origin: { dialect: 'away' }, model: 'm', candidates, ...more }
}
