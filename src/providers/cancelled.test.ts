// A call that was given up fails as cancelled, not as broken.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { failureUnder } from './cancelled.ts'

describe('failureUnder', () => {
  it('leaves a failure of a call under way what it is', () => {
    const { signal } = new AbortController()
    const own = new GatewayError('overloaded', 'Busy.')
    expect(failureUnder(signal, own)).toBe(own)
    expect(failureUnder(signal, new TypeError('x'))).toMatchObject({ kind: 'internal' })
  })

  it('takes what breaks after the abort for its consequence', () => {
    const broken = new DOMException('aborted', 'AbortError')
    const failure = failureUnder(AbortSignal.abort(), broken)
    expect(failure).toMatchObject({ kind: 'cancelled', cause: broken })
  })

  it('gives the reason of the abort where that says more', () => {
    const late = new GatewayError('timeout', 'Too late.')
    expect(failureUnder(AbortSignal.abort(late), new Error('x'))).toBe(late)
  })

  it('keeps an error of ours that came before the abort was seen', () => {
    const own = new GatewayError('not_found', 'No.')
    expect(failureUnder(AbortSignal.abort(), own)).toBe(own)
  })
})
