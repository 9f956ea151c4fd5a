// One thing said on one wire and read from another: what was changed on the way, and what the notes say of it.
import { GatewayError } from '../../src/canonical/errors.ts'
import type { Note } from '../../src/canonical/note.ts'
import type { Part } from '../../src/canonical/part.ts'
import type { ChatRequest } from '../../src/canonical/request.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import { SENTINEL } from '../../src/dialects/gemini/seals.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { type Answered, clientRequest, providerAnswer } from './clients.ts'
import { type Difference, differences } from './difference.ts'
import { normalAnswer } from './normal-answer.ts'
import { normalRequest } from './normal-request.ts'
import type { AnswerProbe, ErrorProbe, Probe, ReplayProbe, RequestProbe } from './probe.ts'
import {
  translateAnswer,
  readRequest,
  translateError,
  translateRequest,
  translateStream,
} from './translation.ts'
import { compact } from '../../src/canonical/compact.ts'
import { nextRequest } from './replay.ts'
import type { Json } from '../../src/wire/json.ts'

/** A client's protocol and its provider's. */
export interface Pair {
  readonly client: Dialect
  readonly provider: Dialect
}

export type Way = 'request' | 'answer' | 'stream' | 'error' | 'replay'

export interface Case {
  readonly probe: string
  readonly way: Way
  readonly notes: readonly Note[]
  readonly changes: readonly Difference[]
}

/** The cases of a probe for a pair; none where the sender's protocol has no words for it. */
export function casesOf(probe: Probe, pair: Pair): readonly Case[] {
  switch (probe.kind) {
    case 'request':
      return requestCase(probe, pair)
    case 'answer':
      return answerCases(probe, pair)
    case 'error':
      return errorCase(probe, pair)
    case 'replay':
      return replayCase(probe, pair)
  }
}

function requestCase(probe: RequestProbe, { client, provider }: Pair): readonly Case[] {
  const request = clientRequest(probe, client)
  if (request === undefined) return []
  return [{ probe: probe.name, way: 'request', ...requestChanges(request, provider) }]
}

export type Changes = Pick<Case, 'notes' | 'changes'>

export function requestChanges(request: ChatRequest, provider: Dialect): Changes {
  const { notes, back, lowered } = translateRequest(request, provider)
  const changes = differences(normalRequest(request), normalRequest(back, lowered.renamedTools))
  return { notes, changes }
}

function answerCases(probe: AnswerProbe, { client, provider }: Pair): readonly Case[] {
  const question = probe.asked ?? {}
  const asked = clientRequest({ kind: 'request', name: probe.name, asks: question }, client)
  if (asked === undefined) return []
  const answer = providerAnswer(probe, provider, translateRequest(asked, provider).lowered)
  if (answer === undefined) return []
  const whole = answerChanges(answer, client, asked)
  const stream = streamChanges(answer, client, asked)
  return [
    { probe: probe.name, way: 'answer', ...whole },
    { probe: probe.name, way: 'stream', ...stream },
  ]
}

export function answerChanges(
  { whole }: Pick<Answered, 'whole'>,
  client: Dialect,
  asked: ChatRequest,
): Changes {
  const { notes, back } = translateAnswer(whole, client, asked)
  const changes = differences(
    normalAnswer(whole),
    back === undefined ? { error: 'an error' } : normalAnswer(back),
  )
  return { notes, changes }
}

export function streamChanges(
  { events, streamed }: Omit<Answered, 'whole'>,
  client: Dialect,
  asked: ChatRequest,
): Changes {
  const { notes, back } = translateStream(events, client, asked)
  return { notes, changes: differences(normalAnswer(streamed), normalAnswer(back)) }
}

/** No codec notes what it does to an error: kinds that a wire cannot tell apart are merged. */
function errorCase(
  { name, fails, retryAfterMs }: ErrorProbe,
  { client, provider }: Pair,
): readonly Case[] {
  const failed = new GatewayError(fails, 'It failed.', {
    origin: 'client',
    ...compact({ retryAfterMs }),
  })
  const said = translateError(failed, provider)
  if (said.kind !== fails) return []
  const read = translateError(
    new GatewayError(said.kind, said.message, {
      origin: 'client',
      ...compact({ retryAfterMs: said.retryAfterMs }),
    }),
    client,
  )
  const changes = differences(
    { kind: said.kind, retryAfterMs: said.retryAfterMs },
    { kind: read.kind, retryAfterMs: read.retryAfterMs },
  )
  const notes = changes.map(({ path, from = null, to = null }): Note => ({
    action: 'merged',
    feature: path,
    path,
    weight: 0,
    reason: `the client's protocol says "${String(from)}" in the words of "${String(to)}"`,
    from,
    to,
  }))
  return [{ probe: name, way: 'error', notes, changes }]
}

/** What the provider made travels through the client's history: its seals must come back as they were, in their place. */
function replayCase(probe: ReplayProbe, { client, provider }: Pair): readonly Case[] {
  const answer = providerAnswer(probe, provider)
  if (answer === undefined) return []
  const heard = translateAnswer(answer.whole, client)
  const calls = partsOf(answer.whole).filter((part) => part.type === 'tool-call')
  const request = readRequest(client, nextRequest(client.id, heard.body, calls), probe.name)
  const { back, notes } = translateRequest(request, provider)
  const returned = back.turns.flatMap((turn) => turn.parts)
  const changes = differences(
    { seals: sealsIn(partsOf(answer.whole)) },
    { seals: sealsIn(returned) },
  )
  const about = [...heard.notes, ...notes].filter(({ feature }) => STATE.has(feature))
  return [{ probe: probe.name, way: 'replay', notes: about.map(sealed), changes }]
}

/** Whatever else of the answer changes on its way is a matter of other rows. */
const STATE: ReadonlySet<string> = new Set(['reasoning', 'reasoning_state'])

function sealed(note: Note): Note {
  return { ...note, path: 'seals' }
}

function partsOf(response: ChatResponse): readonly Part[] {
  return response.candidates.flatMap((candidate) => candidate.parts)
}

/** Each with what it seals. */
function sealsIn(parts: readonly Part[]): readonly Json[] {
  return parts.flatMap((part): readonly Json[] => {
    if (part.seal === undefined || part.seal.payload === SENTINEL.payload) return []
    const sealed = part.type === 'tool-call' ? part.name : 'text' in part ? part.text : part.type
    return [{ payload: part.seal.payload, type: part.type, sealed }]
  })
}
