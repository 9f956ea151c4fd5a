// Stands before a server on this machine and counts how often a client had to wait for it.
import { type AddressInfo, connect, createServer } from 'node:net'

export interface TalkProxy {
  readonly port: number
  /** Times that the client spoke after the server had. */
  readonly turns: number
  close(): Promise<void>
}

export async function talkProxy(port: number): Promise<TalkProxy> {
  let turns = 0
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    let isAnswered = true
    client.on('data', (bytes) => {
      if (isAnswered) turns += 1
      isAnswered = false
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      isAnswered = true
      client.write(bytes)
    })
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('close', () => other.destroy())
      one.on('error', () => other.destroy())
    }
  })
  const address = await new Promise<AddressInfo | string | null>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.address()))
  })
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    get turns() {
      return turns
    },
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}
