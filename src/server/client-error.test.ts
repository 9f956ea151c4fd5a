// What a client is told of a failure, its headers, and the bodies that are at fault.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { STORE_FAILURES, storeError } from '../store/store-failure.ts'
import { WireError } from '../wire/errors.ts'
import { assertPlain, parseBody } from './body.ts'
import { clientError, retryHeaders } from './client-error.ts'
import { writePlainError } from './plain-error.ts'

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

describe('clientError', () => {
  it('makes what is wrong with the bytes the fault of the client, with the place', () => {
    const error = clientError(new WireError('wrong_type', 'messages must be an array', 'messages'))
    expect(error).toMatchObject({
      kind: 'invalid_request',
      origin: 'client',
      status: 400,
      param: 'messages',
      code: 'wrong_type',
      message: 'messages must be an array.',
    })
    expect(clientError(new WireError('body_too_large', 'too large')).status).toBe(413)
  })

  it.each(STORE_FAILURES)(
    'tells nobody outside where the database is that fails (%s)',
    (failure) => {
      const error = clientError(storeError(failure, '/home/ann/patchbay.db', new Error('rows')))
      expect(error.code).toBe(`store_${failure}`)
      expect(error.message).toMatch(/^The database of this gateway [^/]+\.$/)
    },
  )

  it.each(['auth', 'permission'] as const)(
    'never blames the client for a key of ours that a provider refuses (%s)',
    (kind) => {
      const refused = new GatewayError(kind, 'The provider refused the key.', {
        origin: 'upstream',
      })
      expect(clientError(refused)).toMatchObject({ status: 502, code: 'upstream_auth_failed' })
    },
  )

  it.each([
    ['rate_limit', {}, [429, 'upstream_rate_limited']],
    ['overloaded', {}, [503, 'upstream_overloaded']],
    ['timeout', { code: 'first_byte_timeout' }, [504, 'upstream_timeout']],
    ['timeout', { code: 'total_timeout' }, [504, 'deadline_exceeded']],
    ['upstream', { code: 'upstream_unreachable' }, [502, 'upstream_unreachable']],
    ['upstream', { code: 'upstream_closed' }, [502, 'upstream_truncated']],
    ['upstream', { code: 'upstream_bad_body' }, [502, 'upstream_bad_response']],
    ['quota', { upstream: { status: 402 } }, [402, 'upstream_billing']],
    ['quota', { upstream: { status: 429 } }, [429, 'upstream_quota_exhausted']],
  ] as const)(
    'calls a provider’s %s with %j by the code of the contract',
    (kind, more, outside) => {
      const [status, code] = outside
      const failure = new GatewayError(kind, 'So it is.', {
        origin: 'upstream',
        ...more,
        retryAfterMs: 7,
      })
      const told = clientError(failure)
      expect(told).toMatchObject({ kind, status, code, retryAfterMs: 7 })
      expect(retryHeaders(told)['x-patchbay-error']).toBe(code)
      expect(clientError(told)).toMatchObject({ status, code })
    },
  )

  it('passes every other failure as it is', () => {
    const own = new GatewayError('auth', 'No key.', { origin: 'client' })
    const wrong = new GatewayError('invalid_request', 'No such role.', { origin: 'upstream' })
    expect(clientError(own)).toBe(own)
    expect(clientError(wrong)).toBe(wrong)
  })

  it('keeps what broke inside us to us', () => {
    const error = clientError(new TypeError('canary-secret in /home/me'))
    expect(error).toMatchObject({ kind: 'internal', status: 500 })
    expect(error.message).not.toContain('canary-secret')
  })
})

describe('retryHeaders', () => {
  it('advises against trying again where Patchbay has done so, and where the wait is long', () => {
    const limited = new GatewayError('rate_limit', 'Slow down.', { retryAfterMs: 1200 })
    expect(retryHeaders(limited, 1)['x-should-retry']).toBe('true')
    expect(retryHeaders(limited, 2)).toMatchObject({
      'x-should-retry': 'false',
      'retry-after': '2',
    })
    const long = new GatewayError('rate_limit', 'Slow down.', { retryAfterMs: 61_000 })
    expect(retryHeaders(long)['x-should-retry']).toBe('false')
  })

  it('say whether and when to come again', () => {
    const limited = new GatewayError('rate_limit', 'Slow down.', { retryAfterMs: 1200 })
    expect(retryHeaders(limited)).toEqual({
      'x-should-retry': 'true',
      'retry-after': '2',
      'retry-after-ms': '1200',
    })
    expect(retryHeaders(new GatewayError('quota', 'Empty.'))).toEqual({ 'x-should-retry': 'false' })
  })

  it('name the way to authenticate with every 401', () => {
    const headers = retryHeaders(new GatewayError('auth', 'No key.'))
    expect(headers['www-authenticate']).toBe('Bearer realm="patchbay"')
  })
})

describe('writePlainError', () => {
  it('has kind, code, message, param and request id', () => {
    const error = new GatewayError('not_found', 'Gone.', { code: 'gone', param: 'name' })
    expect(writePlainError(error, 'req_1')).toMatchObject({
      status: 404,
      body: {
        error: {
          kind: 'not_found',
          code: 'gone',
          message: 'Gone.',
          param: 'name',
          request_id: 'req_1',
        },
      },
    })
  })
})

describe('parseBody', () => {
  it('reads JSON and keeps its text, with or without a byte order mark', () => {
    const body = { json: { a: 1 }, text: '{"a": 1.0}' }
    expect(parseBody(bytes('{"a": 1.0}'))).toEqual(body)
    expect(parseBody(bytes('\uFEFF{"a": 1.0}'))).toEqual(body)
  })

  it('keeps the bytes of a large text that has one for each character, and of no other', () => {
    const large = bytes(JSON.stringify('a'.repeat(8190)))
    expect(parseBody(large)?.bytes).toBe(large)
    const others = [
      JSON.stringify('a'.repeat(8189)),
      JSON.stringify('ü'.repeat(8190)),
      `\uFEFF${JSON.stringify('a'.repeat(8190))}`,
    ]
    for (const other of others) expect(parseBody(bytes(other))).not.toHaveProperty('bytes')
  })

  it('is nothing for no bytes', () => {
    expect(parseBody(new Uint8Array())).toBeUndefined()
  })

  it.each([
    [bytes('{"a":'), 'not_json'],
    [bytes('['.repeat(100_000)), 'too_deep'],
    [Uint8Array.of(0x22, 0xff, 0x22), 'not_utf8'],
    [Uint8Array.of(0x22, 0xc3), 'not_utf8'],
    [Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'not_utf8'],
  ])('refuses other bytes by name', (given, code) => {
    const message = expect.stringMatching(/^The body /)
    expect(() => parseBody(given)).toThrow(expect.objectContaining({ code, message }))
  })

  it('takes bodies as they are, never compressed', () => {
    expect(() => assertPlain(undefined)).not.toThrow()
    expect(() => assertPlain('identity')).not.toThrow()
    expect(() => assertPlain('gzip')).toThrow(expect.objectContaining({ status: 415 }))
  })
})
