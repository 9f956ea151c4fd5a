// The end of the caller's patience: a call is given up then, whoever is still at work on it.
import type { After } from '../canonical/after.ts'
import type { BreakageCause } from '../canonical/breakage.ts'
import { GatewayError } from '../canonical/errors.ts'
import { abandon } from '../exchange/abandoned.ts'
import type { Exchange, Handler, Middleware, Reply } from '../exchange/exchange.ts'
import { Following } from '../exchange/following.ts'
import type { Follower } from '../exchange/follower.ts'

export interface DeadlineOptions {
  /** Milliseconds. */
  readonly clock: () => number
  readonly alarm: After
  /** How long a call may take where its caller does not say, in milliseconds. */
  readonly timeoutOf: (exchange: Exchange) => number
}

/** Who is at work hears of the end by its signal; one that does not heed it is left behind after this. */
const HEED_MS = 50

export function deadline(options: DeadlineOptions): Middleware {
  return (next) => (exchange) => new Patience(options, exchange).reply(next)
}

class Patience implements Follower {
  readonly #options: DeadlineOptions
  readonly #exchange: Exchange
  readonly #controller = new AbortController()
  readonly #following: Following
  readonly #startedAt: number
  readonly #ownMs: number
  /** When the whole answer must be there, and when it must have begun. */
  readonly #wholeMs: number
  readonly #beginMs: number
  #callOff: (() => void) | undefined
  #late: ((error: GatewayError) => void) | undefined
  #isOver = false
  /** Whoever is at work has not heeded its end. */
  #isLate = false

  constructor(options: DeadlineOptions, exchange: Exchange) {
    this.#options = options
    this.#exchange = exchange
    this.#startedAt = options.clock()
    const { deadlineMs: given = Infinity, timeoutMs = Infinity, beginMs = Infinity } = exchange
    // Our own patience, whatever the caller's is.
    this.#ownMs = this.#startedAt + options.timeoutOf(exchange)
    this.#wholeMs = Math.min(given, this.#startedAt + timeoutMs, this.#ownMs)
    this.#beginMs = Math.min(this.#wholeMs, this.#startedAt + beginMs)
    this.#following = new Following(this)
  }

  reply(next: Handler): Promise<Reply> {
    const { signal } = this.#exchange
    signal.addEventListener('abort', this.#leave, { once: true })
    if (signal.aborted) this.#leave()
    this.#wake(this.#beginMs, this.#startedAt)
    const asked = {
      ...this.#exchange,
      deadlineMs: this.#beginMs,
      signal: this.#controller.signal,
      following: this.#following,
    }
    return new Promise((resolve, reject) => {
      this.#late = (error): void => {
        this.#isLate = true
        this.#end()
        reject(error)
      }
      // An answer that came too late is not read.
      const settle = (reply: Reply): void => (this.#isLate ? abandon(reply) : resolve(reply))
      this.#following.over(next, asked).then(settle, reject)
    })
  }

  readonly #leave = (): void => this.#giveUp(this.#exchange.signal.reason)

  #giveUp(reason: unknown): void {
    this.#controller.abort(reason)
    this.#following.leave()
  }

  #wake(atMs: number, nowMs: number): void {
    this.#callOff?.()
    this.#callOff = this.#options.alarm(atMs - nowMs, () => this.#overdue(atMs))
  }

  #overdue(atMs: number): void {
    if (this.#isOver) return
    const cause = atMs < this.#ownMs ? 'deadline' : 'total_timeout'
    const error = overdue(atMs - this.#startedAt, cause)
    this.#giveUp(error)
    this.#callOff = this.#options.alarm(HEED_MS, () => this.#late?.(error))
  }

  /** Whoever waits only for the beginning has it. */
  began(): void {
    if (this.#isOver || this.#wholeMs === this.#beginMs) return
    this.#wake(this.#wholeMs, this.#options.clock())
  }

  ended(): void {
    this.#end()
  }

  failed(): void {
    this.#end()
  }

  #end(): void {
    this.#isOver = true
    this.#callOff?.()
    this.#exchange.signal.removeEventListener('abort', this.#leave)
  }
}

function overdue(milliseconds: number, cause: BreakageCause): GatewayError {
  return new GatewayError(
    'timeout',
    `The answer was not there within ${Math.round(milliseconds) / 1000} s, which is all the time that this call has.`,
    { origin: 'client', code: 'deadline_exceeded', breakage: { cause, sent: 'all' } },
  )
}
