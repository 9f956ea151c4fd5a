// Whom to ask after a failure.
import { describe, expect, it } from 'vitest'
import { type ErrorDetails, type ErrorKind, GatewayError } from '../canonical/errors.ts'
import { type StepState, nextStep } from './next-step.ts'

const STATE: StepState = {
  made: 1,
  maxAttempts: 3,
  madeHere: 1,
  hasOther: true,
  hasOtherKey: false,
  refusals: 0,
  clientRepeats: false,
  repeatable: true,
}
const ALONE: StepState = { ...STATE, hasOther: false }

function upstream(kind: ErrorKind, details: ErrorDetails = {}): GatewayError {
  return new GatewayError(kind, 'what happened', { origin: 'upstream', ...details })
}

const ANSWERED_500 = upstream('internal', { upstream: { status: 500 } })
const BROKEN = upstream('upstream', { code: 'upstream_closed' })

describe('nextStep', () => {
  it.each([
    ['a limit', upstream('rate_limit')],
    ['a refused connection', upstream('upstream', { code: 'upstream_unreachable' })],
    ['a failure of theirs', ANSWERED_500],
    ['a broken connection', BROKEN],
    ['a dead key', upstream('auth')],
    ['too long a text', upstream('context_length')],
    ['a limit of our own', new GatewayError('rate_limit', 'x', { code: 'provider_rate_limit' })],
  ])('after %s, another target is asked', (_what, error) => {
    expect(nextStep(error, STATE)).toBe('other')
  })

  it.each([
    ['a limit', upstream('rate_limit'), 'again'],
    ['a refused connection', upstream('upstream', { code: 'upstream_unreachable' }), 'again'],
    ['a failure of theirs', ANSWERED_500, 'again'],
    ['a broken connection', BROKEN, 'stop'],
    ['a dead key', upstream('auth'), 'stop'],
    [
      'a limit of our own',
      new GatewayError('rate_limit', 'x', { code: 'provider_rate_limit' }),
      'stop',
    ],
  ] as const)('where there is no other, after %s: %s', (_what, error, expected) => {
    expect(nextStep(error, ALONE)).toBe(expected)
  })

  it('asks a target twice at the most', () => {
    expect(nextStep(ANSWERED_500, { ...ALONE, made: 2, madeHere: 2 })).toBe('stop')
  })

  it('stops at the number of attempts', () => {
    expect(nextStep(ANSWERED_500, { ...STATE, made: 3 })).toBe('stop')
  })

  it.each(['invalid_request', 'content_policy', 'not_found', 'cancelled'] as const)(
    'never asks another after %s',
    (kind) => {
      expect(nextStep(upstream(kind), STATE)).toBe('stop')
    },
  )

  it('does not do twice what would be stored twice, unless it cannot have begun', () => {
    const once = { ...STATE, repeatable: false }
    expect(nextStep(ANSWERED_500, once)).toBe('stop')
    expect(nextStep(upstream('rate_limit'), once)).toBe('other')
  })
})
