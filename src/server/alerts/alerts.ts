// Alerts of budgets: what has been spent passes a threshold, and that is told once, to the log and to whoever is configured.
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import { costOfNano } from '../../canonical/cost.ts'
import { toGatewayError } from '../../canonical/errors.ts'
import type { Happening, Tell } from '../../exchange/happening.ts'
import {
  type AlertKey,
  endAlert,
  nextAlert,
  raiseAlert,
  takeAlert,
} from '../../store/alerts/alert-operations.ts'
import type { Database } from '../../store/operation.ts'
import type { After } from '../message.ts'
import type { Message } from './webhook.ts'

interface Sending {
  /** Undefined where it was received, else why not. */
  readonly send: (message: Message, signal: AbortSignal) => Promise<string | undefined>
  readonly tries: number
}

export interface AlertsOptions {
  readonly database: Database
  /** Percent, in any order; read anew for each change. */
  readonly thresholds: () => readonly number[]
  /** Absent: the log alone hears of it. */
  readonly sending?: Sending
  readonly now: () => number
  readonly after: After
  readonly tell: Tell
}

/** Longer than one try takes: who does not come back from it has died, and another tries. */
const TAKEN_MS = 60_000
const FIRST_WAIT_MS = 2000
const LONGEST_WAIT_MS = 600_000
/** Budgets of which is remembered how far they are. */
const MOST_KNOWN = 10_000

export class Alerts {
  readonly #options: AlertsOptions
  /** The highest threshold that is known to have been raised, by budget and period. */
  readonly #raised = new Map<string, number>()
  #work: Promise<void> = Promise.resolve()
  #callOff: (() => void) | undefined
  readonly #closing = new AbortController()

  constructor(options: AlertsOptions) {
    this.#options = options
  }

  readonly hear = (fact: Happening): void => {
    if (fact.type === 'budget-changed') this.#spent(fact.standing)
  }

  /** Goes on with what another life of this gateway, or another gateway, has left unsent. */
  start(): void {
    if (this.#options.sending !== undefined) this.#then(() => this.#deliver())
  }

  /** Resolves when nothing is being written or sent. */
  idle(): Promise<void> {
    return this.#work
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#callOff?.()
    await this.#work
  }

  #spent(standing: BudgetStanding): void {
    const key = `${standing.id} ${standing.startsAt}`
    const known = this.#raised.get(key) ?? 0
    const passed = this.#options
      .thresholds()
      .filter((threshold) => threshold > known && isPassed(standing, threshold))
      .toSorted((left, right) => left - right)
    const highest = passed.at(-1)
    if (highest === undefined) return
    if (this.#raised.size >= MOST_KNOWN) this.#raised.clear()
    this.#raised.set(key, highest)
    this.#then(async () => {
      for (const threshold of passed) await this.#raise(standing, threshold)
      if (this.#options.sending !== undefined) await this.#deliver()
    })
  }

  /** One after the other: what is told comes in the order in which it happened. */
  #then(work: () => Promise<void>): void {
    const { tell } = this.#options
    this.#work = this.#work.then(work).catch((thrown: unknown) => {
      tell({ type: 'alert-failed', reason: toGatewayError(thrown).message })
    })
  }

  async #raise(standing: BudgetStanding, threshold: number): Promise<void> {
    const { database, sending, now, tell } = this.#options
    const raisedAt = now()
    const key = { budget: standing.id, startsAt: standing.startsAt, threshold }
    const body = alertBody(standing, { threshold, raisedAt, id: idOf(key) })
    const due = sending === undefined ? {} : { nextAt: raisedAt }
    const isFirst = await database.run(raiseAlert, { ...key, raisedAt, body, ...due })
    if (isFirst) tell({ type: 'alert-raised', threshold, standing })
  }

  async #deliver(): Promise<void> {
    const { database, sending, now } = this.#options
    if (sending === undefined) return
    while (!this.#closing.signal.aborted) {
      const due = await database.run(takeAlert, { now: now(), until: now() + TAKEN_MS })
      if (due === undefined) break
      const { body, tries, ...key } = due
      const reason = await sending.send({ id: idOf(key), body }, this.#closing.signal)
      await this.#sent({ key, tries, reason })
    }
    await this.#wait()
  }

  async #sent({ key, tries, reason }: Sent): Promise<void> {
    const { database, sending, now, tell } = this.#options
    const { budget, threshold } = key
    const isOver = reason === undefined || tries >= (sending?.tries ?? 1)
    const nextAt = now() + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 4 ** (tries - 1))
    await database.run(endAlert, { ...key, ...(isOver ? {} : { nextAt }) })
    const outcome = reason === undefined ? 'delivered' : isOver ? 'given-up' : 'retried'
    const why = reason === undefined ? {} : { reason }
    tell({ type: 'alert-sent', budget, threshold, outcome, ...why })
  }

  /** Until the next one is due, whoever raised it. */
  async #wait(): Promise<void> {
    const { database, now, after } = this.#options
    const at = await database.run(nextAlert, {})
    this.#callOff?.()
    if (at === undefined || this.#closing.signal.aborted) return
    this.#callOff = after(Math.max(1, at - now()), () => this.#then(() => this.#deliver()))
  }
}

interface Sent {
  readonly key: AlertKey
  readonly tries: number
  readonly reason: string | undefined
}

/** In whole numbers: a hundred times a budget may be more than a number holds exactly. */
function isPassed({ limitNano, spentNano }: BudgetStanding, threshold: number): boolean {
  return limitNano > 0 && BigInt(spentNano) * 100n >= BigInt(limitNano) * BigInt(threshold)
}

function idOf({ budget, startsAt, threshold }: AlertKey): string {
  return Buffer.from(JSON.stringify([budget, startsAt, threshold])).toString('base64url')
}

interface About {
  readonly id: string
  readonly threshold: number
  readonly raisedAt: number
}

function alertBody(standing: BudgetStanding, { id, threshold, raisedAt }: About): string {
  const { scope, subject, period, startsAt } = standing
  return JSON.stringify({
    type: 'budget.threshold',
    id,
    time: new Date(raisedAt).toISOString(),
    threshold_percent: threshold,
    budget: {
      id: standing.id,
      scope,
      subject: subject === '' ? null : subject,
      period,
      period_start: startsAt === 0 ? null : new Date(startsAt).toISOString(),
      limit_usd: costOfNano(standing.limitNano).usd,
      spent_usd: costOfNano(standing.spentNano).usd,
      reserved_usd: costOfNano(standing.reservedNano).usd,
    },
  })
}
