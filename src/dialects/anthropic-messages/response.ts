// A whole answer: one message with its blocks, the reason it stopped and its usage.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Node } from '../../canonical/extensions.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part } from '../../canonical/part.ts'
import type { Candidate, ChatResponse } from '../../canonical/response.ts'
import { WireError } from '../../wire/errors.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import type { DecodeContext, EncodeContext, ResponseCodec } from '../dialect.ts'
import { answerLosses } from '../answer-losses.ts'
import { showWork } from '../hosted-answer.ts'
import { carrySeals } from '../seal-carriers.ts'
import { answerBlock } from './answer-blocks.ts'
import { answerRules } from './answer-rules.ts'
import { decodeBlock } from './decode-blocks.ts'
import { decodeError, errorCodec } from './error.ts'
import { printFinish, readFinish, withCalls } from './finish.ts'
import { leftOf, overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { hostedForm } from './hosted-work.ts'
import { decodeUsage, encodeUsage, guessedUsage } from './usage.ts'
import { DIALECT } from './wire-types.ts'

/** Keys that a stream says at its end, and that belong to the candidate. */
const END_KEYS: ReadonlySet<string> = new Set([
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'container',
  'context_management',
])

export const responseCodec: ResponseCodec = {
  decode({ status, headers, body }, context) {
    if (isObject(body) && body['type'] === 'error') throw decodeError({ status, headers, body })
    try {
      return decodeMessage(body, context)
    } catch (error) {
      throw badResponse(error)
    }
  },

  encode(signed, context) {
    const response = carrySeals(showWork(signed, hostedForm, context.requestId))
    const failure = failureOf(response)
    if (failure !== undefined) {
      return { value: errorCodec.encode(failure, context.requestId), notes: [] }
    }
    const notes: Note[] = []
    const body = encodeMessage(response, context, notes)
    const headers = { 'content-type': 'application/json', 'request-id': context.requestId }
    return { value: { status: 200, headers, body }, notes }
  },
}

/** What is wrong with an answer's form is the provider's fault. */
export function badResponse(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const detail = error instanceof WireError ? `: ${error.message}` : ''
  return new GatewayError('upstream', `The provider's answer cannot be read${detail}.`, {
    origin: 'upstream',
    code: 'upstream_bad_response',
    cause: error,
  })
}

function decodeMessage(body: Json | undefined, { profile, request }: DecodeContext): ChatResponse {
  const reader = ObjectReader.of(body, '')
  const head = readHead(reader)
  const parts = reader.items('content').map((item) => decodeBlock(item))
  const finish = readFinish(reader)
  const usage = decodeUsage(reader.value('usage'))
  const left = leftOf(reader)
  const { fields, ends } = left === undefined ? NOTHING_LEFT : withoutEnds(left)
  const candidate: Candidate = {
    index: 0,
    parts,
    ...(finish === undefined ? {} : { finish: withCalls(finish, parts) }),
    ...leftovers.keptFields(ends),
  }
  return {
    origin: { dialect: DIALECT, provider: profile.provider },
    ...head,
    model: head.model ?? request.model,
    candidates: [candidate],
    ...(usage === undefined ? {} : { usage }),
    ...leftovers.keptFields(fields),
  }
}

interface Left {
  readonly fields?: JsonObject
  readonly ends?: JsonObject
}

const NOTHING_LEFT: Left = {}

/** The keys that begin a message, whole or streamed. */
export function readHead(reader: ObjectReader): { readonly id?: string; readonly model?: string } {
  if (reader.peek('type') === 'message') reader.value('type')
  if (reader.peek('role') === 'assistant') reader.value('role')
  return compact({ id: reader.optionalString('id'), model: reader.optionalString('model') })
}

/** What belongs to the end of the answer stays on its candidate. */
function withoutEnds(left: JsonObject): Left {
  const entries = Object.entries(left)
  return {
    fields: Object.fromEntries(entries.filter(([key]) => !END_KEYS.has(key))),
    ends: Object.fromEntries(entries.filter(([key]) => END_KEYS.has(key))),
  }
}

/** An answer that failed has no other form than an error. */
function failureOf(response: ChatResponse): GatewayError | undefined {
  if (response.error !== undefined) return response.error
  const own = response.origin.dialect === DIALECT
  const finish = response.candidates.at(0)?.finish
  return printFinish(finish, { own }) === undefined ? failedFinish(finish?.reason) : undefined
}

export function failedFinish(reason: string | undefined): GatewayError {
  const what = reason === 'malformed-tool-call' ? 'wrote a tool call that cannot be read' : 'failed'
  return new GatewayError('upstream', `The model ${what}. Ask again.`, {
    origin: 'upstream',
    code: 'upstream_failed',
  })
}

function encodeMessage(response: ChatResponse, context: EncodeContext, notes: Note[]): JsonObject {
  const own = response.origin.dialect === DIALECT
  const [candidate, ...others] = response.candidates
  if (others.length > 0) notes.push(otherCandidates())
  const parts: readonly Part[] = candidate?.parts ?? []
  const content = parts.flatMap((part, at) => {
    const block = answerBlock(part, response.origin.dialect)
    if (block.note !== undefined) {
      notes.push({ ...block.note, path: `candidates[0].parts[${at}]` })
    }
    return block.value ?? []
  })
  notes.push(...answerLosses(response, answerRules))
  if (!own) notes.push(...guessedUsage(response.usage))
  const finish = candidate?.finish
  const ended = finish === undefined || own ? finish : withCalls(finish, parts)
  const printed = {
    ...messageHead(response, context),
    content,
    ...(own && finish === undefined ? { stop_reason: null } : printFinish(ended, { own })),
    usage: encodeUsage(response.usage),
  }
  return overlay(overlay(leftovers.fieldsOf(response), leftovers.fieldsOf(candidate)), printed)
}

/** A message's first keys; an id is minted where the provider gave none. */
export function messageHead(
  { id, model, ...node }: Node & { readonly id?: string; readonly model?: string },
  { requestId, request }: EncodeContext,
): JsonObject {
  const base = { type: 'message', role: 'assistant', ...leftovers.fieldsOf(node) }
  const given = id === undefined || id === '' ? `msg_${requestId}` : id
  return { ...base, id: given, model: model ?? request.model }
}

export function otherCandidates(): Note {
  return {
    action: 'dropped',
    feature: 'candidates',
    path: 'candidates[1]',
    weight: 3,
    reason: 'a message has one answer',
  }
}
