// A place that nobody may ever reach: it takes whatever connects, and remembers what it was told.
import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'

export interface CanaryListener {
  readonly port: number
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** What each connection has said. */
  readonly heard: readonly string[]
  close(): Promise<void>
}

const ANSWER =
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}'

export async function openCanaryListener(): Promise<CanaryListener> {
  const heard: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const at = heard.push('') - 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      heard[at] += data.toString('latin1')
      // Whoever gets this far has broken in already, and is not kept waiting.
      if (heard[at]?.includes('\r\n\r\n') === true) socket.end(ANSWER)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    heard,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
