// What a socket had done when it failed, kept beside its error: the error is all that the call gets to see.
import type { Socket } from 'node:net'

export interface SocketState {
  /** Bytes of a request were still waiting to be sent. */
  readonly unsent: boolean
  /** It had brought something before: an earlier answer, to a call that has seen nothing of its own. */
  readonly answered: boolean
  /** The other side had closed it. */
  readonly ended: boolean
}

const states = new WeakMap<object, SocketState>()

export function watchSocket(socket: Socket): void {
  socket.prependListener('error', (error: Error) => {
    const isWrite = 'syscall' in error && error.syscall === 'write'
    states.set(error, {
      unsent: isWrite || socket.writableLength > 0,
      answered: socket.bytesRead > 0,
      ended: socket.readableEnded,
    })
  })
}

export function socketStateOf(thrown: unknown): SocketState | undefined {
  return typeof thrown === 'object' && thrown !== null ? states.get(thrown) : undefined
}
