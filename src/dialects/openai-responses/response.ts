// A whole answer and its body.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Lowered, Note } from '../../canonical/note.ts'
import type { Part, TokenLogprob } from '../../canonical/part.ts'
import type { Candidate, ChatResponse } from '../../canonical/response.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'
import { answerLosses } from '../answer-losses.ts'
import { showWork } from '../hosted-answer.ts'
import { carrySeals } from '../seal-carriers.ts'
import type { DecodeContext, EncodeContext, ResponseCodec } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { error } from './error.ts'
import { leftovers } from './extension.ts'
import { hasFailure } from './failure.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { hostedForm } from './hosted-work.ts'
import { LogprobDealer } from './logprobs.ts'
import { inNamespace } from './namespace.ts'
import { decodeOutputItem } from './output-item.ts'
import { encodeOutputItem, groupsOf, isSayable, mintedItemId, partNotes } from './output.ts'
import { responseHead } from './response-body.ts'
import { decodeUsage, encodeUsage, usageNotes } from './usage.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

export const response: ResponseCodec = { decode, encode }

/** A failed response is an error here: with status 200 it would look like an answer. */
function decode(wire: WireResponse, context: DecodeContext): ChatResponse {
  const { body } = wire
  if (isObject(body) && hasFailure(body)) throw error.decode(wire)
  if (!isObject(body) || !Array.isArray(body['output'])) {
    throw new GatewayError(
      'upstream',
      'The provider sent an answer that is not a response with output.',
      { origin: 'upstream', code: 'upstream_malformed', upstream: { status: wire.status } },
    )
  }
  const head = decodeHead(body)
  const { parts, logprobs } = decodeOutput(body['output'], head.id ?? 'answer')
  const usage = decodeUsage(body['usage'])
  const candidate: Candidate = {
    index: 0,
    parts,
    finish: finishOf(body, parts),
    ...compact({ logprobs: logprobs.length === 0 ? undefined : logprobs }),
  }
  return {
    origin: { dialect: OPENAI_RESPONSES, provider: context.profile.provider },
    ...head,
    model: head.model ?? context.request.model,
    candidates: [candidate],
    ...compact({ usage }),
  }
}

export function finishOf(
  body: JsonObject,
  parts: readonly Part[],
): NonNullable<Candidate['finish']> {
  const { status } = body
  return decodeFinish(
    typeof status === 'string' ? status : undefined,
    body['incomplete_details'],
    parts,
  )
}

type Head = Pick<ChatResponse, 'id' | 'createdMs' | 'tier' | 'extensions'> & {
  readonly model?: string
}

/** What stands around the items, but for status and usage. */
export function decodeHead(body: JsonObject): Head {
  const reader = new ObjectReader(body, '')
  const created = reader.peek('created_at')
  if (typeof created === 'number') reader.value('created_at')
  if (reader.peek('object') === 'response') reader.value('object')
  if (isObject(reader.peek('usage'))) reader.value('usage')
  if (isObject(reader.peek('incomplete_details'))) reader.value('incomplete_details')
  if (typeof reader.peek('status') === 'string') reader.value('status')
  reader.value('output')
  return {
    ...compact({
      id: takeString(reader, 'id'),
      model: takeString(reader, 'model'),
      createdMs: typeof created === 'number' ? created * 1000 : undefined,
      tier: takeString(reader, 'service_tier'),
    }),
    ...leftovers.owned(reader.rest()),
  }
}

/** Taken only where it is a text that says something. */
function takeString(reader: ObjectReader, key: string): string | undefined {
  const value = reader.peek(key)
  if (typeof value !== 'string' || value === '') return undefined
  reader.value(key)
  return value
}

