// One HTTP call over undici's dispatch: phase clocks, back-pressure, and an end that closes the socket.
import type { Dispatcher } from 'undici'
import type { GatewayError } from '../canonical/errors.ts'
import {
  type Phase,
  type Progress,
  abortError,
  cancelledError,
  connectionError,
  timeoutError,
} from './failure.ts'
import type { Timeouts, TransportResponse } from './transport.ts'

interface Waiting<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: GatewayError) => void
}

/** As undici gives them: lower-case names, repeated headers as a list. */
type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>

/** How much of an unwanted rest is worth reading to keep the connection. */
const REST = { maxBytes: 64 * 1024, ms: 1000 } as const

const DONE: IteratorResult<Uint8Array> = { done: true, value: undefined }

/** The handler of one dispatch, and the body's iterator. Settles once; whatever ends it early destroys the socket. */
export class Call implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array> {
  readonly #timeouts: Timeouts
  readonly #signal: AbortSignal
  readonly #onAbort: () => void
  readonly #total: NodeJS.Timeout
  #phase: NodeJS.Timeout | undefined
  #controller: Dispatcher.DispatchController | undefined
  #head: Waiting<TransportResponse> | undefined
  #reader: Waiting<IteratorResult<Uint8Array>> | undefined
  #chunks: Uint8Array[] = []
  /** Bytes of the rest that may still be thrown away; undefined while the body is wanted. */
  #discard: number | undefined
  #ended = false
  #progress: Progress = 'connecting'
  #failure: GatewayError | undefined

  constructor(timeouts: Timeouts, signal: AbortSignal) {
    this.#timeouts = timeouts
    this.#signal = signal
    this.#onAbort = (): void => this.#fail(abortError(signal))
    signal.addEventListener('abort', this.#onAbort, { once: true })
    const { totalMs } = timeouts
    this.#total = setTimeout(() => this.#fail(timeoutError('total', totalMs)), totalMs)
  }

  /** Starts the call; resolves with the head of the answer. */
  start(begin: (handler: Dispatcher.DispatchHandler) => void): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      this.#head = { resolve, reject }
      if (this.#signal.aborted) this.#onAbort()
      else begin(this)
    })
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
    clearTimeout(this.#phase)
    this.#head?.resolve({
      status,
      headers: joined(headers),
      body: this,
      cancel: () => this.#fail(cancelledError()),
      release: () => this.#release(),
    })
    this.#head = undefined
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#discard !== undefined) {
      this.#discard -= chunk.length
      if (this.#discard < 0) this.#fail(cancelledError())
      return
    }
    clearTimeout(this.#phase)
    const reader = this.#reader
    if (reader === undefined) {
      this.#chunks.push(chunk)
      controller.pause()
      return
    }
    this.#reader = undefined
    reader.resolve({ done: false, value: chunk })
  }

  onResponseEnd(): void {
    this.#ended = true
    this.#settle()
    this.#reader?.resolve(DONE)
    this.#reader = undefined
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(connectionError(error, this.#progress))
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk })
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#ended) return Promise.resolve(DONE)
    this.#watch('idle', this.#timeouts.idleMs)
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
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

  #watch(phase: Phase, ms: number): void {
    clearTimeout(this.#phase)
    this.#phase = setTimeout(() => {
      // Where the event loop stood still, what has come meanwhile is still to be heard: only who then still waits is late.
      const waiting = this.#head ?? this.#reader
      setImmediate(() => {
        if ((this.#head ?? this.#reader) === waiting) this.#fail(timeoutError(phase, ms))
      })
    }, ms)
  }

  #fail(error: GatewayError): void {
    if (this.#ended || this.#failure !== undefined) return
    this.#failure = error
    this.#settle()
    this.#controller?.abort(error)
    this.#head?.reject(error)
    this.#reader?.reject(error)
    this.#head = undefined
    this.#reader = undefined
  }

  #release(): void {
    if (this.#ended || this.#failure !== undefined || this.#discard !== undefined) return
    this.#discard = REST.maxBytes
    clearTimeout(this.#phase)
    this.#phase = setTimeout(() => this.#fail(cancelledError()), REST.ms)
    this.#controller?.resume()
  }

  #settle(): void {
    clearTimeout(this.#phase)
    clearTimeout(this.#total)
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}

function joined(headers: HeaderRecord): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return result
}
