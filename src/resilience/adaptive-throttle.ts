// Spares a target that refuses: the more of its calls it has refused lately, the fewer are sent (Google's SRE book, "Handling overload").
import { GatewayError } from '../canonical/errors.ts'
import type { Middleware, Target } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { followed } from '../exchange/following.ts'
import type { Follower } from '../exchange/follower.ts'
import { FailureWindow } from './failure-window.ts'
import { THROTTLE, type ThrottleOptions } from './overload-options.ts'

export interface AdaptiveThrottleOptions extends Partial<ThrottleOptions> {
  /** Milliseconds. */
  readonly clock: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly tell: Tell
}

/** Clients choose the names of models, so that there is no end to them. */
const MAX_TARGETS = 10_000
const RETRY_MS = 1000
/** Some always go, so that it shows when the target is well again. */
const MOST_HELD_BACK = 0.9

/** The share of calls that is not sent, of a target that got so many and refused so many of them. */
export function heldBack(calls: number, refused: number, k: number): number {
  const share = (calls - k * (calls - refused)) / (calls + 1)
  return Math.min(MOST_HELD_BACK, Math.max(0, share))
}

export function adaptiveThrottle(options: AdaptiveThrottleOptions): Middleware {
  const { clock, random, tell } = options
  const { k, windowMs, minCalls } = { ...THROTTLE, ...options }
  const windows = new Map<string, FailureWindow>()
  return (next) => (exchange) => {
    const { target, id } = exchange
    const now = clock()
    const window = windowOf(target, windows, windowMs)
    const { calls, failures } = window.counts(now)
    // Counted when it is sent, be it held back: answers take long, and the end of one comes too late to spare the next.
    window.add(false, now)
    if (calls >= minCalls && random() < heldBack(calls, failures, k)) {
      window.blame(now)
      tell({ type: 'target-throttled', id, target })
      return Promise.reject(throttled(target))
    }
    return followed(new Sent(window, clock), next, exchange)
  }
}

/** A call that was sent. */
class Sent implements Follower {
  readonly #window: FailureWindow
  readonly #clock: () => number

  constructor(window: FailureWindow, clock: () => number) {
    this.#window = window
    this.#clock = clock
  }

  ended(): void {
    // It was not refused.
  }

  failed(error: GatewayError): void {
    if (isRefusal(error)) this.#window.blame(this.#clock())
  }
}

/** Too much to do, and not a limit of our own account: that has its own time to wait. */
function isRefusal({ kind, origin }: GatewayError): boolean {
  return kind === 'overloaded' && origin === 'upstream'
}

function windowOf(
  { provider, model }: Target,
  windows: Map<string, FailureWindow>,
  windowMs: number,
): FailureWindow {
  const key = `${provider}/${model}`
  const known = windows.get(key)
  if (known !== undefined) return known
  const [oldest] = windows.keys()
  if (windows.size >= MAX_TARGETS && oldest !== undefined) windows.delete(oldest)
  const window = new FailureWindow(windowMs)
  windows.set(key, window)
  return window
}

function throttled({ provider, model }: Target): GatewayError {
  return new GatewayError(
    'overloaded',
    `${provider}/${model} refused most of its calls lately, and is spared some. Try again, or name another model.`,
    { code: 'target_throttled', retryAfterMs: RETRY_MS },
  )
}
