// Who gets in when this process has more to do than it can: by importance, after a short wait, or not at all.
import { GatewayError } from '../canonical/errors.ts'
import { assertWanted } from '../exchange/abort-reason.ts'
import type { Exchange, Middleware, Priority } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { followed } from '../exchange/following.ts'
import type { Follower } from '../exchange/follower.ts'
import type { After } from '../canonical/after.ts'
import type { Load } from './load.ts'
import { PROCESS, type ProcessOptions } from './overload-options.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface AdmissionOptions {
  readonly load: Load
  readonly after: After
  /** Milliseconds. */
  readonly clock: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly tell: Tell
  readonly process?: Partial<ProcessOptions>
}

/** Lower goes first. */
const RANKS: Readonly<Record<Priority, number>> = { critical: 0, stream: 1, whole: 2, batch: 3 }

export function priorityRank(exchange: Exchange): number {
  return RANKS[priorityOf(exchange)]
}

/** Who is shed from which level on; `critical` never is. */
const SHED_FROM: Readonly<Record<Priority, number>> = { critical: 4, stream: 3, whole: 2, batch: 1 }

function priorityOf(exchange: Exchange): Priority {
  if (exchange.priority !== undefined) return exchange.priority
  if (exchange.operation !== 'chat') return exchange.operation === 'embed' ? 'batch' : 'whole'
  return exchange.request.stream.enabled ? 'stream' : 'whole'
}

export function admitted(options: AdmissionOptions): Middleware {
  const house = new House(options)
  return (next) => (exchange) => {
    const entering = house.enter(exchange)
    return entering === undefined
      ? followed(new Guest(house), next, exchange)
      : entering.then(() => followed(new Guest(house), next, exchange))
  }
}

/** The places of this process. */
class House {
  readonly #options: AdmissionOptions
  readonly #process: ProcessOptions
  readonly #room: WaitingRoom
  #calls = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#process = { ...PROCESS, ...options.process }
    const { after, load } = options
    this.#room = new WaitingRoom({ after, isOverloaded: () => load.level > 0 })
  }

  /** Undefined where there is a place now; rejects where there is none. */
  enter(exchange: Exchange): Promise<void> | undefined {
    const priority = priorityOf(exchange)
    if (this.#options.load.level >= SHED_FROM[priority]) {
      return Promise.reject(this.#shed(exchange, 'lag'))
    }
    const { maxCalls, reserve } = this.#process
    const places =
      priority === 'critical' ? maxCalls : Math.max(1, Math.floor(maxCalls * (1 - reserve)))
    if (this.#calls >= places) return this.#waited(exchange, priority)
    this.#calls += 1
    return undefined
  }

  /** The place goes straight to who waits: nobody who comes now can take it first. */
  leave(): void {
    if (!this.#room.letIn()) this.#calls -= 1
  }

  async #waited(exchange: Exchange, priority: Priority): Promise<void> {
    const { signal, deadlineMs = Infinity } = exchange
    const { maxCalls, queueMs } = this.#process
    const milliseconds = Math.min(queueMs, deadlineMs - this.#options.clock())
    // The room is as large as the house: beyond that, waiting is in vain.
    if (milliseconds <= 0 || this.#room.size >= maxCalls) throw this.#shed(exchange, 'calls')
    const end = await this.#room.wait({ rank: RANKS[priority], milliseconds, signal })
    if (end === 'late') throw this.#shed(exchange, 'calls')
    if (end === 'left') assertWanted(signal)
  }

  #shed(exchange: Exchange, reason: 'lag' | 'calls'): GatewayError {
    const { tell, random } = this.#options
    tell({ type: 'shed', id: exchange.id, reason, priority: priorityOf(exchange) })
    return overloaded(random)
  }
}

/** A call that has its place. */
class Guest implements Follower {
  readonly #house: House
  #hasPlace = true

  constructor(house: House) {
    this.#house = house
  }

  /** A client that has gone holds no place while its provider is still to hear of it. */
  left(): void {
    if (this.#hasPlace) this.#house.leave()
    this.#hasPlace = false
  }

  ended(): void {
    this.left()
  }

  failed(): void {
    this.left()
  }
}

const RETRY = { firstMs: 1000, moreMs: 2000 } as const

export function overloaded(random: () => number): GatewayError {
  return new GatewayError(
    'overloaded',
    'Patchbay has more to do than it can. Ask again in a moment.',
    { code: 'gateway_overloaded', retryAfterMs: RETRY.firstMs + random() * RETRY.moreMs },
  )
}
