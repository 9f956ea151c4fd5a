// Around each attempt: what it may cost is reserved and written down before anybody is asked, and what it used is settled once.
import { compact } from '../canonical/compact.ts'
import { type GatewayError, toGatewayError } from '../canonical/errors.ts'
import { assertWanted } from '../exchange/abort-reason.ts'
import type { Exchange, Handler, Middleware, Reply } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { type OnEnd, observed } from '../exchange/observed.ts'
import type { Estimating, UsageEstimate } from '../exchange/usage-estimate.ts'
import { costOf } from '../usage/cost.ts'
import type { ModelPrice, PriceOf } from '../usage/price.ts'
import type { Tokenizer, Tokenizers } from '../usage/tokenizer.ts'
import { priceVersion } from '../usage/price-version.ts'
import { attemptIdAt } from './attempt-id.ts'
import type { AppliedBudget } from './budget.ts'
import { heldEnd } from './held-end.ts'
import type {
  BudgetsOf,
  Checkpoint,
  Ledger,
  LedgerDurability,
  RecordedCalls,
  Opening,
  Settlement,
} from './ledger.ts'
import { budgetExceeded, priceUnknown } from './refusals.ts'
import { BUDGET_OUTPUT, bounded, reservationOf } from './reservation.ts'
import type { RunningAttempts } from './running-attempts.ts'
import { type OpenAttempt, answeredSettlement, failedSettlement } from './settlement.ts'
import { tellSettled } from './told-budgets.ts'
import { whoseOf } from './whose.ts'

export interface MeteredOptions {
  readonly ledger: Ledger
  readonly budgetsOf: BudgetsOf
  /** Undefined where no price is known. */
  readonly priceOf: PriceOf
  /** Absent: what is read is guessed. */
  readonly tokenizers?: Tokenizers
  readonly estimating: Estimating
  readonly records: () => RecordedCalls
  /** Of calls that no hard budget counts; those that one counts always wait. */
  readonly durability: () => LedgerDurability
  /** Tokens of an answer without a limit, where a hard budget needs one. Default BUDGET_OUTPUT. */
  readonly outputReserve: () => number | undefined
  /** Whether a provider may have worked for an attempt that failed so. */
  readonly mayHaveRun: (error: GatewayError) => boolean
  readonly isLost: OpenAttempt['isLost']
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Never the same twice, in any process. */
  readonly newId: () => string
  readonly running: RunningAttempts
  readonly tell: Tell
}

/** Throws GatewayError `budget_exceeded` or `price_unknown`; nothing was reserved then and nobody asked. */
export function metered(options: MeteredOptions): Middleware {
  const written = writtenDown(options)
  return (next) => (exchange) => {
    // A count of tokens uses none, whoever counts.
    if (exchange.operation === 'count-tokens') return next(exchange)
    const budgets = options.budgetsOf(exchange)
    if (budgets.length === 0 && options.records() === 'budgeted') return next(exchange)
    return written(exchange, budgets, next)
  }
}

function writtenDown(
  options: MeteredOptions,
): (exchange: Exchange, budgets: readonly AppliedBudget[], next: Handler) => Promise<Reply> {
  return async (exchange, budgets, next) => {
    const { target } = exchange
    const [price, tokenizer] = await Promise.all([
      options.priceOf(target),
      options.tokenizers?.of(target.model),
    ])
    const isHard = budgets.some(({ hard }) => hard)
    const most = options.outputReserve() ?? BUDGET_OUTPUT
    const { exchange: asked, note } = isHard ? bounded(exchange, price, most) : { exchange }
    const attempt = new MeteredAttempt(asked, {
      budgets,
      price,
      ...compact({ tokenizer }),
      ...options,
    })
    const reply = await attempt.run(next)
    return note === undefined ? reply : { ...reply, notes: [...reply.notes, note] }
  }
}

interface AttemptOptions extends MeteredOptions {
  readonly budgets: readonly AppliedBudget[]
  readonly price: ModelPrice | undefined
  readonly tokenizer?: Tokenizer
}

class MeteredAttempt {
  readonly #exchange: Exchange
  readonly #options: AttemptOptions
  readonly #open: OpenAttempt
  /** What has been written of it so far. */
  #written: Promise<unknown> = Promise.resolve()
  #settling: Promise<unknown> | undefined

