// HTTP requests from the bytes of a socket, one after the other: enough for what the gateway sends.
import { createHash } from 'node:crypto'

export interface RawRequest {
  readonly method: string
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** SHA-256 of the body's bytes. */
  readonly hash: string
}

export class RequestReader {
  #chunks: Buffer[] = []
  #length = 0
  /** Bytes of the request that is coming, once its head is there. */
  #wanted = 0

  /** Bytes of the request that has begun and not ended. */
  get pending(): number {
    return this.#length
  }

  /** The requests that are whole now. */
  write(bytes: Buffer): readonly RawRequest[] {
    this.#chunks.push(bytes)
    this.#length += bytes.length
    if (this.#length < this.#wanted) return []
    const whole: RawRequest[] = []
    for (;;) {
      const request = this.#next()
      if (request === undefined) return whole
      whole.push(request)
    }
  }

  #next(): RawRequest | undefined {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all]
    const end = all.indexOf('\r\n\r\n')
    if (end === -1) return undefined
    const [first = '', ...lines] = all.subarray(0, end).toString('latin1').split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
      }),
    )
    const last = end + 4 + Number(headers['content-length'] ?? 0)
    this.#wanted = last
    if (all.length < last) return undefined
    this.#wanted = 0
    const body = all.subarray(end + 4, last)
    this.#chunks = [all.subarray(last)]
    this.#length = all.length - last
    const [method = '', path = ''] = first.split(' ')
    const hash = createHash('sha256').update(body).digest('hex')
    return { method, path, headers, body: body.toString('utf8'), hash }
  }
}
