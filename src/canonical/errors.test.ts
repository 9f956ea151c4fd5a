// The error table: total over kinds, sane statuses, and no leak of what an unknown error said.
import { describe, expect, it } from 'vitest'
import { type ErrorKind, GatewayError, kindOfStatus, statusOf, toGatewayError } from './errors.ts'

const TABLE: Readonly<Record<ErrorKind, readonly [status: number, retryable: boolean]>> = {
  invalid_request: [400, false],
  unsupported: [400, false],
  auth: [401, false],
  permission: [403, false],
  not_found: [404, false],
  conflict: [409, true],
  request_too_large: [413, false],
  context_length: [400, false],
  rate_limit: [429, true],
  quota: [429, false],
  content_policy: [400, false],
  overloaded: [503, true],
  timeout: [504, true],
  upstream: [502, true],
  internal: [500, true],
  cancelled: [499, false],
}

function isKind(key: string): key is ErrorKind {
  return Object.hasOwn(TABLE, key)
}

const kinds = Object.keys(TABLE).filter(isKind)

describe('GatewayError', () => {
  it.each(kinds)('%s has its status and whether a retry may help', (kind) => {
    const error = new GatewayError(kind, 'what happened')
    expect([error.status, error.retryable]).toEqual(TABLE[kind])
    expect(statusOf(kind)).toBe(error.status)
    expect(error).toMatchObject({ name: 'GatewayError', kind, message: 'what happened' })
  })

  it('is our own fault until told otherwise', () => {
    expect(new GatewayError('upstream', 'x').origin).toBe('gateway')
    expect(new GatewayError('upstream', 'x', { origin: 'upstream' }).origin).toBe('upstream')
  })

  it('carries its details', () => {
    const cause = new Error('inner')
    const details = {
      code: 'model_not_found',
      param: 'model',
      status: 422,
      retryAfterMs: 1500,
      upstream: { provider: 'p', status: 418 },
      extensions: { alpha: { fields: { a: 1 } } },
      cause,
    }
    expect(new GatewayError('not_found', 'x', details)).toMatchObject(details)
  })

  it('has no cause of its own when none was given', () => {
    expect(Object.hasOwn(new GatewayError('internal', 'x'), 'cause')).toBe(false)
  })
})

describe('kindOfStatus', () => {
  it.each<[number, ErrorKind]>([
    [400, 'invalid_request'],
    [401, 'auth'],
    [402, 'quota'],
    [403, 'permission'],
    [404, 'not_found'],
    [408, 'timeout'],
    [409, 'conflict'],
    [413, 'request_too_large'],
    [418, 'invalid_request'],
    [422, 'invalid_request'],
    [424, 'upstream'],
    [429, 'rate_limit'],
    [498, 'overloaded'],
    [499, 'cancelled'],
    [500, 'internal'],
    [502, 'upstream'],
    [503, 'overloaded'],
    [504, 'timeout'],
    [524, 'timeout'],
    [529, 'overloaded'],
    [599, 'internal'],
  ])('%i is %s', (status, kind) => {
    expect(kindOfStatus(status)).toBe(kind)
  })

  it('calls every server failure retryable, and no plain client failure', () => {
    for (let status = 500; status < 600; status += 1) {
      expect(TABLE[kindOfStatus(status)][1]).toBe(true)
    }
    for (const status of [400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 451]) {
      expect(TABLE[kindOfStatus(status)][1]).toBe(false)
    }
  })
})

describe('toGatewayError', () => {
  it('passes a GatewayError through', () => {
    const error = new GatewayError('auth', 'x')
    expect(toGatewayError(error)).toBe(error)
  })

  it.each([new Error('sk-secret'), 'sk-secret', undefined, { message: 'sk-secret' }])(
    'keeps what else was thrown inside, and its text out of the message',
    (thrown) => {
      const error = toGatewayError(thrown)
      expect(error).toMatchObject({ kind: 'internal', origin: 'gateway', status: 500 })
      expect(error.message).not.toContain('sk-secret')
      expect(error.cause).toBe(thrown)
    },
  )
})
