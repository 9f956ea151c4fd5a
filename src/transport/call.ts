// One HTTP call over undici's dispatch: phase clocks, back-pressure, and an end that closes the socket.
import type { Dispatcher } from 'undici'
import type { GatewayError } from '../canonical/errors.ts'
import { type Deadlines, Watch } from './deadlines.ts'
import {
  type Phase,
  type Progress,
  abortError,
  cancelledError,
  connectionError,
  timeoutError,
  tooLongError,
} from './failure.ts'
import type { AnswerBody, Timeouts, TransportResponse } from './transport.ts'

interface Waiting<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: GatewayError) => void
}

/** Who wants the body at once, and how much of it at most. */
interface Gathering extends Waiting<Uint8Array> {
  readonly maxBytes: number
}

/** As undici gives them: lower-case names, repeated headers as a list. */
type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>

/** How much of an unwanted rest is worth reading to keep the connection. */
const REST = { maxBytes: 64 * 1024, ms: 1000 } as const

/** How much may lie here unread before the upstream is paused: what comes with the head never pauses anybody. */
const AHEAD_BYTES = 16 * 1024

const DONE: IteratorResult<Uint8Array> = { done: true, value: undefined }
const ONCE = { once: true } as const

export interface CallOptions {
  readonly timeouts: Timeouts
  readonly signal: AbortSignal
  readonly deadlines: Deadlines
}

/** The handler of one dispatch, its answer, and the answer's body. Settles once; whatever ends it early destroys the socket. */
export class Call
  implements
    Dispatcher.DispatchHandler,
    TransportResponse,
    AnswerBody,
    AsyncIterableIterator<Uint8Array>
{
  status = 0
  headers: Readonly<Record<string, string>> = {}
  readonly #timeouts: Timeouts
  readonly #signal: AbortSignal
  readonly #onAbort: () => void
  readonly #total: Watch
  readonly #clock: Watch
  #phase: Phase = 'first byte'
  #controller: Dispatcher.DispatchController | undefined
  #head: Waiting<TransportResponse> | undefined
  #reader: Waiting<IteratorResult<Uint8Array>> | undefined
  #gathering: Gathering | undefined
  #chunks: Uint8Array[] = []
  /** Bytes in `chunks`. */
  #ahead = 0
  /** Bytes of the rest that may still be thrown away; undefined while the body is wanted. */
  #discard: number | undefined
  #ended = false
  #progress: Progress = 'connecting'
  #failure: GatewayError | undefined

  constructor({ timeouts, signal, deadlines }: CallOptions) {
    this.#timeouts = timeouts
    this.#signal = signal
    this.#onAbort = (): void => this.#fail(abortError(signal))
    signal.addEventListener('abort', this.#onAbort, ONCE)
    this.#total = new Watch(deadlines, (ms) => this.#fail(timeoutError('total', ms)))
    this.#clock = new Watch(deadlines, (ms) => this.#late(ms))
    this.#total.start(timeouts.totalMs)
  }

  /** Starts the call; resolves with the head of the answer. */
  start(begin: (handler: Dispatcher.DispatchHandler) => void): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      this.#head = { resolve, reject }
      if (this.#signal.aborted) this.#onAbort()
      else begin(this)
    })
  }

  get body(): this {
    return this
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#progress = 'asked'
    if (this.#failure !== undefined) controller.abort(this.#failure)
    else this.#watch('first byte', this.#timeouts.firstByteMs)
  }

  onResponseStarted(): void {
    this.#progress = 'begun'
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: HeaderRecord,
  ): void {
    // 1xx answers come before the real one.
    if (status < 200) return
    this.#progress = 'answering'
    this.#clock.stop()
    this.status = status
    this.headers = joined(headers)
    this.#head?.resolve(this)
    this.#head = undefined
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#discard !== undefined) {
      this.#discard -= chunk.length
      if (this.#discard < 0) this.#fail(cancelledError())
      return
    }
    if (this.#reader !== undefined && this.#chunks.length === 0) queueMicrotask(this.#give)
    this.#chunks.push(chunk)
    this.#ahead += chunk.length
    const gathering = this.#gathering
    if (gathering === undefined) {
      if (this.#ahead >= AHEAD_BYTES) controller.pause()
    } else if (this.#ahead > gathering.maxBytes) this.#fail(tooLongError(gathering.maxBytes))
    else this.#watch('idle', this.#timeouts.idleMs)
  }

  onResponseEnd(): void {
    this.#ended = true
    this.#settle()
    if (this.#chunks.length === 0) {
      this.#reader?.resolve(DONE)
      this.#reader = undefined
    }
    this.#gathering?.resolve(this.#gathered())
    this.#gathering = undefined
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(connectionError(error, this.#progress))
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#chunks.length > 0) return Promise.resolve({ done: false, value: this.#gathered() })
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#ended) return Promise.resolve(DONE)
    this.#watch('idle', this.#timeouts.idleMs)
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
      this.#controller?.resume()
    })
  }

  whole(maxBytes: number): Promise<Uint8Array> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#ahead > maxBytes) {
      const error = tooLongError(maxBytes)
      this.#fail(error)
      return Promise.reject(error)
    }
    if (this.#ended) return Promise.resolve(this.#gathered())
    this.#watch('idle', this.#timeouts.idleMs)
    return new Promise((resolve, reject) => {
      this.#gathering = { maxBytes, resolve, reject }
      this.#controller?.resume()
    })
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    if (this.#discard === undefined) this.#fail(cancelledError())
    this.#chunks = []
    return Promise.resolve(DONE)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  cancel(): void {
    this.#fail(cancelledError())
  }

  release(): void {
    if (this.#ended || this.#failure !== undefined || this.#discard !== undefined) return
    this.#discard = REST.maxBytes
    this.#clock.start(REST.ms)
    this.#controller?.resume()
  }

  /** All that one read of the network brought goes to the reader at once, however many pieces HTTP had it in. */
  readonly #give = (): void => {
    const reader = this.#reader
    if (reader === undefined || this.#chunks.length === 0) return
    this.#clock.stop()
    this.#reader = undefined
    reader.resolve({ done: false, value: this.#gathered() })
  }

  #gathered(): Uint8Array {
    const chunks = this.#chunks
    this.#chunks = []
    this.#ahead = 0
    const [only] = chunks
    return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)
  }

  #watch(phase: Phase, ms: number): void {
    this.#phase = phase
    this.#clock.start(ms)
  }

  #late(ms: number): void {
    this.#fail(this.#discard === undefined ? timeoutError(this.#phase, ms) : cancelledError())
  }

  #fail(error: GatewayError): void {
    if (this.#ended || this.#failure !== undefined) return
    this.#failure = error
    this.#settle()
    this.#controller?.abort(error)
    this.#head?.reject(error)
    this.#give()
    this.#reader?.reject(error)
    this.#gathering?.reject(error)
    this.#head = undefined
    this.#reader = undefined
    this.#gathering = undefined
  }

  #settle(): void {
    this.#clock.stop()
    this.#total.stop()
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}

/** The same where no header is repeated. */
function joined(headers: HeaderRecord): Readonly<Record<string, string>> {
  if (isPlain(headers)) return headers
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return result
}

function isPlain(headers: HeaderRecord): headers is Readonly<Record<string, string>> {
  for (const name of Object.keys(headers)) if (typeof headers[name] !== 'string') return false
  return true
}
