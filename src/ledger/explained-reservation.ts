// What would be reserved for a call, found out without reserving it: of which budgets, how they stand, and whether there is room.
import type { BudgetStanding } from '../canonical/budget-standing.ts'
import { compact } from '../canonical/compact.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { Note } from '../canonical/note.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import type { ModelPrice } from '../usage/price.ts'
import type { Tokenizer } from '../usage/tokenizer.ts'
import type { AppliedBudget } from './budget.ts'
import type { Ledger } from './ledger.ts'
import { budgetExceeded, priceUnknown } from './refusals.ts'
import { BUDGET_OUTPUT, boundedChat, reservationOf } from './reservation.ts'

interface ReservedBudget {
  readonly standing: BudgetStanding
  readonly hard: boolean
  /** Whether it has room for the call now; a soft one lets everything pass. */
  readonly fits: boolean
}

export interface ExplainedReservation {
  /** Billionths of a US dollar; absent where nobody knows the price. */
  readonly nanoUsd?: number
  readonly budgets: readonly ReservedBudget[]
}

export interface Reserved {
  /** With the limit of its answer that a budget needs. */
  readonly exchange: ChatExchange
  /** Of that limit. */
  readonly note?: Note
  readonly reservation: ExplainedReservation
  readonly refusal?: GatewayError
}

export interface ReservingOptions {
  readonly ledger: Pick<Ledger, 'stand'>
  readonly budgets: readonly AppliedBudget[]
  readonly price: ModelPrice | undefined
  readonly tokenizer?: Tokenizer | undefined
  readonly outputReserve: number | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export async function explainedReservation(
  asked: ChatExchange,
  { ledger, budgets, price, tokenizer, outputReserve = BUDGET_OUTPUT, now }: ReservingOptions,
): Promise<Reserved> {
  const isHard = budgets.some(({ hard }) => hard)
  const limited = isHard ? boundedChat(asked, price, outputReserve) : { exchange: asked }
  const { exchange } = limited
  const { worstNano, inputNano } = reservationOf(exchange, price, tokenizer)
  const nanoUsd = worstNano ?? (isHard ? undefined : inputNano)
  const standings = await ledger.stand(budgets)
  const reserved = budgets.flatMap((budget, at): readonly Placed[] => {
    const standing = standings[at]
    if (standing === undefined) return []
    const fits = !budget.hard || (nanoUsd !== undefined && hasRoom(standing, nanoUsd))
    return [{ budget, shown: { standing, hard: budget.hard, fits } }]
  })
  const full = reserved.find(({ shown }) => !shown.fits)
  return compact({
    ...limited,
    reservation: compact({ nanoUsd, budgets: reserved.map(({ shown }) => shown) }),
    refusal: full === undefined ? undefined : refusalOf(full, { exchange, nanoUsd, now }),
  })
}

interface Placed {
  readonly budget: AppliedBudget
  readonly shown: ReservedBudget
}

function hasRoom({ limitNano, spentNano, reservedNano }: BudgetStanding, nano: number): boolean {
  return spentNano + reservedNano + nano <= limitNano
}

interface Needing {
  readonly exchange: ChatExchange
  readonly nanoUsd: number | undefined
  readonly now: number
}

function refusalOf({ budget, shown }: Placed, { exchange, nanoUsd, now }: Needing): GatewayError {
  if (nanoUsd === undefined) return priceUnknown(exchange.target)
  return budgetExceeded({ budget, standing: shown.standing, neededNano: nanoUsd, now })
}
