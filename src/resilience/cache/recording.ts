// Takes a reply down as it passes, and has it at its end, if that was a good one.
import { compact } from '../../canonical/compact.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { FinishReason } from '../../canonical/response.ts'
import type { ChatReply, PassedPiece } from '../../exchange/exchange.ts'
import { type KeptAnswer, type KeptPiece, eventsOf } from './kept-reply.ts'

export type Unkept = 'failed' | 'abandoned' | 'cut-short' | 'too-large' | 'not-text'

export interface RecordingOptions {
  /** Characters of an answer; a longer one is not kept. */
  readonly maxAnswer: number
  /** Called once, at the end: with the answer, or why there is none to keep. */
  readonly onEnd: (answer: KeptAnswer | Unkept) => void
}

/** An answer that ended like this would have ended so again; one that ran into a limit, or was refused, may not. */
const ENDS_WELL: ReadonlySet<FinishReason> = new Set(['stop', 'stop-sequence', 'tool-calls'])

/** The same reply, taken down. */
export function recorded(reply: ChatReply, { maxAnswer, onEnd }: RecordingOptions): ChatReply {
  const take = new Take(maxAnswer)
  switch (reply.kind) {
    case 'whole': {
      const { response, passed } = reply
      onEnd(judged({ kind: 'whole', response, ...compact({ passed }) }, maxAnswer))
      return reply
    }
    case 'stream': {
      const hear = (events: readonly ChatEvent[]): void => take.events(events)
      const end = (unkept?: Unkept): void => onEnd(take.ended(reply, unkept))
      return { ...reply, events: new HeardSteps(reply.events, { hear, end }) }
    }
    case 'bytes': {
      const hear = (piece: PassedPiece): void => take.piece(piece)
      const end = (unkept?: Unkept): void => onEnd(take.ended(reply, unkept))
      return { ...reply, pieces: new HeardSteps(reply.pieces, { hear, end }) }
    }
  }
}

interface Hearing<T> {
  readonly hear: (step: T) => void
  /** Called once. */
  readonly end: (unkept?: Unkept) => void
}

/** Ends where the steps do: bytes that belong to an answer may follow the event that ends it. */
class HeardSteps<T> implements AsyncIterableIterator<T> {
  readonly #steps: AsyncIterator<T>
  readonly #hear: Hearing<T>['hear']
  #end: Hearing<T>['end'] | undefined

  constructor(steps: AsyncIterable<T>, { hear, end }: Hearing<T>) {
    this.#steps = steps[Symbol.asyncIterator]()
    this.#hear = hear
    this.#end = end
  }

  async next(): Promise<IteratorResult<T>> {
    try {
      const result = await this.#steps.next()
      if (result.done === true) this.#settle()
      else this.#hear(result.value)
      return result
    } catch (thrown) {
      this.#settle('failed')
      throw thrown
    }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#settle('abandoned')
    await this.#steps.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #settle(unkept?: Unkept): void {
    const end = this.#end
    this.#end = undefined
    end?.(unkept)
  }
}

/** What was taken down of one stream. */
class Take {
  readonly #maxAnswer: number
  readonly #events: ChatEvent[] = []
  readonly #pieces: KeptPiece[] = []
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #length = 0
  #trouble: Unkept | undefined
  #hasFailed = false

  constructor(maxAnswer: number) {
    this.#maxAnswer = maxAnswer
  }

  events(events: readonly ChatEvent[]): void {
    for (const event of events) {
      this.#hasFailed ||= event.type === 'error'
      if (event.type !== 'ping') this.#count(event, this.#events)
    }
  }

  piece({ bytes, ...more }: PassedPiece): void {
    this.#hasFailed ||= more.events.some(({ type }) => type === 'error')
    try {
      this.#count({ text: this.#decoder.decode(bytes), ...more }, this.#pieces)
    } catch {
      this.#trouble ??= 'not-text'
    }
  }

  ended(
    reply: Exclude<ChatReply, { readonly kind: 'whole' }>,
    unkept?: Unkept,
  ): KeptAnswer | Unkept {
    // Who tells a failure on leaves what fails.
    if (this.#hasFailed) return 'failed'
    const trouble = unkept ?? this.#trouble
    if (trouble !== undefined) return trouble
    if (reply.kind === 'stream') {
      return judged({ kind: 'stream', events: this.#events }, this.#maxAnswer)
    }
    const { lane, contentType } = reply
    return judged({ kind: 'bytes', lane, contentType, pieces: this.#pieces }, this.#maxAnswer)
  }

  /** Nothing is held of what is too long already. */
  #count<T>(step: T, steps: T[]): void {
    if (this.#trouble !== undefined) return
    this.#length += JSON.stringify(step).length
    if (this.#length <= this.#maxAnswer) {
      steps.push(step)
      return
    }
    this.#trouble = 'too-large'
    steps.length = 0
  }
}

function judged(answer: KeptAnswer, maxAnswer: number): KeptAnswer | Unkept {
  const events = eventsOf(answer)
  if (events.some(({ type }) => type === 'error')) return 'failed'
  const ends = events.flatMap((event) => (event.type === 'candidate-end' ? [event.finish] : []))
  const isWhole = events.some(({ type }) => type === 'response-end') && ends.length > 0
  if (!isWhole || !ends.every(({ reason }) => ENDS_WELL.has(reason))) return 'cut-short'
  return JSON.stringify(answer).length > maxAnswer ? 'too-large' : answer
}
