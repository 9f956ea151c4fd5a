// Who gets in when this process has more to do than it can: by importance, after a short wait, or not at all.
import { GatewayError } from '../canonical/errors.ts'
import { assertWanted } from '../exchange/abort-reason.ts'
import type { Exchange, Middleware, Priority } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { observed } from '../exchange/observed.ts'
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
  const { load, after, clock, tell } = options
  const { maxCalls, reserve, queueMs } = { ...PROCESS, ...options.process }
  const room = new WaitingRoom({ after, isOverloaded: () => load.level > 0 })
  let calls = 0
  const hasPlace = (priority: Priority): boolean =>
    calls < (priority === 'critical' ? maxCalls : Math.max(1, Math.floor(maxCalls * (1 - reserve))))
  const leave = (): void => {
    // The place goes straight to who waits: nobody who comes now can take it first.
    if (!room.letIn()) calls -= 1
  }
  return (next) => async (exchange) => {
    const { id, signal, deadlineMs = Infinity } = exchange
    const priority = priorityOf(exchange)
    const shed = (reason: 'lag' | 'calls'): GatewayError => {
      tell({ type: 'shed', id, reason, priority })
      return overloaded(options.random)
    }
    if (load.level >= SHED_FROM[priority]) throw shed('lag')
    if (hasPlace(priority)) {
      calls += 1
    } else {
      const milliseconds = Math.min(queueMs, deadlineMs - clock())
      // The room is as large as the house: beyond that, waiting is in vain.
      if (milliseconds <= 0 || room.size >= maxCalls) throw shed('calls')
      const end = await room.wait({ rank: RANKS[priority], milliseconds, signal })
      if (end === 'late') throw shed('calls')
      if (end === 'left') assertWanted(signal)
    }
    let isHeld = true
    const release = (): void => {
      if (isHeld) leave()
      isHeld = false
    }
    // A client that has gone holds no place while its provider is still to hear of it.
    signal.addEventListener('abort', release, { once: true })
    try {
      const reply = await next(exchange)
      return observed(reply, () => {
        signal.removeEventListener('abort', release)
        release()
      })
    } catch (thrown) {
      signal.removeEventListener('abort', release)
      release()
      throw thrown
    }
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
