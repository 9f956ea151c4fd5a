// Events as a stream for one listener: sent as they happen, kept alive in silence, and bounded where the listener is slow.
import type { Happenings } from '../exchange/happenings.ts'
import type { JsonObject } from '../wire/json.ts'
import { eventView } from './event-view.ts'
import type { After } from './message.ts'

export interface EventSource {
  readonly happenings: Happenings
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly after: After
  /** Silence after which a sign of life is sent, in milliseconds. */
  readonly keepAliveMs: number
  /** Aborts when the server stops: what is waiting is sent, and then it ends. */
  readonly stopping: AbortSignal
}

export interface EventStreamOptions extends EventSource {
  /** Aborts when the listener has gone. */
  readonly signal: AbortSignal
  /** Events that wait for a slow listener; the oldest give way, and their number is told. Default 256. */
  readonly maxWaiting?: number
}

const MAX_WAITING = 256

export async function* eventStream(options: EventStreamOptions): AsyncGenerator<string> {
  const { now, signal, stopping } = options
  const queue = new Queue(options)
  try {
    // Says at once that it listens, so that a client knows from when on it hears all.
    yield frame('listening', { at: instant(now()) })
    while (!signal.aborted) {
      const next = queue.next()
      if (next !== undefined) yield next
      else if (stopping.aborted) return
      else if ((await queue.waited()) === 'silence') yield ': alive\n\n'
    }
  } finally {
    queue.close()
  }
}

/** What one listener has still to hear. */
class Queue {
  readonly #options: EventStreamOptions
  readonly #waiting: string[] = []
  readonly #stop: () => void
  readonly #wake = (): void => this.#woken?.()
  #woken: (() => void) | undefined
  #lost = 0

  constructor(options: EventStreamOptions) {
    this.#options = options
    const { happenings, now, signal, stopping, maxWaiting = MAX_WAITING } = options
    this.#stop = happenings.listen((fact) => {
      const view = eventView(fact)
      if (view === undefined) return
      this.#waiting.push(frame(view.name, { at: instant(now()), ...view.data }))
      if (this.#waiting.length > maxWaiting) {
        this.#waiting.shift()
        this.#lost += 1
      }
      this.#wake()
    })
    for (const end of [signal, stopping]) end.addEventListener('abort', this.#wake)
  }

  next(): string | undefined {
    if (this.#lost === 0) return this.#waiting.shift()
    const lost = frame('lost', { events: this.#lost })
    this.#lost = 0
    return lost
  }

  /** Until something has happened, or for so long. */
  waited(): Promise<'woken' | 'silence'> {
    const { after, keepAliveMs } = this.#options
    return new Promise((resolve) => {
      const callOff = after(keepAliveMs, () => resolve('silence'))
      this.#woken = () => {
        callOff()
        resolve('woken')
      }
    })
  }

  close(): void {
    const { signal, stopping } = this.#options
    this.#stop()
    for (const end of [signal, stopping]) end.removeEventListener('abort', this.#wake)
  }
}

function frame(name: string, data: JsonObject): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
