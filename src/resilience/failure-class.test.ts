// Which failures may be tried again, and where.
import { describe, expect, it } from 'vitest'
import { type ErrorDetails, type ErrorKind, GatewayError } from '../canonical/errors.ts'
import { failureClass, isAnswered, tellsOfHealth } from './failure-class.ts'

function upstream(kind: ErrorKind, details: ErrorDetails = {}): GatewayError {
  return new GatewayError(kind, 'what happened', { origin: 'upstream', ...details })
}

describe('failureClass', () => {
  it.each([
    ['a refused connection', upstream('upstream', { code: 'upstream_unreachable' }), 'safe'],
    ['no connection in time', upstream('timeout', { code: 'connect_timeout' }), 'safe'],
    ['a certificate', upstream('upstream', { code: 'upstream_tls' }), 'safe'],
    ['a rate limit', upstream('rate_limit'), 'throttled'],
    ['an overload', upstream('overloaded'), 'throttled'],
    ['no answer in time', upstream('timeout', { code: 'first_byte_timeout' }), 'uncertain'],
    ['a broken connection', upstream('upstream', { code: 'upstream_closed' }), 'uncertain'],
    ['a failure of theirs', upstream('internal'), 'uncertain'],
    ['a lock', upstream('conflict'), 'uncertain'],
    ['our key', upstream('auth'), 'credential'],
    ['our rights', upstream('permission'), 'credential'],
    ['our money', upstream('quota'), 'credential'],
    ['too long a text', upstream('context_length'), 'unfit'],
    ['a bad request', upstream('invalid_request'), 'final'],
    ['a missing model', upstream('not_found'), 'final'],
    ['too large a body', upstream('request_too_large'), 'final'],
    ['a refused content', upstream('content_policy'), 'final'],
    ['a client that left', upstream('cancelled'), 'final'],
  ])('%s', (_what, error, expected) => {
    expect(failureClass(error)).toBe(expected)
  })

  it('takes a loss that the policy refuses for the target’s, not the request’s', () => {
    const refused = new GatewayError('invalid_request', 'x', { code: 'translation_refused' })
    expect(failureClass(refused)).toBe('unfit')
    expect(failureClass(new GatewayError('unsupported', 'x'))).toBe('unfit')
  })

  it('knows our own gates, which another provider does not stand behind', () => {
    const limited = new GatewayError('rate_limit', 'x', { code: 'provider_rate_limit' })
    const disabled = new GatewayError('permission', 'x', { code: 'provider_disabled' })
    expect([limited, disabled].map(failureClass)).toEqual(['gate', 'gate'])
  })

  it('gives up on every other failure of our own, and on the client’s', () => {
    for (const kind of ['internal', 'timeout', 'rate_limit', 'auth'] as const) {
      expect(failureClass(new GatewayError(kind, 'x'))).toBe('final')
      expect(failureClass(new GatewayError(kind, 'x', { origin: 'client' }))).toBe('final')
    }
  })
})

it('an answer with a status is the provider’s word; a broken connection is not', () => {
  expect(isAnswered(upstream('internal', { upstream: { status: 500 } }))).toBe(true)
  expect(isAnswered(upstream('upstream', { code: 'upstream_closed' }))).toBe(false)
})

describe('tellsOfHealth', () => {
  it.each(['timeout', 'upstream', 'internal', 'overloaded'] as const)('%s', (kind) => {
    expect(tellsOfHealth(upstream(kind))).toBe(true)
  })

  it.each([
    'rate_limit',
    'auth',
    'quota',
    'invalid_request',
    'context_length',
    'cancelled',
  ] as const)('not %s', (kind) => {
    expect(tellsOfHealth(upstream(kind))).toBe(false)
  })

  it('nothing of our own', () => {
    expect(tellsOfHealth(new GatewayError('internal', 'x'))).toBe(false)
  })
})
