// The one object that both a whole answer and each line of a stream are: chat's with `message`, generate's without.
import { GatewayError } from '../../canonical/errors.ts'
import type { Part, TokenLogprob } from '../../canonical/part.ts'
import { compact } from '../../canonical/compact.ts'
import type { Usage } from '../../canonical/usage.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import { decodeErrorBody } from './error.ts'
import { readLogprobs } from './logprobs.ts'
import { readUsage } from './metrics.ts'
import { readImages, readText, readThinking, readToolCalls } from './parts.ts'

export interface Answer {
  readonly model?: string
  readonly createdAt?: string
  readonly parts: readonly Part[]
  readonly done: boolean | undefined
  readonly doneReason?: string
  readonly logprobs?: readonly TokenLogprob[]
  readonly usage?: Usage
  /** Leftovers of the object, and of the `message` inside it. */
  readonly fields?: JsonObject
  readonly messageFields?: JsonObject
}

/**
 * Reads a body or a line. `seed` names the answer's nth call, should it have come without an id.
 * Throws the GatewayError that the object holds where it is an error, WireError where it is no answer.
 */
export function readAnswer(
  body: Json | undefined,
  seed: (createdAt: string, at: number) => string,
): Answer {
  const reader = ObjectReader.of(body, '')
  // Some imitations send `"error": null` with every line.
  if (isObject(body) && reader.has('error') && body['error'] !== null) throw decodeErrorBody(body)
  const createdAt = reader.optionalString('created_at')
  const message = reader.optionalObject('message')
  const holder = message ?? reader
  const parts = [
    ...readThinking(holder),
    ...readImages(holder),
    ...readText(holder, message === undefined ? 'response' : 'content'),
    ...readToolCalls(holder, (at) => seed(createdAt ?? '', at)),
  ]
  message?.optionalString('role')
  const read = {
    model: reader.optionalString('model'),
    createdAt,
    doneReason: reader.optionalString('done_reason'),
    logprobs: readLogprobs(reader),
    usage: readUsage(reader),
    messageFields: message?.rest(),
  }
  return {
    parts,
    done: reader.optionalBoolean('done'),
    ...compact({ ...read, fields: reader.rest() }),
  }
}

/** What a stream or answer is that ended without `"done": true`. */
export function truncated(): GatewayError {
  return new GatewayError('upstream', 'The provider broke off before its answer was complete.', {
    origin: 'upstream',
    code: 'upstream_truncated',
  })
}
