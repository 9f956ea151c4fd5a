// Whole answers: one object, in chat's shape or in generate's, as the request was.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Note } from '../../canonical/note.ts'
import type { Candidate } from '../../canonical/response.ts'
import type { JsonObject } from '../../wire/json.ts'
import { answerLosses } from '../answer-losses.ts'
import type { ResponseCodec } from '../dialect.ts'
import { answerRules } from './answer-rules.ts'
import { readAnswer, truncated } from './answer.ts'
import { errorCodec } from './error.ts'
import { leftovers } from './extension.ts'
import { isFailure, printFinish, readFinish } from './finish.ts'
import { printLogprob } from './logprobs.ts'
import { lossesOf } from './losses.ts'
import { printUsage } from './metrics.ts'
import { printParts, printText, sayable } from './parts.ts'
import { beforeText, reordered } from './plain-content.ts'
import { isGenerate } from './request.ts'
import { readTimestamp, writeTimestamp } from './timestamp.ts'
import { DIALECT, JSON_HEADERS } from './wire-types.ts'

export const responseCodec: ResponseCodec = {
  decode(wire, { request, profile }) {
    const answer = readAnswer(wire.body, (createdAt, at) => `${createdAt}.${at}`)
    if (answer.done === false) throw truncated()
    const { model = profile.model ?? request.model, createdAt, parts, doneReason } = answer
    const createdMs = readTimestamp(createdAt)
    const called = parts.some((part) => part.type === 'tool-call')
    const candidate: Candidate = {
      index: 0,
      parts,
      finish: readFinish(doneReason, called),
      ...compact({ logprobs: answer.logprobs }),
      ...leftovers.keptFields(
        answer.messageFields,
        doneReason === undefined ? { done_reason: 'absent' } : {},
      ),
    }
    return {
      origin: { dialect: DIALECT, provider: profile.provider, model },
      model,
      candidates: [candidate],
      ...compact({ createdMs, usage: answer.usage }),
      ...leftovers.keptFields(answer.fields, compact({ created_at: createdAt })),
    }
  },

  encode(response, context) {
    const own = response.origin.dialect === DIALECT ? 'own' : 'foreign'
    const [candidate, ...others] = response.candidates
    const failure = response.error ?? (isFailure(candidate?.finish, own) ? cutShort() : undefined)
    if (failure !== undefined) {
      return { value: errorCodec.encode(failure, context.requestId), notes: [] }
    }
    const finish = printFinish(candidate?.finish, own)
    const notes: Note[] = (candidate?.parts ?? []).flatMap((part, at) =>
      lossesOf(part, `candidates[0].parts[${at}]`),
    )
    notes.push(...answerLosses(response, answerRules))
    if (others.length > 0) notes.push(otherCandidates(others.length))
    const said = candidate?.parts ?? []
    if (beforeText(said) !== said) notes.push(reordered('candidates[0].parts'))
    const silent = leftovers.shapeOf(candidate)['done_reason'] === 'absent'
    const body = {
      ...leftovers.fieldsOf(response),
      model: response.model,
      created_at:
        leftovers.shapeOf(response)['created_at'] ??
        writeTimestamp(response.createdMs ?? context.now()),
      ...printSaid(candidate, isGenerate(context.request) ? 'generate' : 'chat'),
      done: true,
      ...(silent ? {} : { done_reason: finish }),
      ...compact({ logprobs: candidate?.logprobs?.map((logprob) => printLogprob(logprob)) }),
      ...printUsage(response.usage),
    }
    return { value: { status: 200, headers: JSON_HEADERS, body }, notes }
  },
}

function printSaid(candidate: Candidate | undefined, shape: 'chat' | 'generate'): JsonObject {
  const parts = (candidate?.parts ?? [])
    .map((part) => sayable(part))
    .filter((part) => part !== undefined)
  const text = printText(parts)
  const others = printParts(parts, (_, at) => at)
  if (shape === 'generate') return { ...leftovers.fieldsOf(candidate), response: text, ...others }
  return {
    message: { ...leftovers.fieldsOf(candidate), role: 'assistant', content: text, ...others },
  }
}

/** An answer that ended as a failure without saying which. */
export function cutShort(): GatewayError {
  return new GatewayError('upstream', 'The provider did not finish its answer.', {
    origin: 'upstream',
  })
}

export function otherCandidates(count: number): Note {
  return {
    action: 'dropped',
    feature: 'n',
    path: 'candidates[1]',
    weight: 3,
    reason: 'Ollama answers with one candidate only',
    from: count + 1,
    to: 1,
  }
}
