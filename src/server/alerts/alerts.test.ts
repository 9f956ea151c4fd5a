// Alerts of budgets: once for each threshold and period, whoever sees it, and delivered in the end.
import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeTime } from '../../../test/server-fakes.ts'
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import type { Happening } from '../../exchange/happening.ts'
import { openDatabase } from '../../store/open-database.ts'
import type { Database } from '../../store/operation.ts'
import { Secret } from '../../vault/secret.ts'
import { parseJson } from '../../wire/json.ts'
import { Alerts, type AlertsOptions } from './alerts.ts'
import { signature } from './signature.ts'
import type { Message } from './webhook.ts'

const STANDING: BudgetStanding = {
  id: 'all/',
  scope: 'installation',
  subject: '',
  period: 'day',
  startsAt: Date.UTC(2026, 10, 28),
  limitNano: 1_000_000_000,
  spentNano: 0,
  reservedNano: 5,
}

function spent(nano: number, more: Partial<BudgetStanding> = {}): Happening {
  return { type: 'budget-changed', id: 'x', standing: { ...STANDING, spentNano: nano, ...more } }
}

describe('alerts', () => {
  let database: Database
  let time: FakeTime
  let told: Happening[]
  let sent: Message[]
  let answers: (string | undefined)[]
  const all: Alerts[] = []

  beforeEach(async () => {
    time = new FakeTime()
    told = []
    sent = []
    answers = []
    database = await openDatabase({ url: 'memory:', file: '', durability: 'strict', now: () => 1 })
  })
  afterEach(async () => {
    for (const one of all.splice(0)) await one.close()
    await database.close()
  })

  function alerts(more: Partial<AlertsOptions> = {}): Alerts {
    const { now, after } = time
    const made = new Alerts({
      database,
      thresholds: () => [80, 50, 100],
      sending: {
        tries: 3,
        send: async (message) => {
          sent.push(message)
          return answers.shift()
        },
      },
      now,
      after,
      tell: (fact) => told.push(fact),
      ...more,
    })
    all.push(made)
    return made
  }

  const raised = (): readonly number[] =>
    told.flatMap((fact) => (fact.type === 'alert-raised' ? [fact.threshold] : []))
  const outcomes = (): readonly string[] =>
    told.flatMap((fact) => (fact.type === 'alert-sent' ? [fact.outcome] : []))

  it('are raised once at each threshold of a period, and anew in the next', async () => {
    const one = alerts()
    for (const nano of [0, 499_999_999, 500_000_000, 600_000_000, 799_999_999, 800_000_000]) {
      one.hear(spent(nano))
    }
    one.hear(spent(2_000_000_000))
    one.hear(spent(3_000_000_000))
    await one.idle()
    expect(raised()).toEqual([50, 80, 100])
    one.hear(spent(600_000_000, { startsAt: STANDING.startsAt + 86_400_000 }))
    one.hear(spent(600_000_000, { id: 'team/t' }))
    await one.idle()
    expect(raised()).toEqual([50, 80, 100, 50, 50])
    expect(outcomes()).toEqual(Array.from({ length: 5 }, () => 'delivered'))
    expect(new Set(sent.map(({ id }) => id)).size).toBe(5)
  })

  it('are all raised that one call has passed, the lowest first', async () => {
    const one = alerts()
    one.hear(spent(1_000_000_000))
    await one.idle()
    expect(raised()).toEqual([50, 80, 100])
  })

  it('are raised by one of several gateways, and by none of their later lives', async () => {
    const [one, other] = [alerts(), alerts()]
    one.hear(spent(600_000_000))
    other.hear(spent(600_000_000))
    await Promise.all([one.idle(), other.idle()])
    const later = alerts()
    later.start()
    later.hear(spent(610_000_000))
    await later.idle()
    expect(raised()).toEqual([50])
    expect(sent).toHaveLength(1)
  })

  it('say what was spent of what, in US dollars', async () => {
    const one = alerts()
    one.hear(spent(600_000_000))
    await one.idle()
    expect(parseJson(sent[0]?.body ?? '')).toEqual({
      type: 'budget.threshold',
      id: sent[0]?.id,
      time: new Date(time.now()).toISOString(),
      threshold_percent: 50,
      budget: {
        id: 'all/',
        scope: 'installation',
        subject: null,
        period: 'day',
        period_start: '2026-11-28T00:00:00.000Z',
        limit_usd: '1',
        spent_usd: '0.6',
        reserved_usd: '0.000000005',
      },
    })
  })

  it('are sent again, later each time, until they are received', async () => {
    answers = ['it answered 500', 'no connection', undefined]
    const one = alerts()
    one.hear(spent(600_000_000))
    await one.idle()
    expect(outcomes()).toEqual(['retried'])
    await time.pass(1999)
    await one.idle()
    expect(sent).toHaveLength(1)
    await time.pass(1)
    await one.idle()
    expect(outcomes()).toEqual(['retried', 'retried'])
    await time.pass(8000)
    await one.idle()
    expect(outcomes()).toEqual(['retried', 'retried', 'delivered'])
    expect(new Set(sent.map(({ id, body }) => id + body)).size).toBe(1)
  })

  it('are given up after so many tries, and that is told', async () => {
    answers = ['a', 'b', 'c', 'd']
    const one = alerts()
    one.hear(spent(600_000_000))
    await one.idle()
    for (let hour = 0; hour < 3; hour += 1) {
      await time.pass(3_600_000)
      await one.idle()
    }
    expect(outcomes()).toEqual(['retried', 'retried', 'given-up'])
    expect(sent).toHaveLength(3)
  })

  it('are sent by another where the one that had them has died on the way', async () => {
    const dying = alerts({
      sending: {
        tries: 3,
        send: async (_, signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve('died'))
          }),
      },
    })
    dying.hear(spent(600_000_000))
    await expect.poll(() => raised()).toEqual([50])
    const other = alerts()
    other.start()
    await other.idle()
    expect(sent).toEqual([])
    await time.pass(60_000)
    await other.idle()
    expect(sent).toHaveLength(1)
    expect(outcomes()).toEqual(['delivered'])
    await dying.close()
    expect(outcomes()).toEqual(['delivered', 'retried'])
  })

  it('are only told to the log where there is no webhook, and never sent later', async () => {
    const silent = new Alerts({
      database,
      thresholds: () => [50],
      now: time.now,
      after: time.after,
      tell: (fact) => told.push(fact),
    })
    all.push(silent)
    silent.hear(spent(600_000_000))
    await silent.idle()
    expect(raised()).toEqual([50])
    const later = alerts()
    later.start()
    await later.idle()
    expect(sent).toEqual([])
  })

  it('tell of a database that does not take them, and go on', async () => {
    await database.close()
    const one = alerts()
    one.hear(spent(600_000_000))
    await one.idle()
    expect(told).toEqual([expect.objectContaining({ type: 'alert-failed' })])
    database = await openDatabase({ url: 'memory:', file: '', durability: 'strict', now: () => 1 })
  })

  it('have no meaning for a budget of nothing', async () => {
    const one = alerts()
    one.hear(spent(5, { limitNano: 0 }))
    await one.idle()
    expect(raised()).toEqual([])
  })
})

describe('the signature', () => {
  it('is an HMAC over the time and the body', () => {
    const expected = createHmac('sha256', 'sixteen letters!').update('1700000000.{}').digest('hex')
    expect(signature(new Secret('sixteen letters!'), 1_700_000_000, '{}')).toBe(expected)
  })

  it('is none with an empty secret [A033]', () => {
    expect(() => signature(new Secret(''), 1, '{}')).toThrow('must not be empty')
  })
})
