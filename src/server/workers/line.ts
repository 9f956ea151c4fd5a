// The line between the primary and one of its workers: questions with answers, and news, in order; what is said in one turn of the event loop goes in one message.
import { type ErrorKind, GatewayError, toGatewayError } from '../../canonical/errors.ts'
import type { AskName, Asks, News } from './asks.ts'

interface Failure {
  readonly kind: ErrorKind
  readonly message: string
  readonly code?: string
}

export type Word =
  | { readonly type: 'ask'; readonly id: number; readonly name: AskName; readonly args: unknown }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'news'; readonly news: News }

/** What one side answers to one kind of question. */
interface Answerer {
  answer(args: unknown): unknown
}

/** By the name of the question. */
export class Answerers {
  readonly #known = new Map<AskName, Answerer>()

  on<Name extends AskName>(
    name: Name,
    answer: (args: Asks[Name]['args']) => Asks[Name]['answer'] | Promise<Asks[Name]['answer']>,
  ): this {
    this.#known.set(name, { answer })
    return this
  }

  answer(name: AskName, args: unknown): unknown {
    const known = this.#known.get(name)
    if (known === undefined) throw new TypeError(`nobody answers ${name} here`)
    return known.answer(args)
  }
}

export interface LineOptions {
  readonly send: (words: readonly Word[]) => void
  readonly answerers: Answerers
  readonly hear: (news: News) => void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

export class Line {
  readonly #options: LineOptions
  readonly #waiting = new Map<number, Waiting>()
  #words: Word[] = []
  #nextId = 1
  #isEnded = false

  constructor(options: LineOptions) {
    this.#options = options
  }

  /** Rejects where the other side fails, or has gone. */
  ask<Name extends AskName>(name: Name, args: Asks[Name]['args']): Promise<Asks[Name]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#isEnded) {
        reject(gone())
        return
      }
      const id = this.#nextId
      this.#nextId += 1
      // What comes back is what a question of that name is answered with.
      const waiting: Waiting = { resolve, reject }
      this.#waiting.set(id, waiting)
      this.#say({ type: 'ask', id, name, args })
    })
  }

  tell(news: News): void {
    this.#say({ type: 'news', news })
  }

  receive(words: readonly Word[]): void {
    for (const word of words) this.#receive(word)
  }

  /** Sends what waits. */
  flush(): void {
    const words = this.#words
    this.#words = []
    if (words.length > 0 && !this.#isEnded) this.#options.send(words)
  }

  /** The other side has gone. */
  end(): void {
    this.#isEnded = true
    for (const waiting of this.#waiting.values()) waiting.reject(gone())
    this.#waiting.clear()
  }

  #receive(word: Word): void {
    switch (word.type) {
      case 'news':
        this.#options.hear(word.news)
        return
      case 'ask':
        this.#answer(word)
        return
      case 'answer':
        this.#take(word.id)?.resolve(word.value)
        return
      case 'failure': {
        const { kind, message, code } = word.failure
        const details = code === undefined ? {} : { code }
        this.#take(word.id)?.reject(new GatewayError(kind, message, details))
      }
    }
  }

  #answer({ id, name, args }: Extract<Word, { readonly type: 'ask' }>): void {
    const fail = (thrown: unknown): void => {
      const { kind, message, code } = toGatewayError(thrown)
      const failure = code === undefined ? { kind, message } : { kind, message, code }
      this.#say({ type: 'failure', id, failure })
    }
    try {
      const answered = this.#options.answerers.answer(name, args)
      // What is known at once is said at once: most questions are of a count in memory.
      if (answered instanceof Promise) {
        answered.then((value: unknown) => this.#say({ type: 'answer', id, value }), fail)
      } else this.#say({ type: 'answer', id, value: answered })
    } catch (thrown) {
      fail(thrown)
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #say(word: Word): void {
    if (this.#words.length === 0) setImmediate(() => this.flush())
    this.#words.push(word)
  }
}

function gone(): GatewayError {
  return new GatewayError('internal', 'The other processes of this server cannot be asked.', {
    code: 'worker_gone',
  })
}
