// A body that is pulled from the steps of a stream: a word in each long silence, an end in words when the client or the server leaves, and one timer for all of it.
import { toGatewayError } from '../canonical/errors.ts'
import { Wait } from '../canonical/wait.ts'
import type { After } from './message.ts'

export interface PaceOptions {
  /** Silence after which a sign of life is sent, in milliseconds. */
  readonly keepAliveMs: number
  readonly after: After
  /** Aborts when the client has gone or the server stops; its reason becomes the in-band error. */
  readonly signal: AbortSignal
}

type Piece = string | Uint8Array

interface Reader {
  readonly resolve: (piece: IteratorResult<Piece>) => void
  readonly reject: (thrown: unknown) => void
}

const DONE = { done: true, value: undefined } as const

/** Asks for a step only when its reader wants a piece; leaving it early cancels the steps, be it before the first. */
export abstract class PacedBody<T> implements AsyncIterableIterator<Piece> {
  readonly #steps: AsyncIterator<T>
  readonly #options: PaceOptions
  readonly #silence: Wait
  #pieces: Piece[] = []
  #reader: Reader | undefined
  /** What has thrown and could not be said; it is told behind the pieces. */
  #thrown: { readonly error: unknown } | undefined
  #isAsked = false
  #isHeeding = false
  #isOver = false

  constructor(steps: AsyncIterable<T>, options: PaceOptions) {
    this.#steps = steps[Symbol.asyncIterator]()
    this.#options = options
    this.#silence = new Wait(options.after, () => this.#silent())
  }

  /** Says what a step says. Throws the failure that it tells of. */
  protected abstract step(step: T): void

  /** Says that nothing has come for long. */
  protected abstract silence(): void

  /** Says what is owed at the end. */
  protected abstract end(): void

  /** Says that it broke, and what is owed then. Throws where no word fits. */
  protected abstract fail(thrown: unknown): void

  protected say(piece: Piece): void {
    if (piece.length > 0) this.#pieces.push(piece)
  }

  next(): Promise<IteratorResult<Piece>> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
      this.#heed()
      this.#serve()
    })
  }

  async return(): Promise<IteratorResult<Piece>> {
    this.#pieces = []
    this.#leave()
    return DONE
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Gives the reader what there is, or sees to it that something comes. */
  #serve(): void {
    const reader = this.#reader
    if (reader === undefined) return
    const piece = this.#pieces.shift()
    if (piece === undefined && !this.#isOver) return this.#ask()
    this.#reader = undefined
    if (piece !== undefined) reader.resolve({ done: false, value: piece })
    else if (this.#thrown === undefined) reader.resolve(DONE)
    else {
      reader.reject(this.#thrown.error)
      this.#thrown = undefined
    }
  }

  #ask(): void {
    this.#silence.begin(this.#options.keepAliveMs)
    if (this.#isAsked) return
    this.#isAsked = true
    this.#steps.next().then(this.#came, this.#broke)
  }

  readonly #came = (step: IteratorResult<T>): void => {
    this.#isAsked = false
    if (this.#isOver) return
    this.#silence.end()
    if (step.done === true) this.#stop(() => this.end())
    else {
      try {
        this.step(step.value)
      } catch (thrown) {
        return this.#fail(thrown)
      }
    }
    this.#serve()
  }

  readonly #broke = (thrown: unknown): void => {
    if (!this.#isOver) this.#fail(thrown)
  }

  readonly #aborted = (): void => {
    // A reader that is still at its last piece hears of it when it wants the next.
    if (this.#reader !== undefined && !this.#isOver && this.#pieces.length === 0) {
      this.#fail(this.#options.signal.reason)
    }
  }

  #silent(): void {
    this.silence()
    this.#serve()
  }

  #heed(): void {
    const { signal } = this.#options
    if (!this.#isHeeding && !this.#isOver) {
      this.#isHeeding = true
      signal.addEventListener('abort', this.#aborted)
    }
    if (signal.aborted) this.#aborted()
  }

  #fail(thrown: unknown): void {
    this.#stop(() => this.fail(toGatewayError(thrown)))
    // Not awaited: a provider that is still waiting for its upstream would hold the client up.
    this.#steps.return?.().catch(() => undefined)
    this.#serve()
  }

  #stop(last: () => void): void {
    this.#isOver = true
    this.#silence.close()
    this.#options.signal.removeEventListener('abort', this.#aborted)
    try {
      last()
    } catch (error) {
      this.#thrown = { error }
    }
  }

  #leave(): void {
    if (this.#isOver) return
    this.#stop(() => undefined)
    this.#steps.return?.().catch(() => undefined)
    this.#serve()
  }
}
