// A whole answer and its body.
import { type Building, compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Lowered, Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Candidate, ChatResponse } from '../../canonical/response.ts'
import { type Item, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'
import { answerLosses } from '../answer-losses.ts'
import { carrySeals } from '../seal-carriers.ts'
import type { DecodeContext, EncodeContext, ResponseCodec } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { decodeAssistant, encodeAssistant } from './assistant.ts'
import { candidateAt } from './choice-index.ts'
import { error } from './error.ts'
import { leftOf, overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { hasFailure } from './failure.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { flagsOf } from './flags.ts'
import { listedSources, withSources } from './listed-sources.ts'
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts'
import { isSayable, spokenNotes } from './notes.ts'
import { settledCall } from './tool-call.ts'
import { usesFunctions } from './tools.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { OPENAI_CHAT } from './wire-types.ts'

export const response: ResponseCodec = { decode, encode }

function decode(wire: WireResponse, context: DecodeContext): ChatResponse {
  const body = wire.body
  if (isObject(body) && hasFailure(body) && !Array.isArray(body['choices']))
    throw error.decode(wire)
  if (!isObject(body) || !Array.isArray(body['choices'])) {
    throw new GatewayError(
      'upstream',
      'The provider sent an answer that is not a chat completion.',
      { origin: 'upstream', code: 'upstream_malformed', upstream: { status: wire.status } },
    )
  }
  const reader = new ObjectReader(body, '')
  const flags = flagsOf(context.profile)
  const id = takeString(reader, 'id')
  const model = takeString(reader, 'model')
  const created = reader.peek('created')
  if (typeof created === 'number') reader.value('created')
  const usage = decodeUsage(reader.peek('usage'), flags)
  if (usage !== undefined) reader.value('usage')
  if (reader.peek('object') === 'chat.completion') reader.value('object')
  const sources = listedSources(body)
  const taken = new Set<number>()
  const choices = reader
    .items('choices')
    .map((item, at) => decodeChoice(item, { at, taken, context, seed: id ?? 'answer' }))
  const candidates =
    sources.length === 0
      ? choices
      : choices.map((choice) => ({ ...choice, parts: withSources(choice.parts, sources) }))
  const answer: Building<ChatResponse> = {
    origin: { dialect: OPENAI_CHAT, provider: context.profile.provider },
    model: model ?? context.request.model,
    candidates,
  }
  if (id !== undefined) answer.id = id
  if (typeof created === 'number') answer.createdMs = created * 1000
  if (usage !== undefined) answer.usage = usage
  const fingerprint = takeString(reader, 'system_fingerprint')
  if (fingerprint !== undefined) answer.fingerprint = fingerprint
  const tier = takeString(reader, 'service_tier')
  if (tier !== undefined) answer.tier = tier
  return Object.assign(answer, leftovers.owned(reader.rest()))
}

/** Taken only where it is a text that says something. */
function takeString(reader: ObjectReader, key: string): string | undefined {
  const value = reader.peek(key)
  if (typeof value !== 'string' || value === '') return undefined
  reader.value(key)
  return value
}

interface Place {
  readonly at: number
  /** The candidates that have a choice. */
  readonly taken: Set<number>
  readonly context: DecodeContext
  readonly seed: string
}

function decodeChoice(item: Item, { at, taken, context, seed }: Place): Candidate {
  const reader = ObjectReader.of(item.value, item.path)
  const index = candidateAt(reader.optionalNumber('index') ?? at, taken, context.request)
  taken.add(index)
  const message = withText(reader.object('message'))
  if (message.peek('role') === 'assistant') message.value('role')
  const decoded = decodeAssistant(message, `${seed}:${index}`)
  const parts = decoded.parts.map((part) => settled(part, context))
  const stopped = reader.peek('stop_reason')
  const finish = decodeFinish(
    takeString(reader, 'finish_reason'),
    parts,
    typeof stopped === 'string' ? stopped : undefined,
  )
  const logprobs = decodeLogprobs(reader.peek('logprobs'))
  if (logprobs !== undefined) reader.value('logprobs')
  const fields = {
    ...leftOf(reader),
    ...(decoded.fields === undefined ? {} : { message: decoded.fields }),
    ...(logprobs?.rest === undefined ? {} : { logprobs: logprobs.rest }),
  }
  return {
    index,
    parts,
    finish,
    ...(logprobs?.tokens === undefined ? {} : { logprobs: logprobs.tokens }),
    ...leftovers.owned(fields, decoded.shape),
  }
}

/** Workers AI answers with the object itself where JSON was asked for; every client expects its text. */
function withText(message: ObjectReader): ObjectReader {
  const content = message.peek('content')
  if (!isObject(content)) return message
  return new ObjectReader({ ...message.source, content: JSON.stringify(content) }, '')
}

/** Sound gets the type that was asked for; calls become what every client can take. */
function settled(part: Part, context: DecodeContext): Part {
  if (part.type === 'tool-call') return settledCall(part)
  if (part.type !== 'audio' || part.source.kind !== 'base64') return part
  const format = context.request.output?.audio?.['format']
  if (typeof format !== 'string') return part
  return { ...part, source: { ...part.source, mediaType: `audio/${format}` } }
}

function encode(signed: ChatResponse, context: EncodeContext): Lowered<WireResponse> {
  const answer = carrySeals(signed)
  if (answer.error !== undefined) {
    return { value: error.encode(answer.error, context.requestId), notes: [] }
  }
  const notes: Note[] = [...answerLosses(answer, answerRules)]
  const { createdMs = context.now() } = answer
  const choices = answer.candidates.map((candidate) => {
    notes.push(...spokenNotes(candidate))
    return encodeCandidate(candidate, answer, context)
  })
  const body: JsonObject = leftovers.printed(answer, {
    id: answerId(answer.id, context),
    object: 'chat.completion',
    created: Math.floor(createdMs / 1000),
    model: answer.model,
    choices,
    ...compact({
      usage: encodeUsage(answer.usage),
      system_fingerprint: answer.fingerprint,
      service_tier: answer.tier,
    }),
  })
  return { value: { status: 200, headers: {}, body }, notes }
}

/** Clients want one that is not empty: minted where the provider gave none. */
export function answerId(given: string | undefined, { requestId }: EncodeContext): string {
  return given === undefined || given === '' ? `chatcmpl-${requestId}` : given
}

const USUAL = flagsOf({ provider: '', flags: {} })

function encodeCandidate(
  candidate: Candidate,
  answer: ChatResponse,
  context: EncodeContext,
): JsonObject {
  const legacyCalls = usesFunctions(context.request.tools)
  const parts = candidate.parts.filter((part) => isSayable(part))
  const message = encodeAssistant(parts, {
    flags: USUAL,
    shape: leftovers.shapeOf(candidate),
    legacyCalls: legacyCalls ? 'always' : 'as-came',
    joint: '',
  })
  const own = answer.origin.dialect === OPENAI_CHAT
  const logprobs = encodeLogprobs(candidate.logprobs)
  const said: JsonObject = {
    index: candidate.index,
    message: { role: 'assistant', ...message },
    ...(logprobs === null ? {} : { logprobs }),
    finish_reason: encodeFinish(candidate.finish ?? { reason: 'other' }, { own, legacyCalls }),
  }
  return leftovers.isOwn(candidate)
    ? leftovers.printed(candidate, said)
    : overlay(ALWAYS_THERE, said)
}

/** What the SDKs' types promise, null where there is nothing to say. */
const ALWAYS_THERE: JsonObject = {
  index: 0,
  message: { role: 'assistant', content: null, refusal: null },
  logprobs: null,
}
