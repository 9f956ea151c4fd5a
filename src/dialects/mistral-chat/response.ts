// A whole answer and its body.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Lowered, Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Candidate, ChatResponse } from '../../canonical/response.ts'
import { type Item, type JsonObject, ObjectReader, isArray, isObject } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'
import { answerLosses } from '../answer-losses.ts'
import { carrySeals, sealLosses } from '../seal-carriers.ts'
import type { DecodeContext, EncodeContext, ResponseCodec } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { MESSAGES, decodeAssistant, encodeAssistant } from './assistant.ts'
import { error } from './error.ts'
import { leftOf } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { isFailure } from './failure.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { isSayable, spokenNotes, usageNotes } from './notes.ts'
import { settledCall } from './tool-call.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

export const response: ResponseCodec = { decode, encode }

function decode(wire: WireResponse, context: DecodeContext): ChatResponse {
  const { body } = wire
  if (isFailure(body)) throw error.decode(wire)
  if (!isObject(body) || !isArray(body['choices'])) {
    throw new GatewayError('upstream', 'The provider sent an answer that is not a chat answer.', {
      origin: 'upstream',
      code: 'upstream_malformed',
      upstream: { status: wire.status },
    })
  }
  const reader = new ObjectReader(body, '')
  const id = reader.optionalString('id')
  const created = reader.optionalNumber('created')
  const usage = decodeUsage(reader.peek('usage'))
  if (usage !== undefined) reader.value('usage')
  if (reader.peek('object') === 'chat.completion') reader.value('object')
  const candidates = reader
    .items('choices')
    .map((item, at) => decodeChoice(item, at, id ?? 'answer'))
  return {
    origin: { dialect: MISTRAL_CHAT, provider: context.profile.provider },
    model: reader.optionalString('model') ?? context.request.model,
    candidates,
    ...compact({ id, createdMs: created === undefined ? undefined : created * 1000, usage }),
    ...leftovers.keptFields(reader.rest()),
  }
}

function decodeChoice(item: Item, at: number, seed: string): Candidate {
  const reader = ObjectReader.of(item.value, item.path)
  const index = reader.optionalNumber('index') ?? at
  const raw = reader.optionalString('finish_reason')
  const said = isArray(reader.peek(MESSAGES))
    ? decodeSteps(reader.items(MESSAGES), `${seed}:${index}`)
    : decodeMessage(reader.object('message'), `${seed}:${index}`)
  const fields = {
    ...leftOf(reader),
    ...(said.fields === undefined ? {} : { message: said.fields }),
  }
  return {
    index,
    parts: said.parts.map((part) => (part.type === 'tool-call' ? settledCall(part) : part)),
    finish: decodeFinish(raw, said.parts),
    ...leftovers.keptFields(Object.keys(fields).length === 0 ? undefined : fields, said.shape),
  }
}

type Message = ReturnType<typeof decodeAssistant>

function decodeMessage(message: ObjectReader, seed: string): Message {
  if (message.peek('role') === 'assistant') message.value('role')
  return decodeAssistant(message, seed)
}

/** Where connectors ran, the steps are kept whole, and what the model said in the end can be read by anyone. */
function decodeSteps(items: readonly Item[], seed: string): Message {
  const steps = items.map((item) => ObjectReader.of(item.value, item.path))
  const answered = new Set(steps.map((step) => step.peek('tool_call_id')))
  const spoken = steps.flatMap((step, at): readonly Part[] =>
    step.peek('role') === 'tool' ? [] : decodeMessage(step, `${seed}:${at}`).parts,
  )
  const native = items.map((item) => item.value)
  return {
    parts: [
      { type: 'opaque', origin: { dialect: MISTRAL_CHAT }, what: MESSAGES, native },
      ...spoken.filter((part) => part.type !== 'tool-call' || !answered.has(part.callId)),
    ],
    fields: undefined,
    shape: {},
  }
}

function encode(signed: ChatResponse, context: EncodeContext): Lowered<WireResponse> {
  const answer = carrySeals(signed, 'beside-thinking')
  if (answer.error !== undefined) {
    return { value: error.encode(answer.error, context.requestId), notes: [] }
  }
  const own = answer.origin.dialect === MISTRAL_CHAT
  const notes: Note[] = [
    ...usageNotes(answer.usage),
    ...sealLosses(signed, 'beside-thinking'),
    ...answerLosses(answer, answerRules),
  ]
  const choices = answer.candidates.map((candidate) => {
    if (!own) notes.push(...spokenNotes(candidate))
    return encodeCandidate(candidate, own)
  })
  const { createdMs = context.now() } = answer
  const body = leftovers.printed(answer, {
    id: answerId(answer.id, context),
    object: 'chat.completion',
    created: Math.floor(createdMs / 1000),
    model: answer.model,
    choices,
    usage: encodeUsage(answer.usage),
  })
  return { value: { status: 200, headers: {}, body }, notes }
}

/** Clients want one that is not empty: minted where the provider gave none. */
export function answerId(given: string | undefined, { requestId }: EncodeContext): string {
  return given === undefined || given === '' ? `chatcmpl-${requestId}` : given
}

function encodeCandidate(candidate: Candidate, own: boolean): JsonObject {
  const { index, parts, finish = { reason: 'other' } } = candidate
  const steps = parts.find((part) => part.type === 'opaque' && part.what === MESSAGES)
  const said: JsonObject =
    own && steps?.type === 'opaque'
      ? { [MESSAGES]: steps.native }
      : {
          message: {
            role: 'assistant',
            ...encodeAssistant(
              parts.filter((part) => isSayable(part)),
              { shape: leftovers.shapeOf(candidate), use: 'answer' },
            ),
          },
        }
  return leftovers.printed(candidate, {
    index,
    ...said,
    finish_reason: encodeFinish(finish, { own }),
  })
}
