// Holds calls back that a target would only queue: each target gets as many at once as it has shown to take.
import { GatewayError } from '../canonical/errors.ts'
import { assertWanted } from '../exchange/abort-reason.ts'
import type { Exchange, Middleware, Target } from '../exchange/exchange.ts'
import { followed } from '../exchange/following.ts'
import type { Follower } from '../exchange/follower.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import { priorityRank } from './admission.ts'
import type { After } from '../canonical/after.ts'
import { failureClass } from './failure-class.ts'
import type { ConcurrencyOptions } from './overload-options.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface TargetConcurrencyOptions {
  readonly after: After
  /** Milliseconds. */
  readonly clock: () => number
  /** Whether this process is short of time itself. */
  readonly isOverloaded: () => boolean
  /** Undefined where a target gets what comes. */
  readonly optionsOf: (target: Target) => ConcurrencyOptions | undefined
}

interface Place {
  readonly limit: AdaptiveLimit
  readonly room: WaitingRoom
  readonly queueMs: number
  calls: number
}

/** Clients choose the names of models, so that there is no end to them. */
const MAX_PLACES = 10_000
const RETRY_MS = 1000

export function targetConcurrency(options: TargetConcurrencyOptions): Middleware {
  const { clock } = options
  const places = new Map<string, Place>()
  return (next) => (exchange) => {
    const place = placeOf(exchange.target, places, options)
    if (place === undefined) return next(exchange)
    return entered(place, exchange, clock).then(() =>
      followed(new Guest(place, clock), next, exchange),
    )
  }
}

/** A call that has its place. */
class Guest implements Follower {
  readonly #place: Place
  readonly #clock: () => number
  readonly #inFlight: number
  readonly #startedAt: number

  constructor(place: Place, clock: () => number) {
    this.#place = place
    this.#clock = clock
    this.#inFlight = place.calls
    this.#startedAt = clock()
  }

  began(): void {
    this.#place.limit.began(this.#clock() - this.#startedAt, this.#inFlight)
    letIn(this.#place)
  }

  ended(): void {
    left(this.#place)
  }

  failed(error: GatewayError): void {
    if (isRefusal(error)) this.#place.limit.refused()
    left(this.#place)
  }
}

async function entered(place: Place, exchange: Exchange, clock: () => number): Promise<void> {
  if (place.calls < place.limit.calls) {
    place.calls += 1
    return
  }
  const { signal, target, deadlineMs = Infinity } = exchange
  const milliseconds = Math.min(place.queueMs, deadlineMs - clock())
  if (milliseconds <= 0) throw busy(target)
  const end = await place.room.wait({ rank: priorityRank(exchange), milliseconds, signal })
  if (end === 'late') throw busy(target)
  if (end === 'left') assertWanted(signal)
}

function left(place: Place): void {
  place.calls -= 1
  letIn(place)
}

function letIn(place: Place): void {
  while (place.calls < place.limit.calls && place.room.letIn()) place.calls += 1
}

function placeOf(
  target: Target,
  places: Map<string, Place>,
  { optionsOf, after, isOverloaded }: TargetConcurrencyOptions,
): Place | undefined {
  const concurrency = optionsOf(target)
  if (concurrency === undefined) return undefined
  const key = `${target.provider}/${target.model}`
  const known = places.get(key)
  if (known !== undefined) return known
  for (const [old, { calls }] of places) {
    if (places.size < MAX_PLACES) break
    if (calls === 0) places.delete(old)
  }
  const { queueMs } = concurrency
  const room = new WaitingRoom({ after, isOverloaded })
  const place = { limit: new AdaptiveLimit(concurrency), room, queueMs, calls: 0 }
  places.set(key, place)
  return place
}

/** What more calls at once may have caused. */
function isRefusal(error: GatewayError): boolean {
  return failureClass(error) === 'throttled' || error.kind === 'timeout'
}

function busy({ provider, model }: Target): GatewayError {
  return new GatewayError(
    'overloaded',
    `${provider}/${model} has as many calls as it takes at once, and none ended in time. Try again, or name another model.`,
    { code: 'target_busy', retryAfterMs: RETRY_MS },
  )
}
