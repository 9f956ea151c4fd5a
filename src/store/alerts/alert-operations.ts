// Alerts in the database: raised once whoever sees them, and taken by one gateway at a time to be delivered.
import type { Operation } from '../operation.ts'
import { numberIn, textIn } from '../row.ts'

export interface AlertKey {
  readonly budget: string
  /** When the period began. */
  readonly startsAt: number
  /** Percent. */
  readonly threshold: number
}

export interface RaisedAlert extends AlertKey {
  readonly raisedAt: number
  /** What is sent. */
  readonly body: string
  /** When it is to be sent; absent: nobody wants it sent. */
  readonly nextAt?: number
}

export interface DueAlert extends AlertKey {
  readonly body: string
  /** How often it was tried, with this time. */
  readonly tries: number
}

/** True for the one who raises it. */
export const raiseAlert: Operation<RaisedAlert, boolean> = {
  name: 'alerts/raise',
  *steps({ budget, startsAt, threshold, raisedAt, body, nextAt }) {
    const rows = yield {
      sql: `INSERT INTO alerts (budget, starts_at, threshold, raised_at, body, tries, next_at) VALUES ($1, $2, $3, $4, $5, 0, $6)
        ON CONFLICT (budget, starts_at, threshold) DO NOTHING RETURNING threshold`,
      values: [budget, startsAt, threshold, raisedAt, body, nextAt ?? null],
    }
    return rows.length > 0
  },
}

export interface Taking {
  readonly now: number
  /** Until then nobody else takes it. */
  readonly until: number
}

/** The one that has waited longest, for whoever asks first. */
export const takeAlert: Operation<Taking, DueAlert | undefined> = {
  name: 'alerts/take',
  *steps({ now, until }) {
    const [due] = yield {
      sql: 'SELECT budget, starts_at, threshold, next_at FROM alerts WHERE next_at <= $1 ORDER BY next_at, budget, starts_at, threshold LIMIT 1',
      values: [now],
    }
    if (due === undefined) return undefined
    const [taken] = yield {
      sql: `UPDATE alerts SET next_at = $5, tries = tries + 1 WHERE budget = $1 AND starts_at = $2 AND threshold = $3 AND next_at = $4
        RETURNING body, tries`,
      values: [
        textIn(due, 'budget'),
        numberIn(due, 'starts_at'),
        numberIn(due, 'threshold'),
        numberIn(due, 'next_at'),
        until,
      ],
    }
    if (taken === undefined) return undefined
    return {
      budget: textIn(due, 'budget'),
      startsAt: numberIn(due, 'starts_at'),
      threshold: numberIn(due, 'threshold'),
      body: textIn(taken, 'body'),
      tries: numberIn(taken, 'tries'),
    }
  },
}

export interface AlertEnd extends AlertKey {
  /** When to try again; absent: it is over. */
  readonly nextAt?: number
}

export const endAlert: Operation<AlertEnd, void> = {
  name: 'alerts/end',
  *steps({ budget, startsAt, threshold, nextAt }) {
    yield {
      sql: 'UPDATE alerts SET next_at = $4 WHERE budget = $1 AND starts_at = $2 AND threshold = $3',
      values: [budget, startsAt, threshold, nextAt ?? null],
    }
  },
}

/** When the next one is due; undefined where none is. */
export const nextAlert: Operation<Record<string, never>, number | undefined> = {
  name: 'alerts/next',
  reads: true,
  *steps() {
    const [row] = yield {
      sql: 'SELECT next_at FROM alerts WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1',
    }
    return row === undefined ? undefined : numberIn(row, 'next_at')
  },
}

export const alertOperations: readonly Operation<unknown, unknown>[] = [
  endAlert,
  nextAlert,
  raiseAlert,
  takeAlert,
]
