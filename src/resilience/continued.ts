// A text that breaks off within its stream is gone on with by another target, once, where the route wants it so.
import { type GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { type Usage, mergeUsage } from '../canonical/usage.ts'
import type {
  ChatExchange,
  Handler,
  Middleware,
  Reply,
  StreamReply,
  Target,
} from '../exchange/exchange.ts'
import { PlainText, isAccident, mayEverContinue } from './continuable.ts'
import { Overlap } from './overlap.ts'
import { type Spent, summedUsage } from './summed-usage.ts'

export interface ContinuedOptions {
  /** Whether a target goes on with an answer that was begun for it. */
  readonly continues: (exchange: ChatExchange) => boolean
  /** Milliseconds. */
  readonly clock: () => number
  /** Milliseconds that a target usually takes to begin; undefined where that is not known. */
  readonly latencyMs: (target: Target) => number | undefined
  /** Guesses, where a provider gave no counts. */
  readonly requestTokens: (exchange: ChatExchange) => number
  readonly textTokens: (text: string) => number
}

/** Outside of the attempts: to go on is a call of its own within the call. */
export function continued(options: ContinuedOptions): Middleware {
  return (next) => {
    const continuing = async (exchange: ChatExchange): Promise<Reply> => {
      // An upstream's own bytes could not be gone on with by another.
      const { source: _, ...asked } = exchange
      const reply = await next(asked)
      if (reply.kind !== 'stream') return reply
      return { ...reply, events: new Continued({ options, next, exchange: asked, reply }) }
    }
    return (exchange) => (mayEverContinue(exchange) ? continuing(exchange) : next(exchange))
  }
}

interface Parts {
  readonly options: ContinuedOptions
  readonly next: Handler
  readonly exchange: ChatExchange
  readonly reply: StreamReply
}

type Events = readonly ChatEvent[]

/** The events of the first answer and, should it break off, those of the one that goes on with it, as one stream. */
class Continued implements AsyncIterableIterator<Events> {
  readonly #parts: Parts
  readonly #text = new PlainText()
  #steps: AsyncIterator<Events>
  #second: Second | undefined
  #usage: Usage | undefined
  #isLeft = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#steps = parts.reply.events[Symbol.asyncIterator]()
  }

  async next(): Promise<IteratorResult<Events>> {
    for (;;) {
      const came = await this.#pull()
      if (came === undefined) return { done: true, value: undefined }
      const events = this.#second === undefined ? await this.#first(came) : this.#rest(came)
      if (events.length > 0) return { done: false, value: events }
    }
  }

  async return(): Promise<IteratorResult<Events>> {
    this.#isLeft = true
    await this.#steps.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #pull(): Promise<Events | undefined> {
    try {
      const step = await this.#steps.next()
      return step.done === true ? undefined : step.value
    } catch (thrown) {
      return [{ type: 'error', error: toGatewayError(thrown) }]
    }
  }

  /** Of who answers first. What it says behind its failure is not said. */
  async #first(came: Events): Promise<Events> {
    const events: ChatEvent[] = []
    for (const event of came) {
      if (event.type === 'error') return [...events, ...(await this.#goOn(event.error))]
      this.#text.hear(event)
      if (event.type === 'usage-update') this.#usage = mergeUsage(this.#usage, event.usage)
      events.push(event)
    }
    return events
  }

  /** Of who goes on. */
  #rest(came: Events): Events {
    return came.flatMap((event) => this.#second?.events(event) ?? [])
  }

  /** The first words of who goes on; or the failure, where nobody can. */
  async #goOn(error: GatewayError): Promise<readonly ChatEvent[]> {
    const { next } = this.#parts
    const failed: readonly ChatEvent[] = [{ type: 'error', error }]
    const open = this.#text.open
    if (open === undefined || !isAccident(error)) return failed
    const overlap = new Overlap(open.text)
    const asked = this.#asking(overlap.said)
    if (asked === undefined) return failed
    try {
      const reply = await next(asked)
      if (reply.kind !== 'stream') return failed
      this.#steps = reply.events[Symbol.asyncIterator]()
      if (this.#isLeft) await this.#steps.return?.()
      this.#second = new Second({ index: open.index, overlap, spent: this.#spent(open.text) })
      const { provider, model } = reply.target ?? asked.target
      return [{ type: 'ping', told: `x-patchbay-continued: ${provider}/${model}` }]
    } catch {
      // That the answer broke off is what the client has to know.
      return failed
    }
  }

  /** The call to those who can go on, the one that broke off last; undefined where there is nobody, or no time. */
  #asking(said: string): ChatExchange | undefined {
    const { options, exchange, reply } = this.#parts
    const { signal, deadlineMs = Infinity, request } = exchange
    const { target: first = exchange.target } = reply
    const left = this.#tokensLeft(said)
    if (signal.aborted || (left !== undefined && left < 1)) return undefined
    const asked: ChatExchange = {
      ...exchange,
      continues: true,
      request: {
        ...request,
        // No client's own: what its dialect wants of such a request is put in for this one too.
        origin: { dialect: 'patchbay' },
        turns: [...request.turns, { role: 'assistant', parts: [{ type: 'text', text: said }] }],
        ...(left === undefined ? {} : { maxOutputTokens: left }),
      },
    }
    const isFirst = ({ provider, model }: Target): boolean =>
      provider === first.provider && model === first.model
    const all = [exchange.target, ...(exchange.alternatives ?? [])]
    const ordered = [...all.filter((one) => !isFirst(one)), ...all.filter((one) => isFirst(one))]
    const able = ordered.filter(
      (target) =>
        options.continues({ ...asked, target }) &&
        deadlineMs - options.clock() > (options.latencyMs(target) ?? 0),
    )
    const [target, ...alternatives] = able
    return target === undefined ? undefined : { ...asked, target, alternatives }
  }

  /** Of the client's limit for its answer. */
  #tokensLeft(said: string): number | undefined {
    const { exchange, options } = this.#parts
    const { maxOutputTokens } = exchange.request
    if (maxOutputTokens === undefined) return undefined
    return maxOutputTokens - (this.#usage?.output?.total ?? options.textTokens(said))
  }

  #spent(said: string): Spent {
    const { exchange, options } = this.#parts
    return {
      input: this.#usage?.input?.total ?? options.requestTokens(exchange),
      // What a provider counts at the beginning of its answer is not what it has written since.
      output: Math.max(this.#usage?.output?.total ?? 0, options.textTokens(said)),
    }
  }
}