  constructor(exchange: Exchange, options: AttemptOptions) {
    this.#exchange = exchange
    this.#options = options
    const { price, isLost } = options
    this.#open = { opening: this.#opening(), price, signal: exchange.signal, isLost }
  }

  async run(next: Handler): Promise<Reply> {
    const { estimating, clock } = this.#options
    await this.#begin()
    try {
      assertWanted(this.#exchange.signal)
    } catch (thrown) {
      this.#failed(toGatewayError(thrown), 'unasked')
      throw thrown
    }
    try {
      const reply = await next(this.#exchange)
      const estimate = estimating(this.#exchange)
      const leave = this.#checked(reply, estimate)
      const onEnd: OnEnd = (outcome, told) => {
        leave()
        const ended = { outcome, told, estimate, endedAt: clock() }
        void this.#settle(answeredSettlement(this.#open, ended))
      }
      return await heldEnd(observed(reply, onEnd, estimate), () => this.#pending())
    } catch (thrown) {
      const error = toGatewayError(thrown)
      this.#failed(error, 'asked')
      throw thrown
    }
  }

  #failed(error: GatewayError, provider: 'asked' | 'unasked'): void {
    const { mayHaveRun, clock } = this.#options
    const ran = provider === 'asked' && mayHaveRun(error)
    const ended = { error, mayHaveRun: ran, endedAt: clock() }
    void this.#settle(failedSettlement(this.#open, ended))
  }

  /** Before anybody is asked. */
  async #begin(): Promise<void> {
    const { ledger, tell, clock } = this.#options
    const { opening } = this.#open
    const begun = ledger.begin(opening)
    if (!this.#mustWait()) {
      this.#written = begun.catch(() => undefined)
      return
    }
    const result = await begun
    const { callId: id, reserveNano: neededNano } = opening
    if (result.granted) {
      for (const standing of result.standings) tell({ type: 'budget-changed', id, standing })
      return
    }
    const { refused: budget, standing } = result
    tell({ type: 'budget-refused', id, standing, neededNano })
    throw budgetExceeded({ budget, standing, neededNano, now: clock() })
  }

  #mustWait(): boolean {
    const { budgets, durability } = this.#options
    return budgets.some(({ hard }) => hard) || durability() === 'strict'
  }

  /** Once: who is told of the end of a call twice is told the same. */
  async #settle(settlement: Settlement): Promise<void> {
    if (this.#settling !== undefined) return
    const { ledger, tell } = this.#options
    this.#settling = this.#written
      .then(async () => ledger.settle(settlement))
      .then((settled) => tellSettled(tell, settlement, settled))
      .catch(() => undefined)
    await this.#settling
  }

  #pending(): Promise<unknown> | undefined {
    return this.#mustWait() ? this.#settling : undefined
  }

  #checked({ kind }: Reply, estimate: UsageEstimate): () => void {
    const { running, price } = this.#options
    const { attemptId } = this.#open.opening
    if (kind !== 'stream' && kind !== 'bytes') return () => undefined
    let last = 0
    return running.add((): Checkpoint | undefined => {
      const usage = estimate.of(undefined)
      const outputTokens = usage.output?.total ?? 0
      if (outputTokens === last) return undefined
      last = outputTokens
      return compact({ attemptId, outputTokens, nanoUsd: costOf(usage, price)?.nanoUsd })
    })
  }

  #opening(): Opening {
    const { budgets, price, tokenizer, newId, clock, tell } = this.#options
    const { id, target } = this.#exchange
    const { provider, model, credential } = target
    const { worstNano, ...input } = reservationOf(this.#exchange, price, tokenizer)
    if (worstNano === undefined && budgets.some(({ hard }) => hard)) {
      tell({ type: 'price-missing', id, provider, model })
      throw priceUnknown(target)
    }
    const at = Math.round(clock())
    return compact({
      attemptId: attemptIdAt(at, newId),
      ...whoseOf(this.#exchange),
      provider,
      model,
      credential,
      price: price === undefined ? undefined : priceVersion(price),
      at,
      ...input,
      // Where nothing is refused, what is not known to cost something is held as nothing.
      reserveNano: budgets.length === 0 ? 0 : (worstNano ?? input.inputNano ?? 0),
      budgets,
    })
  }
}
