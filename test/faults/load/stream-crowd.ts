// Many streams on raw sockets, each frame numbered by the provider: what came, what is missing, and how long each was silent.
import { type Socket, connect } from 'node:net'
import { requestIn } from '../asks.ts'

const REQUEST = requestIn('openai-chat', { model: 'house/m', shape: 'stream' }, [
  'Connection: close',
])
/** Connections that wait for their heads at once. */
const OPENING = 100
const AGAIN_MS = 1000
/** A server that can hold no more refuses whoever comes, for ever. */
const GATHER_MS = 120_000

export interface Window {
  readonly frames: number
  /** The longest that one of the streams was silent, in milliseconds. */
  readonly silence: number
}

class Stream {
  next = 0
  lost = 0
  repeated = 0
  heardAt = performance.now()
  /** How many frames there were, as its provider says at the end. */
  told: number | undefined
  isWhole = false
  rest = ''
}

export class StreamCrowd {
  readonly #port: number
  readonly #streams: Stream[] = []
  /** How many streams have heard so many frames. */
  readonly #reached: number[] = []
  #waiting: { readonly frames: number; readonly resolve: () => void } | undefined
  #frames = 0
  #silence = 0
  #refused = 0
  #open = 0
  readonly #ends: Promise<void>[] = []

  constructor(port: number) {
    this.#port = port
  }

  /** Calls that were refused while the crowd came, and asked again. */
  get refused(): number {
    return this.#refused
  }

  /** Sockets that are open. */
  get open(): number {
    return this.#open
  }

  /** Resolves once so many streams have said their first word; throws where that takes too long. */
  async gather(count: number): Promise<void> {
    let left = count
    const until = performance.now() + GATHER_MS
    const bring = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        while (!(await this.#begin())) {
          this.#refused += 1
          if (performance.now() > until) throw new Error(this.#tooFew(count))
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
        }
      }
    }
    await Promise.all(Array.from({ length: OPENING }, async () => bring()))
  }

  #tooFew(count: number): string {
    const { silence } = this.window()
    return `Only ${this.#streams.length} of ${count} streams were let in within ${GATHER_MS / 1000} s; ${this.#refused} calls were refused, and one stream was silent for ${Math.round(silence)} ms.`
  }

  /** What came since it was last asked; streams that still are silent count. */
  window(): Window {
    const now = performance.now()
    const silences = this.#streams.map(({ heardAt }) => now - heardAt)
    const silence = silences.reduce((most, one) => Math.max(most, one), this.#silence)
    const frames = this.#frames
    this.#frames = 0
    this.#silence = 0
    return { frames, silence }
  }

  /** Resolves once every stream has heard so many frames. */
  heard(frames: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting = { frames, resolve }
    this.#tell()
    return promise
  }

  #tell(): void {
    const { frames = 0, resolve } = this.#waiting ?? {}
    if ((this.#reached[frames] ?? 0) >= this.#streams.length) resolve?.()
  }

  /** Once all have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#ends)
  }

  sums(): Readonly<Record<'frames' | 'lost' | 'repeated' | 'whole' | 'short', number>> {
    const sums = { frames: 0, lost: 0, repeated: 0, whole: 0, short: 0 }
    for (const { next, lost, repeated, told, isWhole } of this.#streams) {
      sums.frames += next - lost
      sums.lost += lost
      sums.repeated += repeated
      if (isWhole) sums.whole += 1
      if (told !== next) sums.short += 1
    }
    return sums
  }

  /** Whether it was let in: it counts once its first frame is there. */
  async #begin(): Promise<boolean> {
    const stream = new Stream()
    const socket = connect(this.#port, '127.0.0.1')
    this.#open += 1
    const { promise: end, resolve } = Promise.withResolvers<void>()
    socket.once('close', () => {
      this.#open -= 1
      resolve()
    })
    socket.on('error', () => undefined)
    const first = Promise.withResolvers<boolean>()
    socket.once('close', () => first.resolve(false))
    this.#listen(socket, stream, () => first.resolve(true))
    socket.write(REQUEST)
    const isIn = await first.promise
    if (!isIn) return false
    this.#streams.push(stream)
    this.#ends.push(end)
    return true
  }

  #listen(socket: Socket, stream: Stream, begun: () => void): void {
    socket.setEncoding('latin1').on('data', (more: string) => {
      const text = stream.rest + more
      const end = text.lastIndexOf('\n') + 1
      stream.rest = text.slice(end)
      for (const line of text.slice(0, end).split('\n')) this.#line(line, stream)
      if (stream.next > 0) begun()
    })
  }

  #line(line: string, stream: Stream): void {
    if (!line.startsWith('data: ')) return
    if (line.startsWith('data: [DONE]')) stream.isWhole = true
    const { kind, count } = /"(?<kind>n|end):(?<count>\d+);"/.exec(line)?.groups ?? {}
    if (kind === undefined) return
    const now = performance.now()
    this.#silence = Math.max(this.#silence, now - stream.heardAt)
    stream.heardAt = now
    if (kind === 'end') {
      stream.told = Number(count)
      return
    }
    this.#frames += 1
    const number = Number(count)
    if (number < stream.next) {
      stream.repeated += 1
      return
    }
    stream.lost += number - stream.next
    for (let count = stream.next + 1; count <= number + 1; count += 1) {
      this.#reached[count] = (this.#reached[count] ?? 0) + 1
    }
    stream.next = number + 1
    this.#tell()
  }
}
