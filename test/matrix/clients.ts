// Probes in the words of one protocol: what its own clients would send, and its own providers answer. Undefined where it has no words for it.
import { compact } from '../../src/canonical/compact.ts'
import type { ChatEvent } from '../../src/canonical/event.ts'
import { explode } from '../../src/canonical/explode.ts'
import type { Part } from '../../src/canonical/part.ts'
import type { ChatRequest } from '../../src/canonical/request.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { collected } from '../../src/dialects/dialect.contract.ts'
import { RestoredTools } from '../../src/providers/restored-tools.ts'
import { differences } from './difference.ts'
import { normalAnswer } from './normal-answer.ts'
import { normalRequest } from './normal-request.ts'
import { PLAIN_ANSWER, PLAIN_ANSWERS, PLAIN_BODIES, PLAIN_REQUEST } from './plain-words.ts'
import type { AnswerProbe, ReplayProbe, RequestProbe, Some } from './probe.ts'
import {
  PROFILE,
  encoding,
  ownEvents,
  readRequest,
  translateAnswer,
  translateRequest,
} from './translation.ts'

export interface Answered {
  readonly whole: ChatResponse
  readonly events: readonly ChatEvent[]
  /** What the events amount to. */
  readonly streamed: ChatResponse
}

export function clientRequest(probe: RequestProbe, dialect: Dialect): ChatRequest | undefined {
  const words = probe.wire?.[dialect.id]
  if (words !== undefined) {
    return readRequest(dialect, { ...PLAIN_BODIES[dialect.id], ...words }, probe.name)
  }
  if (probe.asks === undefined) return undefined
  const asked = request(probe.asks)
  const { back, notes, lowered } = translateRequest(asked, dialect)
  if (notes.some((note) => note.weight > 0)) return undefined
  const changed = differences(normalRequest(asked), normalRequest(back, lowered.renamedTools))
  return same(changed, plainRequestChanges(dialect)) ? back : undefined
}

/** What a protocol changes in the plainest request, such as saying that it is not to be stored. */
function plainRequestChanges(dialect: Dialect): readonly string[] {
  const { back } = translateRequest(PLAIN_REQUEST, dialect)
  return differences(normalRequest(PLAIN_REQUEST), normalRequest(back)).map(({ path }) => path)
}

function same(changed: ReturnType<typeof differences>, plain: readonly string[]): boolean {
  return changed.every(({ path }) => plain.includes(path))
}

/** `lowered` is what the provider was asked: tools that stand there as others are called as those, and given back. */
export function providerAnswer(
  probe: AnswerProbe | ReplayProbe,
  dialect: Dialect,
  lowered: ChatRequest = PLAIN_REQUEST,
): Answered | undefined {
  const words = probe.wire?.[dialect.id]
  if (words !== undefined) {
    const body = { ...PLAIN_ANSWERS[dialect.id], ...words }
    const { request } = encoding(dialect)
    const whole = dialect.response.decode(
      { status: 200, headers: {}, body },
      { request, profile: PROFILE },
    )
    return { whole, events: [...explode(whole)], streamed: whole }
  }
  if (probe.says === undefined) return undefined
  const said = wrapped(response(probe.says), lowered)
  const { back, notes } = translateAnswer(said, dialect)
  if (back === undefined || notes.some((note) => note.weight > 0)) return undefined
  const changed = differences(normalAnswer(said), normalAnswer(back))
  if (!same(changed, plainAnswerChanges(dialect))) return undefined
  const tools = new RestoredTools(lowered, PROFILE.provider)
  const events = ownEvents(dialect, [...explode(said)]).flatMap((event) => [...tools.event(event)])
  return { whole: tools.response(back), events, streamed: collected(dialect, events) }
}

function request(asks: Some<ChatRequest>): ChatRequest {
  return {
    origin: PLAIN_REQUEST.origin,
    model: 'm',
    turns: [],
    sampling: {},
    stream: { enabled: false },
    ...compact({ ...PLAIN_REQUEST, ...asks }),
  }
}

function response(says: Some<ChatResponse>): ChatResponse {
  return {
    origin: PLAIN_ANSWER.origin,
    model: 'm',
    candidates: [],
    ...compact({ ...PLAIN_ANSWER, ...says }),
  }
}

/** Calls of free-text tools as a provider makes them that was told of functions. */
function wrapped(said: ChatResponse, { wrappedTools = [] }: ChatRequest): ChatResponse {
  const candidates = said.candidates.map((candidate) => ({
    ...candidate,
    parts: candidate.parts.map((part): Part => {
      if (part.type !== 'tool-call' || !wrappedTools.includes(part.name)) return part
      const json = { input: part.arguments.text }
      return { ...part, kind: 'function', arguments: { text: JSON.stringify(json), json } }
    }),
  }))
  return { ...said, candidates }
}

function plainAnswerChanges(dialect: Dialect): readonly string[] {
  const { back } = translateAnswer(PLAIN_ANSWER, dialect)
  return back === undefined
    ? []
    : differences(normalAnswer(PLAIN_ANSWER), normalAnswer(back)).map(({ path }) => path)
}
