// What a worker that comes later is told: what still holds, and for how long.
import { expect, it } from 'vitest'
import { KnownFacts } from './passed-facts.ts'

const target = { provider: 'house', model: 'm' }
const open = {
  type: 'target-state-changed',
  target,
  from: 'closed',
  to: 'open',
  waitMs: 5000,
} as const
const cooled = { type: 'target-cooled', target, forMs: 2000 } as const
const key = { provider: 'house', credential: 'k1', generation: 1 } as const
const refused = { type: 'credential-quarantined', ...key, reason: 'auth' } as const
const brief = { ...refused, credential: 'k2', forMs: 3000 } as const
const spent = { type: 'credential-exhausted', ...key, credential: 'k3', forMs: 9000 } as const

it('is aged, and gone once it has run out or was taken back', () => {
  let now = 0
  const known = new KnownFacts(() => now)
  for (const fact of [open, cooled, refused, brief, spent]) known.hear(fact)
  known.hear({ type: 'alert-failed', reason: 'no matter' })
  now = 1500
  expect(known.all()).toEqual([
    { ...open, waitMs: 3500 },
    { ...cooled, forMs: 500 },
    refused,
    { ...brief, forMs: 1500 },
    { ...spent, forMs: 7500 },
  ])
  now = 4000
  known.hear({ ...open, from: 'half-open', to: 'slow-start' })
  known.hear({ type: 'credential-restored', ...key, by: 'operator' })
  expect(known.all()).toEqual([{ ...spent, forMs: 5000 }])
  now = 100_000_000
  expect(known.all()).toEqual([])
})

it('has an open breaker as due for a trial where its time has passed', () => {
  let now = 0
  const known = new KnownFacts(() => now)
  known.hear(open)
  now = 60_000
  expect(known.all()).toEqual([{ ...open, waitMs: 0 }])
})
