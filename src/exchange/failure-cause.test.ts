// The label of a failure: what was seen first, then what the provider said, then what we said.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { failureCause } from './failure-cause.ts'

function answered(status: number): GatewayError {
  return new GatewayError('upstream', 'x', { origin: 'upstream', upstream: { status } })
}

describe('failureCause', () => {
  it('is how the call broke, where that was seen, whatever the status was', () => {
    const error = new GatewayError('upstream', 'x', {
      origin: 'upstream',
      upstream: { status: 200 },
      breakage: { cause: 'error_in_200', sent: 'all' },
    })
    expect(failureCause(error)).toBe('error_in_200')
  })

  it.each([
    [400, 'http_400'],
    [401, 'auth'],
    [402, 'billing'],
    [403, 'forbidden'],
    [429, 'http_429'],
    [460, 'http_4xx_other'],
    [500, 'http_500'],
    [529, 'http_529'],
    [599, 'http_5xx_other'],
  ])('of a status of %i is %s', (status, cause) => {
    expect(failureCause(answered(status))).toBe(cause)
  })

  it('is the kind of a failure of a provider that says no more, and the code of one of our own', () => {
    expect(failureCause(new GatewayError('timeout', 'x', { origin: 'upstream' }))).toBe('timeout')
    expect(failureCause(new GatewayError('overloaded', 'x', { code: 'target_unavailable' }))).toBe(
      'target_unavailable',
    )
    expect(failureCause(new GatewayError('internal', 'x'))).toBe('internal')
  })
})
