// Whether an answer that breaks off may be gone on with: what it was asked for, and what it has said so far.
import type { ChatEvent } from '../canonical/event.ts'
import { GatheredText } from '../canonical/gathered-text.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatExchange, Exchange } from '../exchange/exchange.ts'
import { failureClass } from './failure-class.ts'

/** A stream of one plain text, on a route that wants it so. Whoever is asked to think, or for a form, cannot be asked to go on. */
export function mayEverContinue(exchange: Exchange): exchange is ChatExchange {
  if (exchange.operation !== 'chat' || exchange.choice?.onStreamFailure !== 'continue') return false
  const { stream, sampling, output = {}, service } = exchange.request
  const { format, modalities = [] } = output
  return (
    stream.enabled &&
    (sampling.n ?? 1) === 1 &&
    sampling.logprobs !== true &&
    (format === undefined || format.type === 'text') &&
    modalities.every((one) => one.toLowerCase() === 'text') &&
    service?.store !== true &&
    !isAskedToThink(exchange.request)
  )
}

function isAskedToThink({ reasoning = {} }: ChatRequest): boolean {
  const { mode, effort = 'none', budgetTokens = 0 } = reasoning
  return mode === 'on' || mode === 'auto' || effort !== 'none' || budgetTokens > 0
}

/** Whether another target may do better: a refusal is no accident. */
export function isAccident(error: GatewayError): boolean {
  return ['safe', 'throttled', 'uncertain'].includes(failureClass(error))
}

/** One text part, as far as it has come: nothing else, and not yet at its end. */
export class PlainText {
  readonly #text = new GatheredText()
  #index: number | undefined
  #isPlain = true

  hear(event: ChatEvent): void {
    switch (event.type) {
      case 'part-start': {
        const { part, index, candidate } = event
        this.#isPlain &&= this.#index === undefined && candidate === 0 && part.type === 'text'
        this.#index = index
        if (part.type === 'text') this.#text.add(part.text)
        this.#isPlain &&= part.seal === undefined
        return
      }
      case 'part-delta':
        if (event.delta.kind === 'text') this.#text.add(event.delta.text)
        else this.#isPlain = false
        return
      case 'part-end':
      case 'candidate-end':
      case 'logprobs':
        this.#isPlain = false
        return
      default:
    }
  }

  /** Its index and what it says; undefined where that cannot be gone on with. */
  get open(): { readonly index: number; readonly text: string } | undefined {
    const text = String(this.#text)
    if (!this.#isPlain || this.#index === undefined || text.trim() === '') return undefined
    return { index: this.#index, text }
  }
}
