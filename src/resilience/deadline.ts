// The end of the caller's patience: a call is given up then, whoever is still at work on it.
import type { After } from '../canonical/after.ts'
import type { BreakageCause } from '../canonical/breakage.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Exchange, Handler, Middleware, Reply } from '../exchange/exchange.ts'
import { observed } from '../exchange/observed.ts'

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
  return (next) => async (exchange) => new Watched(options, exchange).reply(next)
}

class Watched {
  readonly #options: DeadlineOptions
  readonly #exchange: Exchange
  readonly #controller = new AbortController()
  readonly #late = Promise.withResolvers<never>()
  readonly #startedAt: number
  readonly #leave: () => void
  #callOff: (() => void) | undefined
  #isOver = false
  /** When our own patience ends, whatever the caller's is. */
  #ownMs = Infinity

  constructor(options: DeadlineOptions, exchange: Exchange) {
    this.#options = options
    this.#exchange = exchange
    this.#startedAt = options.clock()
    const { signal } = exchange
    this.#leave = (): void => this.#controller.abort(signal.reason)
    signal.addEventListener('abort', this.#leave, { once: true })
    if (signal.aborted) this.#leave()
    this.#late.promise.catch(() => undefined)
  }

  async reply(next: Handler): Promise<Reply> {
    const {
      deadlineMs: given = Infinity,
      timeoutMs = Infinity,
      beginMs = Infinity,
    } = this.#exchange
    this.#ownMs = this.#startedAt + this.#options.timeoutOf(this.#exchange)
    const whole = Math.min(given, this.#startedAt + timeoutMs, this.#ownMs)
    const deadlineMs = Math.min(whole, this.#startedAt + beginMs)
    this.#watch(deadlineMs)
    const { signal } = this.#controller
    const running = next({ ...this.#exchange, deadlineMs, signal })
    try {
      const reply = await Promise.race([running, this.#late.promise])
      // Whoever waits only for the beginning has it.
      if (whole > deadlineMs) this.#watch(whole)
      return observed(reply, () => this.#end())
    } catch (thrown) {
      this.#end()
      running.then(left, () => undefined)
      throw thrown
    }
  }

  #watch(atMs: number): void {
    this.#callOff?.()
    const { alarm, clock } = this.#options
    this.#callOff = alarm(atMs - clock(), () => this.#giveUp(atMs))
  }

  #giveUp(atMs: number): void {
    if (this.#isOver) return
    const cause = atMs < this.#ownMs ? 'deadline' : 'total_timeout'
    const error = overdue(atMs - this.#startedAt, cause)
    this.#controller.abort(error)
    this.#callOff = this.#options.alarm(HEED_MS, () => this.#late.reject(error))
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

/** An answer that came too late is not read. */
function left(reply: Reply): void {
  const steps =
    reply.kind === 'stream' ? reply.events : reply.kind === 'bytes' ? reply.pieces : undefined
  steps?.[Symbol.asyncIterator]()
    .return?.()
    .catch(() => undefined)
}
