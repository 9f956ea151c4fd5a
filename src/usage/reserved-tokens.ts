// The most tokens that a call may use, as far as it can be known before it is made: what limits of tokens set aside for it.
import type { EmbedInput, EmbedRequest } from '../canonical/embedding.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { estimateTokens, partsTokens } from './estimate-tokens.ts'
import { textTokens } from './text-tokens.ts'

/** For an answer whose request sets no limit: more than most answers have, and what is longer is charged at its end. */
export const OUTPUT_RESERVE = 1024

export function reservedTokens(exchange: Exchange, outputReserve: number): number {
  switch (exchange.operation) {
    case 'chat': {
      const { maxOutputTokens = outputReserve, sampling } = exchange.request
      return inputTokens(exchange) + maxOutputTokens * (sampling.n ?? 1)
    }
    case 'embed':
      return inputTokens(exchange)
    case 'count-tokens':
      return 0
  }
}

/** An upper guess at what is read. */
export function inputTokens(exchange: Exchange): number {
  return exchange.operation === 'embed'
    ? embeddedTokens(exchange.request)
    : estimateTokens(exchange.request)
}

function embeddedTokens({ inputs }: EmbedRequest): number {
  return inputs.reduce((total, input) => total + tokensOf(input), 0)
}

function tokensOf(input: EmbedInput): number {
  switch (input.type) {
    case 'text':
      return textTokens(input.text)
    case 'tokens':
      return input.tokens.length
    case 'parts':
      return partsTokens(input.parts)
  }
}
