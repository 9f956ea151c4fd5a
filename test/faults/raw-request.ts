// HTTP requests from the bytes of a socket, one after the other: enough for what the gateway sends.

export interface RawRequest {
  readonly method: string
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export class RequestReader {
  #bytes: Buffer = Buffer.alloc(0)

  /** The requests that are whole now. */
  write(bytes: Buffer): readonly RawRequest[] {
    const whole: RawRequest[] = []
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    for (;;) {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end === -1) return whole
      const [first = '', ...lines] = this.#bytes.subarray(0, end).toString('latin1').split('\r\n')
      const headers = Object.fromEntries(
        lines.map((line) => {
          const colon = line.indexOf(':')
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
        }),
      )
      const length = Number(headers['content-length'] ?? 0)
      const last = end + 4 + length
      if (this.#bytes.length < last) return whole
      const body = this.#bytes.subarray(end + 4, last).toString('utf8')
      this.#bytes = this.#bytes.subarray(last)
      const [method = '', path = ''] = first.split(' ')
      whole.push({ method, path, headers, body })
    }
  }
}
