// Failures: what the vendor's words mean, when to try again, and what a client is told.
import { describe, expect, it } from 'vitest'
import { type ErrorKind, GatewayError } from '../../canonical/errors.ts'
import type { Json } from '../../wire/json.ts'
import { gemini } from './dialect.ts'

const RPC = 'type.googleapis.com/google.rpc.'

function decode(status: number, error: Json, headers: Record<string, string> = {}): GatewayError {
  return gemini.error.decode({ status, headers, body: { error } })
}

function read(body: Json): GatewayError {
  return gemini.error.decode({ status: 404, headers: {}, body })
}

describe('reading', () => {
  it.each<[number, string, string, ErrorKind]>([
    [400, 'INVALID_ARGUMENT', 'bad', 'invalid_request'],
    [400, 'FAILED_PRECONDITION', 'no billing', 'permission'],
    [400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum', 'context_length'],
    [500, 'INTERNAL', 'The prompt is too long: its length exceeds the limit', 'context_length'],
    [401, 'UNAUTHENTICATED', 'who?', 'auth'],
    [403, 'PERMISSION_DENIED', 'no', 'permission'],
    [404, 'NOT_FOUND', 'no model', 'not_found'],
    [409, 'ABORTED', 'again', 'conflict'],
    [429, 'RESOURCE_EXHAUSTED', 'slow', 'rate_limit'],
    [499, 'CANCELLED', 'gone', 'cancelled'],
    [500, 'INTERNAL', 'oops', 'internal'],
    [503, 'UNAVAILABLE', 'busy', 'overloaded'],
    [504, 'DEADLINE_EXCEEDED', 'slow', 'timeout'],
  ])('takes %i %s "%s" for %s', (...[code, status, message, kind]) => {
    expect(decode(code, { code, message, status })).toMatchObject({
      kind,
      message,
      origin: 'upstream',
      upstream: { status: code, type: status },
    })
  })

  it('finds a bad key behind a status of 400', () => {
    const details = [{ '@type': `${RPC}ErrorInfo`, reason: 'API_KEY_INVALID' }]
    const error = decode(400, { code: 400, message: 'no', status: 'INVALID_ARGUMENT', details })
    expect(error).toMatchObject({ kind: 'auth', code: 'API_KEY_INVALID', status: 401 })
  })

  it.each([
    [{ '@type': `${RPC}RetryInfo`, retryDelay: '34.4s' }, 'slow', 34_400],
    [{ '@type': `${RPC}Help` }, 'Please retry in 1.5s.', 1500],
    [{ '@type': `${RPC}Help` }, 'slow', 7000],
  ])('finds when to try again in %j or "%s"', (detail, message, retryAfterMs) => {
    const error = { code: 429, message, status: 'RESOURCE_EXHAUSTED', details: [detail] }
    expect(decode(429, error, { 'retry-after': '7' }).retryAfterMs).toBe(retryAfterMs)
  })

  it('takes a quota of a day for spent, not for a wait', () => {
    const details = [
      { '@type': `${RPC}QuotaFailure`, violations: [{ quotaId: 'TokensPerDayPerModel' }] },
      { '@type': `${RPC}RetryInfo`, retryDelay: '3s' },
    ]
    const error = decode(429, { code: 429, message: 'm', status: 'RESOURCE_EXHAUSTED', details })
    expect(error.kind).toBe('quota')
    expect(error.retryAfterMs).toBeUndefined()
  })

  it('reads lists of one, and what proxies write instead', () => {
    const inside = { error: { code: 404, message: 'none', status: 'NOT_FOUND' } }
    expect(read([inside]).message).toBe('none')
    expect(read({ error: 'plain' }).message).toBe('plain')
    expect(read({ message: 'root' }).message).toBe('root')
    expect(gemini.error.decode({ status: 502, headers: {}, text: '<html>x' }).message).toBe(
      'The provider answered 502.',
    )
  })
})

describe('writing', () => {
  it('says status and word, and when to try again in header and details', () => {
    const error = new GatewayError('rate_limit', 'slow down', { retryAfterMs: 1500 })
    expect(gemini.error.encode(error, 'r')).toMatchObject({
      status: 429,
      headers: { 'retry-after': '2' },
      body: {
        error: {
          code: 429,
          message: 'slow down',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ '@type': `${RPC}RetryInfo`, retryDelay: '2s' }],
        },
      },
    })
  })

  it('says a spent quota so that clients do not wait for it', () => {
    const wire = gemini.error.encode(new GatewayError('quota', 'spent', { retryAfterMs: 9 }), 'r')
    expect(wire.headers['retry-after']).toBeUndefined()
    expect(gemini.error.decode(wire).kind).toBe('quota')
  })

  it.each<[ErrorKind, number, string]>([
    ['auth', 502, 'UNAVAILABLE'],
    ['permission', 502, 'UNAVAILABLE'],
    ['quota', 429, 'RESOURCE_EXHAUSTED'],
  ])('does not blame the client for %s of the gateway’s own account', (kind, ownStatus, word) => {
    const error = new GatewayError(kind, 'key AIza-secret refused', { origin: 'upstream' })
    const { status, body } = gemini.error.encode(error, 'r')
    expect(status).toBe(ownStatus)
    expect(JSON.stringify(body)).not.toContain('AIza-secret')
    expect(body).toMatchObject({ error: { code: ownStatus, status: word } })
  })
})