function decodeOutput(
  items: readonly Json[],
  seed: string,
): { readonly parts: readonly Part[]; readonly logprobs: readonly TokenLogprob[] } {
  const parts: Part[] = []
  const logprobs: TokenLogprob[] = []
  let offset = 0
  for (const [index, value] of items.entries()) {
    const item = ObjectReader.of(value, `output[${index}]`).source
    const decoded = decodeOutputItem(item, { index, offset, seed })
    for (const part of decoded.parts) {
      if (part.type === 'text') offset += part.text.length
    }
    parts.push(...decoded.parts)
    logprobs.push(...decoded.logprobs)
  }
  return { parts, logprobs }
}

function encode(signed: ChatResponse, context: EncodeContext): Lowered<WireResponse> {
  const answer = carrySeals(showWork(signed, hostedForm, context.requestId))
  if (answer.error !== undefined) {
    return { value: error.encode(answer.error, context.requestId), notes: [] }
  }
  const [candidate, ...others] = answer.candidates
  const ending = encodeFinish(candidate?.finish, answer.origin.dialect)
  if (ending.status === 'failed') {
    return { value: error.encode(failedFinish(), context.requestId), notes: [] }
  }
  const notes: Note[] = [
    ...(candidate?.parts ?? []).flatMap((part, at) =>
      partNotes(part, `candidates[0].parts[${at}]`),
    ),
    ...(others.length === 0 ? [] : [otherCandidates()]),
    ...usageNotes(answer.usage),
    ...answerLosses(answer, answerRules),
  ]
  const body = bodyOf(responseHead(answer, context), {
    ...ending,
    output: encodeOutput(candidate, { answer, context }),
    usage:
      answer.usage === undefined && leftovers.isOwn(answer) ? undefined : encodeUsage(answer.usage),
    completedAt: leftovers.isOwn(answer) ? undefined : Math.floor(context.now() / 1000),
  })
  return { value: { status: 200, headers: {}, body }, notes }
}

interface Ended {
  readonly status: string
  readonly why?: JsonObject
  readonly output: readonly Json[]
  readonly usage: Json | undefined
  readonly completedAt?: number | undefined
}

/** A response object at its end, or wherever it has come to. */
export function bodyOf(
  head: JsonObject,
  { status, why, output, usage, completedAt }: Ended,
): JsonObject {
  return {
    ...head,
    status,
    output,
    ...compact({
      incomplete_details: why,
      usage,
      completed_at: status === 'completed' ? completedAt : undefined,
    }),
  }
}

/** An answer that ended in a failure is one. */
export function failedFinish(): GatewayError {
  return new GatewayError('upstream', 'The provider gave up before the answer was complete.', {
    origin: 'upstream',
    code: 'upstream_error',
  })
}

export function otherCandidates(): Note {
  return {
    action: 'dropped',
    feature: 'candidates',
    path: 'candidates[1]',
    weight: 3,
    reason: 'the Responses protocol has one answer only',
  }
}

function encodeOutput(
  candidate: Candidate | undefined,
  { answer, context }: { readonly answer: ChatResponse; readonly context: EncodeContext },
): readonly JsonObject[] {
  const parts = (candidate?.parts ?? [])
    .filter((part) => isSayable(part))
    .map((part) => inNamespace(part, context.request.tools))
  const texts = parts.filter((part) => part.type === 'text').length
  const dealer = new LogprobDealer(candidate?.logprobs, texts)
  const cut = encodeFinish(candidate?.finish, answer.origin.dialect).status === 'incomplete'
  const groups = groupsOf(parts)
  let offset = 0
  return groups.map((group, index) => {
    const [first] = group.parts
    const item = encodeOutputItem(group, {
      id: first === undefined ? '' : mintedItemId(first, context.requestId, index),
      status: cut && index === groups.length - 1 ? 'incomplete' : 'completed',
      maker: answer.origin.dialect,
      offset,
      logprobs: (part) => (part.type === 'text' ? dealer.take(part) : []),
    })
    for (const part of group.parts) if (part.type === 'text') offset += part.text.length
    return item
  })
}
