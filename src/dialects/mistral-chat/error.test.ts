// Errors in every form that Mistral sends, and the one that its clients read.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERROR_KINDS, type ErrorKind, GatewayError, statusOf } from '../../canonical/errors.ts'
import type { Json } from '../../wire/json.ts'
import { mistralChat } from './dialect.ts'

function decode(status: number, body: Json, headers = {}): GatewayError {
  return mistralChat.error.decode({ status, headers, body })
}

describe('decoding', () => {
  it('reads the error object, with its code as a text', () => {
    const error = decode(400, {
      object: 'error',
      message: 'Tool call id was x but must be a-z, A-Z, 0-9, with a length of 9.',
      type: 'invalid_function_call',
      param: null,
      code: 3280,
    })
    expect(error).toMatchObject({ kind: 'invalid_request', code: '3280', status: 400 })
    expect(error.upstream?.type).toBe('invalid_function_call')
  })

  it('says where a validation failed, at the root or inside the message', () => {
    const detail = [
      { loc: ['body', 'messages', 0, 'content'], msg: 'bad' },
      { loc: ['body', 'user'], msg: 'extra' },
    ]
    for (const body of [{ detail }, { object: 'error', message: { detail }, code: null }]) {
      expect(decode(422, body)).toMatchObject({
        kind: 'invalid_request',
        status: 422,
        message: 'messages[0].content: bad; user: extra',
        param: 'messages[0].content',
      })
    }
  })

  it.each([
    [401, { message: 'Unauthorized', request_id: 'r' }, 'auth', 'Unauthorized'],
    [401, { detail: 'Unauthorized' }, 'auth', 'Unauthorized'],
    [402, { message: 'Pay' }, 'quota', 'Pay'],
    [403, { message: 'Blocked by guardrail' }, 'content_policy', 'Blocked by guardrail'],
    [403, { message: 'No' }, 'permission', 'No'],
    [400, { message: 'x', code: '1500' }, 'not_found', 'x'],
    [
      400,
      { message: '9 tokens, too large for model' },
      'context_length',
      '9 tokens, too large for model',
    ],
    [
      400,
      { message: 'x', code: '3051', type: 'invalid_request_invalid_args' },
      'invalid_request',
      'x',
    ],
    [
      429,
      { message: 'Requests rate limit exceeded' },
      'rate_limit',
      'Requests rate limit exceeded',
    ],
    [429, { message: 'x', code: '3505' }, 'overloaded', 'x'],
    [520, 'odd', 'internal', 'odd'],
    [400, { error: { message: 'deep' } }, 'invalid_request', 'deep'],
  ] as const)('%i %j is %s', (...[status, body, kind, message]) => {
    expect(decode(status, body)).toMatchObject({ kind, message })
  })

  it('keeps pages and novels out of the message', () => {
    expect(decode(502, '<html><body>nginx</body></html>').message).toContain('502')
    expect(decode(400, { message: 'x'.repeat(9000) }).message.length).toBeLessThan(2100)
  })

  it('reads when to try again, but not from a spent account', () => {
    const wait = { 'retry-after': '7' }
    expect(decode(429, { message: 'x' }, wait).retryAfterMs).toBe(7000)
    expect(decode(402, { message: 'x' }, wait).retryAfterMs).toBeUndefined()
    const date = { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }
    expect(decode(429, { message: 'x' }, date).retryAfterMs).toBeUndefined()
  })
})

const STATUSES: Partial<Record<ErrorKind, number>> = { quota: 402, content_policy: 403 }

describe('encoding', () => {
  it.each(ERROR_KINDS)(
    '%s comes back as what it was, in a body and in a stream, whatever its words',
    (kind) => {
      fc.assert(
        fc.property(
          fc.string({ minLength: 1 }),
          fc.option(fc.string(), { nil: '' }),
          (message, code) => {
            const wire = mistralChat.error.encode(
              new GatewayError(kind, message, { code }),
              'req_1',
            )
            expect(wire.status).toBe(STATUSES[kind] ?? statusOf(kind))
            expect(wire.body).toMatchObject({ object: 'error', message, param: null, code })
            expect(mistralChat.error.decode(wire).kind).toBe(kind)
            const inside = mistralChat.error.decode({ ...wire, status: 200 })
            expect(inside.kind).toBe(kind)
          },
        ),
        { numRuns: 30 },
      )
    },
  )

  it('tells when to try again in whole seconds, and who asks in the logs', () => {
    const late = new GatewayError('rate_limit', 'x', { retryAfterMs: 1200 })
    expect(mistralChat.error.encode(late, 'req_1').headers).toEqual({
      'retry-after': '2',
      'mistral-correlation-id': 'req_1',
    })
  })

  it('does not blame the client for the account of the gateway', () => {
    const refused = new GatewayError('auth', 'key sk-1 is bad', { origin: 'upstream' })
    const wire = mistralChat.error.encode(refused, 'req_1')
    expect(wire.status).toBe(502)
    expect(JSON.stringify(wire.body)).not.toContain('sk-1')
    expect(wire.body).toMatchObject({ code: 'upstream_auth_failed' })
  })
})
