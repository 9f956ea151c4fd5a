// SQLite on a thread of its own, so that no write to the disk holds up a call.
import { Worker } from 'node:worker_threads'
import type { Database, Operation } from '../operation.ts'
import { storeError } from '../store-failure.ts'
import type { Answer, FromThread, Request, Start, ToThread } from './protocol.ts'

// As source when Patchbay runs from its source, compiled when it is installed.
const THREAD = import.meta.url.endsWith('.ts')
  ? new URL('./thread.ts', import.meta.url)
  : new URL('./thread.js', import.meta.url)

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

export class ThreadedSqlite implements Database {
  readonly isShared = true
  readonly #worker: Worker
  readonly #path: string
  readonly #waiting = new Map<number, Waiting>()
  readonly #ended: Promise<void>
  #asked: Request[] = []
  #nextId = 1
  #isOpen = true

  private constructor(worker: Worker, path: string) {
    this.#worker = worker
    this.#path = path
    worker.on('message', (message: FromThread) => {
      if (message.type === 'answers') for (const answer of message.answers) this.#settle(answer)
    })
    worker.on('error', (cause) => this.#lose(cause))
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#lose(undefined)
        resolve()
      })
    })
  }

  /** Resolves once the file is open and its tables are up to date. Throws GatewayError `store_…`. */
  static async open(start: Start): Promise<ThreadedSqlite> {
    // A report of Node's on a crash tells the environment of each thread that does not forbid it.
    const worker = new Worker(THREAD, {
      workerData: start,
      execArgv: ['--report-exclude-env'],
    })
    const first = await new Promise<FromThread>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    }).catch((cause: unknown) => {
      throw storeError('failed', start.path, cause)
    })
    if (first.type === 'refused') {
      await worker.terminate()
      throw storeError(first.failure, start.path, first.message)
    }
    return new ThreadedSqlite(worker, start.path)
  }

  run<Args, Result>(operation: Operation<Args, Result>, args: Args): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (!this.#isOpen) {
        reject(storeError('unavailable', this.#path))
        return
      }
      const id = this.#nextId
      this.#nextId += 1
      const waiting: Waiting = { resolve, reject }
      this.#waiting.set(id, waiting)
      if (this.#asked.length === 0) queueMicrotask(() => this.#flush())
      this.#asked.push({ id, name: operation.name, args })
    })
  }

  async close(): Promise<void> {
    if (this.#isOpen) {
      this.#flush()
      this.#isOpen = false
      this.#post({ type: 'close' })
    }
    await this.#ended
  }

  #flush(): void {
    const requests = this.#asked
    this.#asked = []
    if (requests.length > 0) this.#post({ type: 'run', requests })
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.ok) waiting?.resolve(answer.result)
    else waiting?.reject(storeError(answer.failure, this.#path, answer.message))
  }

  #lose(cause: unknown): void {
    this.#isOpen = false
    const lost = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const one of lost) one.reject(storeError('unavailable', this.#path, cause))
  }
}
