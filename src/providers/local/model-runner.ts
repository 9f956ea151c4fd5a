// One model in one child process: started by the first call, again after a crash, stopped when nobody asks any more.
import { GatewayError } from '../../canonical/errors.ts'
import { Channel } from './channel.ts'
import { Slots } from './slots.ts'
import type { StartWorker, WorkerProcess } from './worker-process.ts'
import type { FromWorker, Job, JobNews, LoadOrder, Order } from './worker/protocol.ts'

export interface RunnerOptions {
  readonly load: LoadOrder
  /** How many calls may wait. */
  readonly queue: number
  /** How long the model stays in memory after its last call. */
  readonly idleMs: number
  readonly start: StartWorker
}

interface Call {
  readonly news: Channel<JobNews>
  readonly release: () => void
}

interface Worker {
  readonly process: WorkerProcess
  /** Those that the process has been told of and has not ended yet. */
  readonly calls: Map<number, Call>
  readonly loaded: PromiseWithResolvers<void>
}

export class ModelRunner {
  readonly #options: RunnerOptions
  readonly #slots: Slots
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #lastId = 0
  #closed = false

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#slots = new Slots({ slots: options.load.sequences, queue: options.queue })
  }

  /** The id of the process while there is one. */
  get pid(): number | undefined {
    return this.#worker?.process.pid
  }

  /** The news of one generation. Leaving the iteration, or aborting the signal, stops it after the token at hand. */
  run(job: Job, signal: AbortSignal): AsyncGenerator<JobNews> {
    return this.order({ type: 'run', job }, signal)
  }

  /** The same of any order. */
  async *order(order: Order, signal: AbortSignal): AsyncGenerator<JobNews> {
    const release = await this.#slots.take(signal)
    const { worker, id, news } = await this.#begin(order, { release, signal })
    const cancel = (): void => {
      worker.process.send({ type: 'cancel', id })
    }
    const leave = (): void => news.fail(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    try {
      signal.throwIfAborted()
      yield* news
    } finally {
      signal.removeEventListener('abort', leave)
      // Its slot is free when the process says that it has stopped, not before.
      if (worker.calls.has(id)) cancel()
    }
  }

  /** Stops the process; the calls in it fail. */
  close(): void {
    this.#closed = true
    this.#stop()
  }

  async #begin(
    order: Order,
    { release, signal }: { readonly release: () => void; readonly signal: AbortSignal },
  ): Promise<{ readonly worker: Worker; readonly id: number; readonly news: Channel<JobNews> }> {
    try {
      const worker = this.#ensureWorker()
      await unlessAborted(worker.loaded.promise, signal)
      const id = (this.#lastId += 1)
      const news = new Channel<JobNews>()
      worker.calls.set(id, { news, release })
      worker.process.send({ ...order, id })
      return { worker, id, news }
    } catch (error) {
      release()
      this.#rest()
      throw error
    }
  }

  #ensureWorker(): Worker {
    clearTimeout(this.#idle)
    if (this.#closed) {
      throw new GatewayError('cancelled', 'The embedded model has been closed.', {
        code: 'local_closed',
      })
    }
    this.#worker?.process.hold()
    this.#worker ??= this.#start()
    return this.#worker
  }

  #start(): Worker {
    const process = this.#options.start()
    const loaded = Promise.withResolvers<void>()
    // Whoever waits for it hears of a failure; that nobody does must not end the program.
    loaded.promise.catch(() => undefined)
    const worker: Worker = { process, calls: new Map(), loaded }
    process.onMessage((message) => this.#heard(worker, message))
    process.onExit((how) => this.#exited(worker, how))
    process.send(this.#options.load)
    return worker
  }

  #heard(worker: Worker, message: FromWorker): void {
    switch (message.type) {
      case 'loaded':
        worker.loaded.resolve()
        return
      case 'load-failed':
        worker.loaded.reject(
          new GatewayError(
            'upstream',
            `The embedded model could not be loaded from ${this.#options.load.modelPath}: ${message.message}`,
            { code: 'local_load_failed' },
          ),
        )
        this.#discard(worker)
        return
      case 'begun':
      case 'text':
        worker.calls.get(message.id)?.news.push(message)
        return
      case 'ended':
      case 'embedded':
      case 'counted':
      case 'refused': {
        const call = worker.calls.get(message.id)
        worker.calls.delete(message.id)
        call?.news.push(message)
        call?.news.end()
        call?.release()
        this.#rest()
        return
      }
    }
  }

  #exited(worker: Worker, how: string): void {
    const error = new GatewayError(
      'upstream',
      this.#closed
        ? 'The embedded model was closed while it answered.'
        : `The process of the embedded model ended while it was in use (${how}). The next call starts it again.`,
      { code: 'local_worker_exited' },
    )
    worker.loaded.reject(error)
    for (const { news, release } of worker.calls.values()) {
      news.fail(error)
      release()
    }
    worker.calls.clear()
    if (this.#worker === worker) this.#worker = undefined
  }

  /** After the last call: the process may be left behind by the program, and ends by itself after a while. */
  #rest(): void {
    if (!this.#slots.idle || this.#worker === undefined) return
    this.#worker.process.letGo()
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#stop(), this.#options.idleMs)
    this.#idle.unref()
  }

  #stop(): void {
    clearTimeout(this.#idle)
    if (this.#worker !== undefined) this.#discard(this.#worker)
  }

  #discard(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined
    worker.process.kill()
  }
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = (): void => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  try {
    await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
