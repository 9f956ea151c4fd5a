// One way of translating for the goldens, the expected notes and the matrix: said on one wire, read there, said on the other, read back.
import { GatewayError } from '../../src/canonical/errors.ts'
import type { ChatEvent } from '../../src/canonical/event.ts'
import type { Note } from '../../src/canonical/note.ts'
import type { ChatRequest } from '../../src/canonical/request.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import type { DecodeContext, Dialect, EncodeContext } from '../../src/dialects/dialect.ts'
import {
  collected,
  decodeBytes,
  decodeFrames,
  emptyRequest,
  encodeStream,
  plain,
} from '../../src/dialects/dialect.contract.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { type Json, ObjectReader } from '../../src/wire/json.ts'
import type { WireRequest } from '../../src/wire/message.ts'
import type { Fixture } from '../fixtures.ts'

/** A target that nothing is known of: what each dialect says where no flag is set. */
export const PROFILE = { provider: 'golden', flags: {} }

export interface TranslatedRequest {
  readonly lowered: ChatRequest
  readonly notes: readonly Note[]
  readonly wire: WireRequest
  /** What the provider reads. */
  readonly back: ChatRequest
}

/** A client's request as the other protocol's provider gets it. */
export function translateRequest(request: ChatRequest, to: Dialect): TranslatedRequest {
  const { value: lowered, notes } = to.lower(request, PROFILE)
  const wire = to.request.encode(lowered, PROFILE)
  const back = to.request.decode({ ...wire, body: plain(wire.body) ?? null })
  return { lowered, notes, wire, back }
}

/** The body as a client of the dialect sends it; `name` finds the endpoint where the dialect has several. */
export function readRequest(dialect: Dialect, body: Json, name: string): ChatRequest {
  const chat = dialect.endpoints.filter((endpoint) => endpoint.operation === 'chat')
  const path = (
    chat.find((endpoint) => name.startsWith(endpoint.path.split('/').at(-1) ?? '')) ?? chat[0]
  )?.path
  return dialect.request.decode({
    method: 'POST',
    path: (path ?? '').replace(':model', 'asked-model'),
    headers: {},
    body,
  })
}

export function fixtureRequest(dialect: Dialect, fixture: Fixture): ChatRequest {
  return readRequest(dialect, fixture.request ?? null, fixture.name)
}

/** What was asked for, where a fixture says it; else a plain question. */
export function decoding(dialect: Dialect, fixture: Fixture): DecodeContext {
  return {
    request:
      fixture.request === undefined ? emptyRequest(dialect.id) : fixtureRequest(dialect, fixture),
    profile: PROFILE,
  }
}

/** A client of `dialect` that asked for usage. */
export function encoding(dialect: Dialect, request?: ChatRequest): EncodeContext {
  const base = request ?? emptyRequest(dialect.id)
  return {
    request: { ...base, stream: { enabled: true, includeUsage: true } },
    requestId: 'req_golden',
    now: () => 1_700_000_000_000,
  }
}

export interface TranslatedAnswer {
  readonly notes: readonly Note[]
  readonly body: Json
  /** What the client reads; absent where the client gets an error instead. */
  readonly back?: ChatResponse
}

/** A provider's answer as the client gets it. */
export function translateAnswer(
  response: ChatResponse,
  to: Dialect,
  asked: ChatRequest = emptyRequest(to.id),
): TranslatedAnswer {
  const context = encoding(to, asked)
  const { value, notes } = to.response.encode(response, context)
  const body = plain(value.body) ?? null
  try {
    const back = to.response.decode({ ...value, body }, { request: asked, profile: PROFILE })
    return { notes, body, back }
  } catch (error) {
    if (error instanceof GatewayError) return { notes, body }
    throw error
  }
}

export interface TranslatedStream {
  readonly notes: readonly Note[]
  readonly frames: readonly Frame[]
  readonly back: ChatResponse
}

/** A provider's stream as the client gets it. */
export function translateStream(
  events: readonly ChatEvent[],
  to: Dialect,
  asked: ChatRequest = emptyRequest(to.id),
): TranslatedStream {
  const encoder = to.stream.encoder(encoding(to, asked))
  const frames = [...events.flatMap((event) => [...encoder.write(event)]), ...encoder.finish()]
  const read = decodeFrames(to, frames, { request: asked, profile: PROFILE })
  return { notes: encoder.notes, frames, back: collected(to, read) }
}

/** What a stream's bytes say. */
export function readStream(
  dialect: Dialect,
  bytes: Uint8Array,
  context: DecodeContext,
): readonly ChatEvent[] {
  return decodeBytes(dialect, [bytes], context)
}

/** Events as the dialect itself would send and read them. */
export function ownEvents(dialect: Dialect, events: readonly ChatEvent[]): readonly ChatEvent[] {
  const frames = encodeStream(dialect, events, encoding(dialect))
  return decodeFrames(dialect, frames, { request: emptyRequest(dialect.id), profile: PROFILE })
}

/** A failure as the client reads it. */
export function translateError(error: GatewayError, to: Dialect): GatewayError {
  return to.error.decode(to.error.encode(error, 'req_golden'))
}

/** A fixture of an error: `{status, headers, body}`. */
export function readError(dialect: Dialect, error: Json, name: string): GatewayError {
  const wire = ObjectReader.of(error, name)
  return dialect.error.decode({
    status: wire.number('status'),
    headers: {},
    body: wire.value('body') ?? null,
  })
}

/** A note as goldens show it. */
export function noteLine(note: Note): string {
  return `${note.action} ${note.feature} at ${note.path} (${note.weight}): ${note.reason}`
}