interface SecondOptions {
  /** Of the part that is gone on with. */
  readonly index: number
  readonly overlap: Overlap
  readonly spent: Spent
}

/** The events of who goes on, as those of the answer that broke off. */
class Second {
  readonly #options: SecondOptions
  /** The index of its first text, which goes on with the open part; others get indexes behind that one. */
  #first: number | undefined
  readonly #indexes = new Map<number, number>()
  #usage: Usage | undefined

  constructor(options: SecondOptions) {
    this.#options = options
  }

  events(event: ChatEvent): readonly ChatEvent[] {
    const { index, overlap, spent } = this.#options
    switch (event.type) {
      case 'response-start':
      case 'native':
        return []
      case 'part-start':
        if (this.#first === undefined && event.part.type === 'text') {
          this.#first = event.index
          return this.#said(overlap.write(event.part.text))
        }
        this.#indexes.set(event.index, index + 1 + this.#indexes.size)
        return [{ ...event, index: this.#indexOf(event.index) }]
      case 'part-delta':
        if (event.index !== this.#first) return [{ ...event, index: this.#indexOf(event.index) }]
        return event.delta.kind === 'text'
          ? this.#said(overlap.write(event.delta.text))
          : [{ ...event, index }]
      case 'part-end':
        if (event.index !== this.#first) return [{ ...event, index: this.#indexOf(event.index) }]
        return [...this.#said(overlap.finish()), { type: 'part-end', index }]
      case 'usage-update':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return [{ type: 'usage-update', usage: summedUsage(spent, this.#usage) }]
      case 'error':
      case 'response-end':
      case 'candidate-end':
      case 'logprobs':
      case 'ping':
        return [...this.#said(event.type === 'ping' ? '' : overlap.finish()), event]
    }
  }

  #said(text: string): readonly ChatEvent[] {
    const { index } = this.#options
    return text === '' ? [] : [{ type: 'part-delta', index, delta: { kind: 'text', text } }]
  }

  #indexOf(own: number): number {
    return this.#indexes.get(own) ?? own
  }
}
