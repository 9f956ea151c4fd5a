// What retries cost, and when there are no more.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RETRY_BUDGET, RetryBudget, type RetryTicket } from './retry-budget.ts'

const WIDE = { ...RETRY_BUDGET, ratio: 1, floor: 1000 }

function taken(budget: RetryBudget, why: 'transient' | 'throttle' = 'transient'): RetryTicket {
  const ticket = budget.take(why)
  if (typeof ticket === 'string') throw new Error(`no ticket: ${ticket}`)
  return ticket
}

describe('RetryBudget', () => {
  it('pays 14 for a retry after a failure, 5 after a refusal', () => {
    const budget = new RetryBudget(WIDE)
    taken(budget)
    expect(budget.tokens).toBe(486)
    taken(budget, 'throttle')
    expect(budget.tokens).toBe(481)
  })

  it('allows 35 failed retries, then none', () => {
    const budget = new RetryBudget(WIDE)
    for (let count = 0; count < 35; count += 1) budget.give(taken(budget), 'failed')
    expect(budget.take('transient')).toBe('budget')
    expect(typeof budget.take('throttle')).toBe('object')
  })

  it('gets the cost of a retry back that helped, and a little for every success', () => {
    const budget = new RetryBudget(WIDE)
    budget.give(taken(budget), 'succeeded')
    expect(budget.tokens).toBe(500)
    budget.give(taken(budget), 'failed')
    budget.callStarted()
    budget.callEnded('succeeded')
    expect(budget.tokens).toBe(487)
    budget.callStarted()
    budget.callEnded('other')
    expect(budget.tokens).toBe(487)
  })

  it('lets three retries run, or a fifth of the calls under way, whichever is more', () => {
    const budget = new RetryBudget()
    const tickets = [taken(budget), taken(budget), taken(budget)]
    expect(budget.take('transient')).toBe('ratio')
    for (let count = 0; count < 20; count += 1) budget.callStarted()
    tickets.push(taken(budget))
    expect(budget.take('transient')).toBe('ratio')
    budget.give(tickets[0] ?? { cost: 0, way: 'same' }, 'failed')
    taken(budget)
  })

  it('lets every call of a target that has died go elsewhere, until too many fail there too', () => {
    const budget = new RetryBudget()
    const elsewhere = Array.from({ length: 100 }, () => budget.take('transient', 'elsewhere'))
    expect(elsewhere.every((ticket) => typeof ticket === 'object')).toBe(true)
    expect(budget.tokens).toBe(500)
    for (const ticket of elsewhere.slice(0, 35)) {
      if (typeof ticket === 'object') budget.give(ticket, 'failed')
    }
    expect(budget.take('transient', 'elsewhere')).toBe('budget')
  })

  it('gets back what failed on the way of a call that succeeded in the end', () => {
    const budget = new RetryBudget()
    budget.callStarted()
    const ticket = taken(budget)
    budget.give(ticket, 'failed')
    expect(budget.tokens).toBe(486)
    budget.callEnded('succeeded', [ticket])
    expect(budget.tokens).toBe(500)
  })

  it('is never overdrawn nor overfull, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('take', 'throttle', 'elsewhere', 'helped', 'failed', 'success'), {
          maxLength: 300,
        }),
        (steps) => {
          const budget = new RetryBudget(WIDE)
          const open: RetryTicket[] = []
          for (const step of steps) {
            if (step === 'take' || step === 'throttle' || step === 'elsewhere') {
              const way = step === 'elsewhere' ? 'elsewhere' : 'same'
              const ticket = budget.take(step === 'throttle' ? 'throttle' : 'transient', way)
              if (typeof ticket !== 'string') open.push(ticket)
            } else if (step === 'success') {
              budget.callStarted()
              budget.callEnded('succeeded')
            } else {
              const ticket = open.pop()
              if (ticket !== undefined) {
                budget.give(ticket, step === 'helped' ? 'succeeded' : 'failed')
              }
            }
            expect(budget.tokens).toBeGreaterThanOrEqual(0)
            expect(budget.tokens).toBeLessThanOrEqual(500)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})
