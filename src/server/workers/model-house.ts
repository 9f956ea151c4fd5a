// The embedded model of a server with several workers: one process runs it for all of them, and no more calls at once than it has places.
import type { StartWorker, WorkerProcess } from '../../providers/local/worker-process.ts'
import type {
  FromWorker,
  JobEnd,
  JobNews,
  LoadOrder,
  Order,
  ToWorker,
} from '../../providers/local/worker/protocol.ts'
import type { News } from './asks.ts'

/** One runner of one worker. */
interface Guest {
  tell(message: FromWorker): void
  end(how: string): void
}

interface Asked {
  readonly guest: Guest
  /** As the guest counts. */
  readonly id: number
  readonly order: Order
}

/** The runners of one worker. */
export interface ModelDoor {
  hear(runner: number, message: ToWorker): void
  leave(runner: number): void
  /** The worker has died. */
  close(): void
}

const NOTHING_DONE: JobEnd = {
  reason: 'cancelled',
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  promptMs: 0,
  outputMs: 0,
}

export class ModelHouse {
  readonly #start: StartWorker
  /** By what is loaded. */
  readonly #models = new Map<string, Model>()

  constructor(start: StartWorker) {
    this.#start = start
  }

  doorFor(tell: (news: News) => void): ModelDoor {
    const guests = new Map<number, { readonly guest: Guest; readonly model: Model }>()
    const leave = (runner: number): void => {
      const known = guests.get(runner)
      guests.delete(runner)
      known?.model.leave(known.guest)
    }
    return {
      hear: (runner, message) => {
        if (message.type !== 'load') {
          const known = guests.get(runner)
          known?.model.hear(known.guest, message)
          return
        }
        const guest: Guest = {
          tell: (news) => tell({ type: 'from-model', runner, message: news }),
          end: (how) => {
            guests.delete(runner)
            tell({ type: 'model-end', runner, how })
          },
        }
        const model = this.#modelOf(message)
        guests.set(runner, { guest, model })
        model.enter(guest)
      },
      leave,
      close: () => {
        for (const runner of guests.keys()) leave(runner)
      },
    }
  }

  #modelOf(load: LoadOrder): Model {
    const key = JSON.stringify(load)
    const known = this.#models.get(key)
    if (known !== undefined) return known
    const gone = (): void => {
      if (this.#models.get(key) === model) this.#models.delete(key)
    }
    const model = new Model(this.#start(), load, gone)
    this.#models.set(key, model)
    return model
  }
}

/** One process, with those who ask it. */
class Model {
  readonly #process: WorkerProcess
  readonly #places: number
  readonly #gone: () => void
  readonly #guests = new Set<Guest>()
  /** By the id that the process knows it by. */
  readonly #running = new Map<number, Asked>()
  #waiting: readonly Asked[] = []
  #lastId = 0
  #isLoaded = false

  constructor(process: WorkerProcess, load: LoadOrder, gone: () => void) {
    this.#process = process
    this.#places = load.sequences
    this.#gone = gone
    process.onMessage((message) => this.#heard(message))
    process.onExit((how) => this.#exited(how))
    process.send(load)
  }

  enter(guest: Guest): void {
    this.#guests.add(guest)
    if (this.#isLoaded) guest.tell({ type: 'loaded' })
  }

  hear(guest: Guest, message: Exclude<ToWorker, LoadOrder>): void {
    if (message.type === 'cancel') return this.#cancel(guest, message.id)
    const { id, ...order } = message
    this.#waiting = [...this.#waiting, { guest, id, order }]
    this.#next()
  }

  /** What it had asked for stops; with the last one the process ends. */
  leave(guest: Guest): void {
    this.#guests.delete(guest)
    this.#waiting = this.#waiting.filter((asked) => asked.guest !== guest)
    for (const [id, asked] of this.#running) {
      if (asked.guest === guest) this.#process.send({ type: 'cancel', id })
    }
    if (this.#guests.size > 0) return
    this.#gone()
    this.#process.kill()
  }

  #cancel(guest: Guest, id: number): void {
    const isIt = (asked: Asked): boolean => asked.guest === guest && asked.id === id
    if (this.#waiting.some(isIt)) {
      this.#waiting = this.#waiting.filter((asked) => !isIt(asked))
      guest.tell({ type: 'ended', id, end: NOTHING_DONE })
      return
    }
    const running = [...this.#running].find(([, asked]) => isIt(asked))
    if (running !== undefined) this.#process.send({ type: 'cancel', id: running[0] })
  }

  #next(): void {
    const [first, ...others] = this.#waiting
    if (first === undefined || this.#running.size >= this.#places) return
    this.#waiting = others
    this.#lastId += 1
    this.#running.set(this.#lastId, first)
    this.#process.send({ ...first.order, id: this.#lastId })
  }

  #heard(message: FromWorker): void {
    switch (message.type) {
      case 'loaded':
        this.#isLoaded = true
        for (const guest of this.#guests) guest.tell(message)
        return
      case 'load-failed':
        this.#gone()
        for (const guest of this.#guests) guest.tell(message)
        return
      default:
        this.#news(message)
    }
  }

  #news(message: JobNews): void {
    const asked = this.#running.get(message.id)
    if (asked === undefined) return
    if (this.#guests.has(asked.guest)) asked.guest.tell({ ...message, id: asked.id })
    if (message.type === 'begun' || message.type === 'text') return
    this.#running.delete(message.id)
    this.#next()
  }

  #exited(how: string): void {
    this.#gone()
    for (const guest of this.#guests) guest.end(how)
    this.#guests.clear()
  }
}
