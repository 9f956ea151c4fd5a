// What a call may cost at the most, as it goes to one target; and the call with its answer bounded, so that this is the most.
import { compact } from '../canonical/compact.ts'
import type { Note } from '../canonical/note.ts'
import type { ChatExchange, Exchange } from '../exchange/exchange.ts'
import { costOf } from '../usage/cost.ts'
import { forecast } from '../usage/forecast.ts'
import type { ModelPrice } from '../usage/price.ts'
import type { Tokenizer } from '../usage/tokenizer.ts'
import { inputTokens } from '../usage/reserved-tokens.ts'

/** Tokens that an answer may have, where its caller sets no limit and a budget needs one. */
export const BUDGET_OUTPUT = 4096

export interface Reservation {
  readonly inputTokens: number
  /** Absent where no price is known. */
  readonly inputNano?: number
  /** Absent where that cannot be known: no price, or an answer without a limit. */
  readonly worstNano?: number
}

/** By the model's own tokenizer where somebody has it, else by a guess that leans upwards. */
export function reservationOf(
  exchange: Exchange,
  price: ModelPrice | undefined,
  tokenizer?: Tokenizer,
): Reservation {
  if (exchange.operation === 'chat') {
    const { inputTokens: read, inputCost, worstCost } = forecast(exchange.request, price, tokenizer)
    // However long an answer is that costs nothing.
    const unlimited = (): number | undefined =>
      isFreeToWrite(price) ? inputCost?.nanoUsd : undefined
    const worstNano = worstCost?.nanoUsd ?? unlimited()
    return compact({ inputTokens: read, inputNano: inputCost?.nanoUsd, worstNano })
  }
  const read = inputTokens(exchange)
  const nano = costOf({ input: { total: read }, output: { total: 0 } }, price)?.nanoUsd
  return compact({ inputTokens: read, inputNano: nano, worstNano: nano })
}

export interface Bounded<Asked extends Exchange = Exchange> {
  readonly exchange: Asked
  /** Where a limit was set that the caller did not ask for. */
  readonly note?: Note
}

/** With a limit of its answer, where it has none and the answer costs something. */
export function bounded(exchange: Exchange, price: ModelPrice | undefined, most: number): Bounded {
  return exchange.operation === 'chat' ? boundedChat(exchange, price, most) : { exchange }
}

/** The same of a chat. */
export function boundedChat(
  exchange: ChatExchange,
  price: ModelPrice | undefined,
  most: number,
): Bounded<ChatExchange> {
  if (exchange.request.maxOutputTokens !== undefined || isFreeToWrite(price)) {
    return { exchange }
  }
  const request = { ...exchange.request, maxOutputTokens: most }
  return {
    exchange: { ...exchange, request },
    note: {
      action: 'synthesized',
      feature: 'max_output_tokens',
      path: 'maxOutputTokens',
      weight: 2,
      reason:
        'a budget applies to this call, and an answer without a limit could cost more than is left of it',
      to: most,
    },
  }
}

/** So many that no rate is rounded to nothing. */
const MANY = 1_000_000

function isFreeToWrite(price: ModelPrice | undefined): boolean {
  return costOf({ input: { total: 0 }, output: { total: MANY } }, price)?.nanoUsd === 0
}
