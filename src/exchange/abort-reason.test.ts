// Every way to give a call up has its own word.
import { expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { abortReason } from './abort-reason.ts'

function by(code?: string): AbortSignal {
  const details = code === undefined ? {} : { code }
  return AbortSignal.abort(new GatewayError('cancelled', 'Over.', details))
}

it('is told by the code of the error that aborted', () => {
  expect(abortReason(by('client_gone'))).toBe('client')
  expect(abortReason(by())).toBe('client')
  expect(abortReason(by('client_stalled'))).toBe('client_stalled')
  expect(abortReason(by('deadline_exceeded'))).toBe('deadline')
  expect(abortReason(by('gateway_draining'))).toBe('drain')
  expect(abortReason(by('gateway_overloaded'))).toBe('shed')
})

it('is known of signals that others made', () => {
  expect(abortReason(new AbortController().signal)).toBeUndefined()
  expect(abortReason(AbortSignal.abort())).toBe('client')
  expect(abortReason(AbortSignal.abort('enough'))).toBe('client')
  const late = new DOMException('late', 'TimeoutError')
  expect(abortReason(AbortSignal.abort(late))).toBe('deadline')
})
