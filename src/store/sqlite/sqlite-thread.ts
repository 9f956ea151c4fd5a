// A thread that has the database, seen from the one that asks: started when it is needed, and anew where it has died. What is asked of
// it in one turn of the event loop, or while it is at work, it is told with one message: waking a thread costs more than most of what it is asked.
import { Worker } from 'node:worker_threads'
import { GatewayError } from '../../canonical/errors.ts'
import { storeError } from '../store-failure.ts'
import type { Answer, FromThread, Request, Start, ToThread } from './protocol.ts'

export interface ThreadOptions {
  readonly start: Start
  /** What it runs. */
  readonly code: URL
  /** Hears how many became permanent together, and how long that took. */
  readonly committed?: (operations: number, elapsedMs: number) => void
  /** Hears how long it took to open and check the file. */
  readonly opened?: (elapsedMs: number) => void
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** One life of it. */
interface Life {
  readonly worker: Worker
  readonly ended: Promise<void>
}

export class SqliteThread {
  readonly #options: ThreadOptions
  readonly #waiting = new Map<number, Waiting>()
  #life: Promise<Life> | undefined
  #asked: Request[] = []
  /** How many it has been told of and has not answered. */
  #atWork = 0
  #isGathering = false
  #nextId = 1
  #isClosing = false

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  /** How many operations it has not ended. */
  get load(): number {
    return this.#waiting.size
  }

  /** Resolves once the file is open. Throws GatewayError `store_…`. */
  async open(): Promise<void> {
    await (this.#life ??= this.#begin())
  }

  /** What comes back is what the operation of that name gave on the other side. */
  run<Result>(name: string, args: unknown): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#isClosing) {
        reject(storeError('unavailable', this.#options.start.path))
        return
      }
      const id = this.#nextId
      this.#nextId += 1
      this.#waiting.set(id, { resolve, reject })
      this.#asked.push({ id, name, args })
      this.#gather()
    })
  }

  /** Ends what was begun. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#flush()
    const life = await this.#life?.catch(() => undefined)
    if (life === undefined) return
    post(life.worker, { type: 'close' })
    await life.ended
  }

  #gather(): void {
    if (this.#isGathering || this.#atWork > 0 || this.#asked.length === 0) return
    this.#isGathering = true
    setImmediate(() => {
      this.#isGathering = false
      void this.#flush()
    })
  }

  /** Never rejects: whoever asked is told. */
  async #flush(): Promise<void> {
    const requests = this.#asked
    if (requests.length === 0) return
    this.#asked = []
    this.#atWork += requests.length
    try {
      const { worker } = await (this.#life ??= this.#begin())
      post(worker, { type: 'run', requests })
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      for (const { id } of requests) this.#end(id)?.reject(error)
      this.#worked(requests.length)
    }
  }

  #worked(requests: number): void {
    this.#atWork -= requests
    this.#gather()
  }

  async #begin(): Promise<Life> {
    const { start, code, opened } = this.#options
    // A report of Node's on a crash tells the environment of each thread that does not forbid it.
    const execArgv = ['--report-exclude-env']
    const worker = new Worker(code, { workerData: start, execArgv })
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve())
    })
    try {
      const first = await firstWord(worker)
      if (first.type === 'refused') throw storeError(first.failure, start.path, first.message)
      if (first.type === 'opened') opened?.(first.elapsedMs)
    } catch (thrown) {
      this.#life = undefined
      await worker.terminate()
      throw thrown instanceof GatewayError ? thrown : storeError('failed', start.path, thrown)
    }
    this.#hear(worker)
    return { worker, ended }
  }

  #hear(worker: Worker): void {
    let cause: unknown
    worker.on('message', (message: FromThread) => {
      if (message.type !== 'answers') return
      const { answers, committedMs } = message
      if (committedMs !== undefined) this.#options.committed?.(answers.length, committedMs)
      for (const answer of answers) this.#settle(answer)
      this.#worked(answers.length)
    })
    worker.on('error', (thrown) => {
      cause = thrown
    })
    worker.once('exit', () => this.#lose(cause))
  }

  #settle(answer: Answer): void {
    const waiting = this.#end(answer.id)
    if (answer.ok) waiting?.resolve(answer.result)
    else waiting?.reject(storeError(answer.failure, this.#options.start.path, answer.message))
  }

  #end(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  /** It died: the next that is asked begins another one. What it was at may have become permanent. */
  #lose(cause: unknown): void {
    this.#life = undefined
    const { path, task } = this.#options.start
    const sent = new Set(this.#waiting.keys())
    for (const { id } of this.#asked) sent.delete(id)
    const failure = task === 'changes' ? 'uncertain' : 'unavailable'
    for (const id of sent) this.#end(id)?.reject(storeError(failure, path, cause))
    this.#worked(this.#atWork)
  }
}

async function firstWord(worker: Worker): Promise<FromThread> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread ended')))
  })
}

function post(worker: Worker, message: ToThread): void {
  worker.postMessage(message)
}
