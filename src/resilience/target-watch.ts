// Tells how targets change: when a call changes them, and for what time alone changes, soon after.
import { compact } from '../canonical/compact.ts'
import type { Tell } from '../exchange/happening.ts'
import type { Target } from '../exchange/target.ts'
import type { BreakerState, CircuitBreaker } from './circuit-breaker.ts'
import type { Every } from './limits/lease.ts'

/** What is watched of a target. */
export interface Watched {
  readonly target: Target
  readonly breaker: CircuitBreaker
  /** Code or kind of its last failure. */
  readonly lastFailure: string | undefined
  /** As it was last told. */
  state: BreakerState
  /** Whether it was asked past its open breaker, and the breaker has not moved since. */
  panics: boolean
}

export interface TargetWatchOptions {
  readonly tell?: Tell
  /** How to beat at intervals; without it, what time alone changes is told when somebody looks. */
  readonly every?: Every
}

/** How late what time alone changes may be told. */
const BEAT_MS = 1000

export class TargetWatch {
  readonly #options: TargetWatchOptions
  /** Those that time alone will change. */
  readonly #moving = new Set<Watched>()
  #callOff: (() => void) | undefined

  constructor(options: TargetWatchOptions) {
    this.#options = options
  }

  /** Tells of a state that has not been told. */
  look(watched: Watched): void {
    const { breaker, target, state: from, lastFailure } = watched
    const to = breaker.state
    if (to === from) return
    watched.state = to
    const isOpen = to === 'open'
    this.#options.tell?.({
      type: 'target-state-changed',
      target,
      from,
      to,
      ...(isOpen ? compact({ reason: lastFailure, waitMs: breaker.waitMs }) : {}),
    })
    this.panic(watched, false)
    this.#follow(watched)
  }

  /** Its state is told already, by the process that has seen it first. */
  known(watched: Watched): void {
    watched.state = watched.breaker.state
    this.#follow(watched)
  }

  #follow(watched: Watched): void {
    const { state } = watched
    if (state === 'open' || state === 'slow-start') this.#moving.add(watched)
    else this.#moving.delete(watched)
    this.#beat()
  }

  panic(watched: Watched, panics: boolean): void {
    if (watched.panics === panics) return
    watched.panics = panics
    this.#options.tell?.({ type: 'panic-changed', target: watched.target, panics })
  }

  cooled({ target }: Watched, forMs: number): void {
    this.#options.tell?.({ type: 'target-cooled', target, forMs })
  }

  forget(watched: Watched): void {
    this.#moving.delete(watched)
  }

  close(): void {
    this.#moving.clear()
    this.#beat()
  }

  /** Looks again and again while there is something that time will change. */
  #beat(): void {
    if (this.#moving.size === 0) {
      this.#callOff?.()
      this.#callOff = undefined
      return
    }
    this.#callOff ??= this.#options.every?.(BEAT_MS, () => {
      for (const watched of this.#moving) this.look(watched)
    })
  }
}
