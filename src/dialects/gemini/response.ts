// Whole answers.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Candidate, ChatResponse } from '../../canonical/response.ts'
import type { WireResponse } from '../../wire/message.ts'
import type { Lowered } from '../../canonical/note.ts'
import type { DecodeContext, EncodeContext, ResponseCodec } from '../dialect.ts'
import { answerLosses } from '../answer-losses.ts'
import { showWork } from '../hosted-answer.ts'
import { answerRules } from './answer-rules.ts'
import { answerSeed } from './answer-id.ts'
import { blockedCandidate, decodeCandidate, encodeCandidate, isBlocked } from './candidate.ts'
import { error, errorInBody } from './error.ts'
import { leftovers, printed } from './extension.ts'
import { Fields } from './fields.ts'
import { isFailure } from './finish.ts'
import { hostedForm } from './hosted-work.ts'
import { lossesOf } from './losses.ts'
import { signedElsewhere } from './seals.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { GEMINI, JSON_HEADERS } from './wire-types.ts'

export const response: ResponseCodec = { decode, encode }

function decode(wire: WireResponse, context: DecodeContext): ChatResponse {
  const failure = errorInBody(wire.body)
  if (failure !== undefined) throw failure
  const fields = Fields.of(wire.body, '')
  const id = fields.optionalString('responseId')
  const version = fields.optionalString('modelVersion')
  const usage = decodeUsage(fields.peek('usageMetadata'))
  if (usage !== undefined) fields.value('usageMetadata')
  const items = fields.optionalItems('candidates')
  const seed = answerSeed(id, context)
  const candidates = items?.map((item, at) => decodeCandidate(item, at, seed)) ?? []
  const blocked =
    candidates.length === 0 ? blockedCandidate(fields.peek('promptFeedback')) : undefined
  const { profile, request } = context
  const model = version ?? profile.model ?? request.model
  return {
    origin: { dialect: GEMINI, provider: profile.provider, model },
    model,
    candidates: blocked === undefined ? candidates : [blocked],
    ...compact({ id, usage, createdMs: createdMs(fields) }),
    ...fields.kept({
      candidates: items === undefined ? 'absent' : undefined,
      version: version === undefined ? 'absent' : undefined,
    }),
  }
}

/** Only the vendor's cloud tells when; the time itself stays as it came. */
export function createdMs(fields: Fields): number | undefined {
  const time = fields.peek('createTime')
  const ms = typeof time === 'string' ? Date.parse(time) : NaN
  return Number.isNaN(ms) ? undefined : ms
}

function encode(given: ChatResponse, context: EncodeContext): Lowered<WireResponse> {
  const answer = showWork(given, hostedForm, context.requestId)
  const own = answer.origin.dialect === GEMINI
  const failed = answer.candidates.some(({ finish }) => isFailure(finish, { own }))
  const failure = answer.error ?? (failed ? cutShort() : undefined)
  if (failure !== undefined) {
    return { value: error.encode(failure, context.requestId), notes: [] }
  }
  const candidates = answer.candidates.filter((candidate) => !isBlocked(candidate))
  const shape = leftovers.shapeOf(answer)
  const silent = candidates.length === 0 && shape['candidates'] === 'absent'
  const body = printed(answer, {
    candidates: silent
      ? undefined
      : candidates.map((one) => encodeCandidate(own ? one : signed(one), { own })),
    usageMetadata: encodeUsage(answer.usage),
    modelVersion: shape['version'] === 'absent' ? undefined : answer.model,
    responseId: answer.id ?? (own ? undefined : context.requestId),
  })
  const parts = own
    ? []
    : candidates.flatMap(({ index, parts }) =>
        parts.flatMap((part, at) => lossesOf(part, `candidates[${index}].parts[${at}]`)),
      )
  const notes = [...parts, ...answerLosses(answer, answerRules)]
  return { value: { status: 200, headers: JSON_HEADERS, body }, notes }
}

/** The vendor wants a signature on the first call of a message. */
function signed(candidate: Candidate): Candidate {
  const { parts } = candidate
  const at = parts.findIndex(({ type }) => type === 'tool-call')
  const call = parts[at]
  return call === undefined
    ? candidate
    : { ...candidate, parts: parts.with(at, signedElsewhere(call)) }
}

/** An answer that ended as a failure without saying which. */
export function cutShort(): GatewayError {
  return new GatewayError('upstream', 'The provider did not finish its answer.', {
    origin: 'upstream',
  })
}
