// Requests for the server's own tests: what is not said has a harmless default.
import type { After, Inbound } from './message.ts'

export interface InboundOptions {
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
}

export function inbound(options: InboundOptions = {}): Inbound {
  const { method = 'GET', url = '/', headers = {}, body = '', signal } = options
  const given = Object.entries({ host: 'localhost:8787', ...headers })
  return {
    method,
    url,
    headers: Object.fromEntries(
      given.map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
    ),
    readBody: async () => (typeof body === 'string' ? new TextEncoder().encode(body) : body),
    signal: signal ?? new AbortController().signal,
  }
}

interface Timer {
  at: number
  readonly run: () => void
}

/** A clock that moves only when told to. */
export class FakeTime {
  #now = 0
  readonly #timers = new Set<Timer>()

  readonly now = (): number => this.#now

  readonly after: After = (milliseconds, run) => {
    const timer = { at: this.#now + milliseconds, run }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** How many timers are set. */
  get waiting(): number {
    return this.#timers.size
  }

  /** Moves on, runs what has come due, and lets promises settle. */
  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue
      this.#timers.delete(timer)
      timer.run()
    }
    await settled()
  }
}

/** Gives every promise that can go on the time to do so. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}
