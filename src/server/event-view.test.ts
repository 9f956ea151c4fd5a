// What other workers have seen is an event as if it had been seen here.
import { expect, it } from 'vitest'
import { eventView } from './event-view.ts'

it('shows what another worker has seen, and that one has died', () => {
  const target = { provider: 'house', model: 'm' }
  const fact = { type: 'target-cooled', target, forMs: 700 } as const
  expect(eventView({ type: 'heard', fact })).toEqual(eventView(fact))
  const tried = { type: 'target-tried', target, state: 'begun' } as const
  expect(eventView({ type: 'heard', fact: tried })).toBeUndefined()
  expect(eventView({ type: 'worker-ended', rank: 1, restarts: 3 })).toEqual({
    name: 'worker-ended',
    data: { worker: 1, restarts: 3 },
  })
})
