// A client on a bare socket, for what no HTTP library does: half a request, no reading, leaving in the middle.
import { type Socket, connect } from 'node:net'

export class RawClient {
  readonly socket: Socket
  text = ''
  readonly closed: Promise<unknown>

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('data', (chunk) => {
      this.text += chunk.toString()
    })
    this.socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      this.socket.once('close', resolve)
    })
  }

  /** To the server at a URL. */
  static at(url: string): RawClient {
    return new RawClient(Number(new URL(url).port))
  }

  send(text: string | Uint8Array): this {
    this.socket.write(text)
    return this
  }

  /** The socket's next event; an error does not end the wait. */
  next(event: 'data' | 'drain' | 'error'): Promise<unknown> {
    return new Promise((resolve) => {
      this.socket.once(event, resolve)
    })
  }

  /** Everything so far, once it matches; throws where the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      await Promise.race([this.next('data'), this.closed])
      if (this.socket.destroyed && !pattern.test(this.text)) {
        throw new Error(`The connection ended without ${pattern}: ${this.text}`)
      }
    }
    return this.text
  }
}

/** The head of a request, with the empty line at its end. */
export function head(method: string, more: readonly string[] = [], path: string = '/'): string {
  return [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...more, '', ''].join('\r\n')
}

/** A POST with a JSON body. */
export function post(path: string, body: unknown, more: readonly string[] = []): string {
  const text = JSON.stringify(body)
  const length = `Content-Length: ${Buffer.byteLength(text)}`
  return `${head('POST', ['Content-Type: application/json', length, ...more], path)}${text}`
}
