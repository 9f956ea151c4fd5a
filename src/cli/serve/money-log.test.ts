// What the log says of money, for people and for machines.
import { describe, expect, it } from 'vitest'
import type { Happening } from '../../exchange/happening.ts'
import { logLine } from './log-line.ts'

const now = new Date(0)
const standing = {
  id: 'all/\n',
  scope: 'installation',
  subject: '',
  period: 'day',
  startsAt: 0,
  limitNano: 20_000_000_000,
  spentNano: 10_040_000_000,
  reservedNano: 0,
} as const
const target = { provider: 'lab', model: 'm' }

function both(fact: Happening): readonly unknown[] {
  const json = logLine(fact, 'json', now)
  return [logLine(fact, 'text', now), json === undefined ? undefined : JSON.parse(json)]
}

describe('the log', () => {
  it('has a line for each threshold of a budget, on one line whatever its name', () => {
    const [text, json] = both({ type: 'alert-raised', threshold: 50, standing })
    expect(text).toMatch(/^budget all\/\S* has passed 50 %: \$10\.04 of \$20 for this day$/)
    expect(json).toEqual({
      time: '1970-01-01T00:00:00.000Z',
      event: 'budget_alert',
      budget: 'all/\n',
      scope: 'installation',
      subject: '',
      period: 'day',
      threshold_percent: 50,
      spent_usd: '10.04',
      limit_usd: '20',
    })
  })

  it('says what became of telling it', () => {
    const sent = { type: 'alert-sent', budget: 'all/', threshold: 50 } as const
    expect(both({ ...sent, outcome: 'delivered' })[0]).toBe(
      'alert of budget all/ at 50 % delivered',
    )
    expect(both({ ...sent, outcome: 'retried', reason: 'it answered 500' })).toEqual([
      'alert of budget all/ at 50 % retried: it answered 500',
      expect.objectContaining({ event: 'budget_alert_sent', reason: 'it answered 500' }),
    ])
    expect(both({ type: 'alert-failed', reason: 'full' })[0]).toBe(
      'an alert could not be written down: full',
    )
  })

  it('says where counts are none or a price is missing, and else nothing of usage [K014]', () => {
    const settled = {
      type: 'usage-settled',
      id: 'x',
      target,
      source: 'provider',
      usage: {},
    } as const
    expect(both(settled)).toEqual([undefined, undefined])
    const cost = { nanoUsd: 1, usd: '0.000000001' }
    expect(both({ ...settled, cost })).toEqual([undefined, undefined])
    const doubtful = {
      ...settled,
      unsound: ['input.total'],
      cost: { ...cost, unpriced: ['tier priority'] },
    }
    expect(both(doubtful)).toEqual([
      'usage of lab/m has counts that are none: input.total; no price for: tier priority',
      {
        time: '1970-01-01T00:00:00.000Z',
        event: 'usage_doubtful',
        request_id: 'x',
        provider: 'lab',
        model: 'm',
        unsound: ['input.total'],
        unpriced: ['tier priority'],
      },
    ])
  })
})
