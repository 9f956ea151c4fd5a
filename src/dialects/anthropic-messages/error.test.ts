// Errors: every kind with its status, what their words say, and whose credential was refused.
import { describe, expect, it } from 'vitest'
import { type ErrorKind, GatewayError } from '../../canonical/errors.ts'
import { type Json, ObjectReader } from '../../wire/json.ts'
import type { WireHeaders } from '../../wire/message.ts'
import { errorCodec } from './error.ts'

interface Saying {
  readonly code?: string
  readonly headers?: WireHeaders
}

/** The error that a provider reports with this status, type and message. */
function said([status, type, message]: readonly [number, string, string], more: Saying = {}) {
  const details = more.code === undefined ? null : { error_code: more.code }
  const body = { type: 'error', error: { type, message, details }, request_id: 'req_b' }
  return errorCodec.decode({ status, headers: more.headers ?? {}, body })
}

function told(kind: ErrorKind, origin: 'client' | 'upstream' = 'client') {
  const error = new GatewayError(kind, 'Words.', { origin })
  const { status, headers, body } = errorCodec.encode(error, 'req_1')
  const inner = ObjectReader.of(body, '').object('error')
  return { status, headers, body, type: inner.string('type'), message: inner.string('message') }
}

describe('reading an error', () => {
  it.each([
    [[400, 'invalid_request_error', 'messages: Field required'], 'invalid_request'],
    [[400, 'invalid_request_error', 'prompt is too long: 9 > 8'], 'context_length'],
    [
      [400, 'invalid_request_error', 'input length and `max_tokens` exceed context limit'],
      'context_length',
    ],
    [[400, 'invalid_request_error', 'Your credit balance is too low'], 'quota'],
    [
      [400, 'invalid_request_error', 'Output blocked by content filtering policy'],
      'content_policy',
    ],
    [[401, 'authentication_error', 'invalid x-api-key'], 'auth'],
    [[402, 'billing_error', 'Pay.'], 'quota'],
    [[403, 'permission_error', 'No.'], 'permission'],
    [[404, 'not_found_error', 'model: m'], 'not_found'],
    [[409, 'conflict_error', 'Twice.'], 'conflict'],
    [[413, 'request_too_large', 'Large.'], 'request_too_large'],
    [[429, 'rate_limit_error', 'Slow down.'], 'rate_limit'],
    [[500, 'api_error', 'Oops.'], 'internal'],
    [[502, 'api_error', 'Bad gateway.'], 'upstream'],
    [[504, 'timeout_error', 'Late.'], 'timeout'],
    [[529, 'overloaded_error', 'Overloaded'], 'overloaded'],
    [[529, 'strange_error', 'Overloaded'], 'overloaded'],
  ] as const)('%j is %s', (saying, kind) => {
    expect(said(saying).kind).toBe(kind)
  })

  it('takes a spend limit for a quota, which no waiting heals', () => {
    const error = said([429, 'rate_limit_error', 'Limit reached.'], {
      code: 'enforced_spend_limit_reached',
      headers: { 'retry-after': '5' },
    })
    expect(error).toMatchObject({ kind: 'quota', retryable: false, retryAfterMs: undefined })
  })

  it('prefers the exact hint of when to retry', () => {
    const limited = [429, 'rate_limit_error', 'Slow down.'] as const
    const hinted = (headers: WireHeaders) => said(limited, { headers }).retryAfterMs
    expect(hinted({ 'retry-after': '2' })).toBe(2000)
    expect(hinted({ 'retry-after': '2', 'retry-after-ms': '1500' })).toBe(1500)
    expect(hinted({ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })).toBeUndefined()
  })

  it("keeps the provider's request id, from the header first", () => {
    const missing = [404, 'not_found_error', 'No.'] as const
    expect(said(missing).upstream?.requestId).toBe('req_b')
    expect(said(missing, { headers: { 'request-id': 'req_h' } }).upstream?.requestId).toBe('req_h')
  })

  it.each<[Json | undefined, string]>([
    [{ error: 'plain words' }, 'plain words'],
    [{ message: 'at the root' }, 'at the root'],
    [{ detail: 'a detail' }, 'a detail'],
    [[{ error: { message: 'in a list' } }], 'in a list'],
    [undefined, 'The provider answered with status 500 and no readable error.'],
    [
      { error: { message: '<html>oops</html>' } },
      'The provider answered with status 500 and no readable error.',
    ],
  ])('reads %j', (body, message) => {
    const wire = { status: 500, headers: {}, text: '<html></html>' }
    expect(errorCodec.decode(body === undefined ? wire : { ...wire, body }).message).toBe(message)
  })
})

describe('writing an error', () => {
  it.each([
    ['invalid_request', 400, 'invalid_request_error'],
    ['unsupported', 400, 'invalid_request_error'],
    ['auth', 401, 'authentication_error'],
    ['quota', 402, 'billing_error'],
    ['permission', 403, 'permission_error'],
    ['not_found', 404, 'not_found_error'],
    ['conflict', 409, 'conflict_error'],
    ['request_too_large', 413, 'request_too_large'],
    ['context_length', 400, 'invalid_request_error'],
    ['rate_limit', 429, 'rate_limit_error'],
    ['content_policy', 400, 'invalid_request_error'],
    ['overloaded', 529, 'overloaded_error'],
    ['timeout', 504, 'timeout_error'],
    ['upstream', 502, 'api_error'],
    ['internal', 500, 'api_error'],
    ['cancelled', 499, 'api_error'],
  ] as const)('%s is %i %s', (kind, status, type) => {
    expect(told(kind)).toMatchObject({ status, type })
  })

  it('has the shape and the id that clients look for', () => {
    const { body, headers } = told('not_found')
    expect(body).toEqual({
      type: 'error',
      error: { type: 'not_found_error', message: 'Words.' },
      request_id: 'req_1',
    })
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'request-id': 'req_1' })
  })

  it.each([
    ['auth', 502, 'api_error'],
    ['permission', 502, 'api_error'],
    ['quota', 429, 'rate_limit_error'],
  ] as const)(
    'does not blame the client for %s of our own credential',
    (kind, ownStatus, ownType) => {
      const { status, type, message } = told(kind, 'upstream')
      expect({ status, type }).toEqual({ status: ownStatus, type: ownType })
      expect(message).not.toContain('Words.')
    },
  )

  it('uses the words on which clients shorten the conversation', () => {
    expect(told('context_length').message).toBe('prompt is too long: Words.')
  })

  it('says when to retry in both units, and when not to', () => {
    const limited = new GatewayError('rate_limit', 'Slow.', { retryAfterMs: 1200 })
    expect(errorCodec.encode(limited, 'r').headers).toMatchObject({
      'retry-after': '2',
      'retry-after-ms': '1200',
    })
    expect(errorCodec.encode(limited, 'r').headers).not.toHaveProperty('x-should-retry')
    expect(told('quota').headers).toMatchObject({ 'x-should-retry': 'false' })
  })

  it('keeps a status of our own that is more precise', () => {
    const error = new GatewayError('invalid_request', 'Wrong type.', { status: 415 })
    expect(errorCodec.encode(error, 'r').status).toBe(415)
  })
})

describe('statuses of this wire alone', () => {
  it.each([
    [[529, 'overloaded_error', 'Overloaded'], 503],
    [[402, 'billing_error', 'Pay.'], 429],
  ] as const)('%j is told to others with their own %i', (saying, status) => {
    expect(said(saying).status).toBe(status)
  })
})
