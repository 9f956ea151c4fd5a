// Failures with a name on them and no secret in them.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { WireError } from '../wire/errors.ts'
import { answeredError, failedCall, tellsOfError } from './upstream-error.ts'

const KEY = 'sk-canary-0123456789'
const BLAME = { provider: 'lab', secrets: [KEY] }

describe('answeredError', () => {
  const wire = { status: 429, headers: { 'retry-after': '3', 'x-request-id': 'r1' } }

  it('adds provider, status, request id and waiting time', () => {
    const error = answeredError(new GatewayError('rate_limit', 'slow'), wire, {
      ...BLAME,
      nowMs: 0,
    })
    expect(error).toMatchObject({
      kind: 'rate_limit',
      origin: 'upstream',
      message: 'slow',
      retryAfterMs: 3000,
      upstream: { provider: 'lab', status: 429, requestId: 'r1' },
    })
  })

  it('prefers what the dialect has read', () => {
    const decoded = new GatewayError('rate_limit', 'slow', {
      retryAfterMs: 50,
      status: 529,
      upstream: { requestId: 'own' },
    })
    expect(answeredError(decoded, wire, { ...BLAME, nowMs: 0 })).toMatchObject({
      retryAfterMs: 50,
      status: 529,
      upstream: { requestId: 'own' },
    })
  })

  it('masks the key in every field', () => {
    const decoded = new GatewayError('auth', `bad ${KEY}`, {
      code: KEY,
      param: KEY,
      cause: new Error(KEY),
      upstream: { type: KEY, requestId: KEY, body: { deep: [{ [KEY]: KEY }] } },
      extensions: { elsewhere: { fields: { a: KEY }, shape: { b: [KEY] } } },
    })
    const error = answeredError(decoded, { status: 401, headers: {} }, { ...BLAME, nowMs: 0 })
    expect(error.cause).toBeUndefined()
    expect(error.extensions?.['elsewhere']?.fields).toEqual({ a: '[secret]' })
    expect(error.message + JSON.stringify(Object.entries(error))).not.toContain(KEY)
  })
})

describe('failedCall', () => {
  it('puts the name of the provider before what went wrong', () => {
    const error = failedCall(
      new GatewayError('timeout', 'No answer.', { origin: 'upstream', code: 'x' }),
      BLAME,
    )
    expect(error).toMatchObject({
      kind: 'timeout',
      code: 'x',
      message: 'Provider "lab": No answer.',
      upstream: { provider: 'lab' },
    })
    expect(failedCall(error, BLAME)).toBe(error)
  })

  it('calls unreadable bytes an upstream failure and says where', () => {
    const error = failedCall(new WireError('missing', 'choices is missing', 'choices'), BLAME)
    expect(error).toMatchObject({
      kind: 'upstream',
      code: 'upstream_bad_response',
      message: 'Provider "lab": The answer could not be read: choices is missing.',
    })
  })

  it("leaves what is not the provider's fault as it is", () => {
    const cancelled = new GatewayError('cancelled', 'gone', { origin: 'client' })
    expect(failedCall(cancelled, BLAME)).toBe(cancelled)
    expect(failedCall(new Error(KEY), BLAME)).toMatchObject({ kind: 'internal' })
  })
})

describe('tellsOfError', () => {
  it.each([
    [{ error: { message: 'no' } }, true],
    [{ error: 'no' }, true],
    [{ error: null, choices: [] }, false],
    [{ error: false }, false],
    [{ error: '' }, false],
    [{ choices: [] }, false],
    [['error'], false],
    [undefined, false],
  ])('%j: %s', (body, expected) => {
    expect(tellsOfError(body)).toBe(expected)
  })
})
