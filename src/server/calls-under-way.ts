// The calls that are under way, by the connection that they came on: they end with it, whether their answer has begun or stands behind another.
import type { Duplex } from 'node:stream'
import type { GatewayError } from '../canonical/errors.ts'
import type { HttpCall } from './http-call.ts'

export class CallsUnderWay {
  /** Of each connection in the order in which they came, which is that of their answers. */
  readonly #connections = new Map<Duplex, Set<HttpCall>>()

  get size(): number {
    let size = 0
    for (const calls of this.#connections.values()) size += calls.size
    return size
  }

  began(call: HttpCall, socket: Duplex): void {
    const calls = this.#connections.get(socket)
    if (calls === undefined) this.#opened(socket, call)
    else calls.add(call)
  }

  ended(call: HttpCall, socket: Duplex): void {
    this.#connections.get(socket)?.delete(call)
  }

  /** The one that is answered there now. */
  answeredAt(socket: Duplex): HttpCall | undefined {
    const [first] = this.#connections.get(socket) ?? []
    return first
  }

  /** Cuts all; gives how many there were. */
  cut(reason: GatewayError): number {
    const { size } = this
    for (const calls of this.#connections.values()) for (const call of calls) call.cut(reason)
    return size
  }

  #opened(socket: Duplex, first: HttpCall): void {
    const calls = new Set([first])
    this.#connections.set(socket, calls)
    socket.once('close', () => {
      this.#connections.delete(socket)
      for (const call of calls) call.closed()
    })
  }
}
