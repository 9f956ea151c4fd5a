// A second target beside one that is slow to begin: whoever begins first answers, and the other is let go at once.
import type { Cost } from '../canonical/cost.ts'
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import { abandon } from '../exchange/abandoned.ts'
import type { HedgeRule } from '../exchange/choice.ts'
import type { Exchange, Reply, Target } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { Latencies } from './latencies.ts'
import type { Pause } from './pause.ts'

export interface HedgingOptions {
  /** Milliseconds. */
  readonly clock: () => number
  readonly pause: Pause
  readonly tell: Tell
  /** What reading a request costs at a target; undefined where that is not known. */
  readonly inputCostOf: (exchange: Exchange, target: Target) => Promise<Cost | undefined>
}

const HEDGE = { minDelayMs: 500, maxShare: 0.05 } as const

/** The delay that no more than one call in twenty exceeds. */
const SLOW = 0.95

/** One attempt, or what became of it: a reply, or the failure before one. */
interface Racer {
  readonly target: Target
}

export interface Ended<One extends Racer> {
  readonly attempt: One
  readonly outcome: Reply | GatewayError
}

interface Race<One extends Racer> {
  readonly exchange: Exchange
  readonly first: One
  readonly make: (attempt: One, signal: AbortSignal) => Promise<Reply | GatewayError>
  /** Asked once, when the first is late: a place at another target, where there is one that may be asked. */
  readonly second: () => One | undefined
}

/** Shares of calls and times of targets, of all calls together. */
export class Hedging {
  readonly #options: HedgingOptions
  readonly #latencies = new Latencies()
  readonly #calls = new Map<string, { all: number; hedged: number }>()

  constructor(options: HedgingOptions) {
    this.#options = options
  }

  /** Both attempts end before this does, or are cut: of two failures, the later one is told. */
  async race<One extends Racer>(race: Race<One>): Promise<Ended<One>> {
    const { exchange, first } = race
    const rule = exchange.choice?.hedge
    if (rule === undefined || !isHedgeable(exchange)) {
      const outcome = await race.make(first, exchange.signal)
      return { attempt: first, outcome }
    }
    this.#count(exchange).all += 1
    const running = this.#start(race, first)
    const late = await this.#isLate(running.ended, { rule, exchange, target: first.target })
    const hedge = late && this.#maySpend(exchange, rule) ? race.second() : undefined
    if (hedge === undefined) return running.ended
    this.#count(exchange).hedged += 1
    return this.#between(exchange, running, this.#start(race, hedge))
  }

  async #between<One extends Racer>(
    exchange: Exchange,
    first: Running<One>,
    second: Running<One>,
  ): Promise<Ended<One>> {
    const earlier = await Promise.race([first.ended, second.ended])
    const rival = earlier.attempt === first.attempt ? second : first
    const isWon = !(earlier.outcome instanceof GatewayError)
    if (isWon) rival.leave()
    const best = isWon ? earlier : await rival.ended
    const loser = best.attempt === first.attempt ? second : first
    void this.#told({ exchange, best, loser: loser.attempt, hedge: second.attempt })
    return best
  }

  #start<One extends Racer>({ exchange, make }: Race<One>, attempt: One): Running<One> {
    const { clock } = this.#options
    const left = new AbortController()
    const startedAt = clock()
    const ended = (async (): Promise<Ended<One>> => {
      const outcome = await make(attempt, AbortSignal.any([exchange.signal, left.signal]))
      if (!(outcome instanceof GatewayError)) {
        this.#latencies.add(keyOf(exchange, attempt.target), clock() - startedAt)
      }
      return { attempt, outcome }
    })()
    return {
      attempt,
      ended,
      leave: () => {
        left.abort(hedgeLost())
        ended.then(
          ({ outcome }) => (outcome instanceof GatewayError ? undefined : abandon(outcome)),
          () => undefined,
        )
      },
    }
  }

  async #isLate(ended: Promise<unknown>, { rule, exchange, target }: Waiting): Promise<boolean> {
    const delayMs = this.#delayMs(rule, keyOf(exchange, target))
    if (delayMs === undefined) return false
    const answered = new AbortController()
    const early = ended.then(
      () => 'early' as const,
      () => 'early' as const,
    )
    const wait = this.#options.pause(delayMs, AbortSignal.any([exchange.signal, answered.signal]))
    const which = await Promise.race([early, wait.then(() => 'late' as const)])
    answered.abort()
    return which === 'late' && !exchange.signal.aborted
  }

  #delayMs(rule: HedgeRule, key: string): number | undefined {
    if (rule.delayMs !== undefined) return rule.delayMs
    const usual = this.#latencies.quantile(key, SLOW)
    return usual === undefined ? undefined : Math.max(rule.minDelayMs ?? HEDGE.minDelayMs, usual)
  }

  #maySpend(exchange: Exchange, { maxShare = HEDGE.maxShare }: HedgeRule): boolean {
    const { all, hedged } = this.#count(exchange)
    return hedged + 1 <= maxShare * all
  }

  #count({ choice }: Exchange): { all: number; hedged: number } {
    const route = choice?.route ?? ''
    const known = this.#calls.get(route) ?? { all: 0, hedged: 0 }
    this.#calls.set(route, known)
    return known
  }

  /** What the loser read is paid for by the operator; nobody is charged for what it may have written. */
  async #told<One extends Racer>({ exchange, best, loser, hedge }: Told<One>): Promise<void> {
    const { tell, inputCostOf } = this.#options
    const cost = await inputCostOf(exchange, loser.target).catch(() => undefined)
    const isWon = !(best.outcome instanceof GatewayError)
    tell(
      compact({
        type: 'hedge-ended' as const,
        id: exchange.id,
        hedge: isWon
          ? best.attempt === hedge
            ? ('won' as const)
            : ('lost' as const)
          : ('failed' as const),
        winner: isWon ? best.attempt.target : undefined,
        loser: loser.target,
        cost,
      }),
    )
  }
}

interface Running<One extends Racer> {
  readonly attempt: One
  readonly ended: Promise<Ended<One>>
  readonly leave: () => void
}

interface Waiting {
  readonly rule: HedgeRule
  readonly exchange: Exchange
  readonly target: Target
}

interface Told<One extends Racer> {
  readonly exchange: Exchange
  readonly best: Ended<One>
  readonly loser: One
  readonly hedge: One
}

/** The code of an attempt that was cut because another has won. */
export const HEDGE_LOST = 'hedge_lost'

function hedgeLost(): GatewayError {
  return new GatewayError('cancelled', 'Another target has begun to answer before this one.', {
    code: HEDGE_LOST,
  })
}

/** Whether an attempt ends because another has won. */
export function isLost({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof GatewayError && reason.code === HEDGE_LOST
}

/** Tools that only look: made twice, nobody is the wiser. */
const HARMLESS: ReadonlySet<string | undefined> = new Set(['web-search', 'web-fetch'])

/** What leaves something behind would leave it twice. */
function isHedgeable(exchange: Exchange): boolean {
  if (exchange.operation !== 'chat' || exchange.continues === true) return false
  const { service, tools = [] } = exchange.request
  return (
    service?.store !== true &&
    tools.every((tool) => tool.kind !== 'native' || HARMLESS.has(tool.purpose?.what))
  )
}

/** A stream begins with its first word, a whole answer with its last. */
function keyOf(exchange: Exchange, { provider, model }: Target): string {
  const shape =
    exchange.operation === 'chat' && exchange.request.stream.enabled ? 'stream' : 'whole'
  return `${shape} ${provider}/${model}`
}
