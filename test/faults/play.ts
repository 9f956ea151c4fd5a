// Plays the script of one call on its socket: the good answer, with every deed at its place.
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { tryParseJson } from '../../src/wire/json.ts'
import type { Fault, Place, RawAnswer, Script } from './fault.ts'
import type { Truth } from './faulty-upstream.ts'
import { type GoodAnswer, goodAnswer, numberIn } from './good-answer.ts'

export class Play {
  readonly #socket: Socket
  readonly #script: Script
  #slice = 0

  constructor(socket: Socket, script: Script) {
    this.#socket = socket
    this.#script = script
  }

  /** What happens to a connection before a request is whole; whether that was its end. */
  connection(place: Place): boolean {
    for (const fault of this.#at(place)) {
      if (fault.do === 'garbage') this.#socket.write(fault.bytes)
      else if (this.#isEnd(fault)) return true
    }
    return false
  }

  async answer(truth: Truth): Promise<void> {
    if (await this.#did(this.#at('head'), truth)) return
    const { contentType, frames } = this.#answerTo(truth)
    const lines = this.#at('head').flatMap((fault) => (fault.do === 'header' ? fault.lines : []))
    const head = ['HTTP/1.1 200 OK', `content-type: ${contentType}`, ...lines]
    if (!isSized(lines)) head.push('transfer-encoding: chunked')
    await this.#write(`${head.join('\r\n')}\r\n\r\n`, truth)
    const isChunked = !isSized(lines)
    if (await this.#body(frames, { truth, isChunked })) return
    truth.finished = true
    await this.#write(isChunked ? '0\r\n\r\n' : '', truth)
  }

  /** Whether something ended it. */
  async #body(
    frames: readonly string[],
    { truth, isChunked }: { readonly truth: Truth; readonly isChunked: boolean },
  ): Promise<boolean> {
    let written = 0
    for (const [count, frame] of frames.entries()) {
      if (await this.#did(this.#at({ frame: count }), truth)) return true
      const bytes = Buffer.from(frame)
      let from = 0
      for (const fault of this.#script.filter(({ at }) => isInside(at, written, bytes.length))) {
        const { at } = fault
        const to = typeof at === 'object' && 'body' in at ? at.body - written : 0
        await this.#piece(bytes.subarray(from, to), truth, isChunked)
        if (await this.#did([fault], truth)) return true
        from = to
      }
      await this.#piece(bytes.subarray(from), truth, isChunked)
      truth.tokens += 1
      written += bytes.length
    }
    return this.#did(this.#at('end'), truth)
  }

  #answerTo({ dialect, number, request }: Truth): GoodAnswer {
    const { method, path, body } = request
    const [bare = '', query = ''] = path.split('?')
    const decoded = dialect.request.decode({
      method,
      path: bare,
      query: Object.fromEntries(new URLSearchParams(query)),
      headers: {},
      body: tryParseJson(body) ?? null,
    })
    const isOther = this.#script.some((fault) => fault.do === 'other-shape')
    const { contentType, frames } = goodAnswer(dialect, {
      number: numberIn(body) ?? number,
      streamed: decoded.stream.enabled !== isOther,
      context: { request: decoded, requestId: `up-${number}`, now: () => 0 },
    })
    const kept = this.#script.reduce(
      (left, fault) => (fault.do === 'keep' ? left.filter(fault.frames) : left),
      frames,
    )
    return { contentType, frames: kept }
  }

  #at(place: Place): readonly Fault[] {
    return this.#script.filter(({ at }) => JSON.stringify(at) === JSON.stringify(place))
  }

  /** Whether one of them was the end. */
  async #did(faults: readonly Fault[], truth: Truth): Promise<boolean> {
    for (const fault of faults) {
      if (this.#isEnd(fault)) return true
      if (fault.do === 'garbage') await this.#write(fault.bytes, truth)
      else if (fault.do === 'event') await this.#piece(Buffer.from(fault.text), truth, true)
      else if (fault.do === 'bomb') await this.#bomb(fault.count, truth)
      else if (fault.do === 'slice') this.#slice = fault.bytes
      else if (fault.do === 'drip') {
        while (!this.#socket.destroyed) {
          await this.#piece(Buffer.from(fault.text), truth, true)
          await wait(fault.everyMs)
        }
        return true
      } else if (fault.do === 'status') {
        truth.finished = true
        await this.#write(printed(fault.answer), truth)
        return true
      }
    }
    return false
  }

  #isEnd(fault: Fault): boolean {
    if (fault.do === 'reset') this.#socket.resetAndDestroy()
    else if (fault.do === 'fin') this.#socket.end()
    return fault.do === 'reset' || fault.do === 'fin' || fault.do === 'stall'
  }

  async #bomb(count: number, truth: Truth): Promise<void> {
    const block = Buffer.alloc(64 * 1024, 'x')
    for (let left = count; left > 0 && !this.#socket.destroyed; left -= block.length) {
      await this.#piece(block.subarray(0, Math.min(left, block.length)), truth, true)
    }
  }

  async #piece(bytes: Uint8Array, truth: Truth, isChunked: boolean): Promise<void> {
    if (bytes.length === 0) return
    if (!isChunked) return this.#write(bytes, truth)
    const head = Buffer.from(`${bytes.length.toString(16)}\r\n`)
    await this.#write(Buffer.concat([head, bytes, Buffer.from('\r\n')]), truth)
  }

  /** Waits until the socket wants more. */
  async #write(bytes: string | Uint8Array, truth: Truth): Promise<void> {
    const whole = Buffer.from(bytes)
    const size = this.#slice === 0 ? whole.length : this.#slice
    for (let from = 0; from < whole.length && !this.#socket.destroyed; from += size) {
      const piece = whole.subarray(from, from + size)
      truth.bytes += piece.length
      const isTaken = this.#socket.write(piece)
      if (!isTaken) await drained(this.#socket)
      else if (this.#slice > 0) await immediate()
    }
  }
}

function immediate(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      socket.off('drain', settle)
      socket.off('close', settle)
      resolve()
    }
    socket.on('drain', settle)
    socket.on('close', settle)
  })
}

function isInside(at: Place, from: number, length: number): boolean {
  return typeof at === 'object' && 'body' in at && at.body >= from && at.body < from + length
}

function isSized(lines: readonly string[]): boolean {
  return lines.some((line) => /^(?:content-length|transfer-encoding):/i.test(line))
}

function printed({ status, head = [], body = '' }: RawAnswer): Buffer {
  const bytes = Buffer.from(body)
  const lines = [`HTTP/1.1 ${status} Status`, ...head]
  if (!isSized(lines)) lines.push(`content-length: ${bytes.length}`)
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes])
}
