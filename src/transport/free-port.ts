// A port that nobody has: the workers of one server must all be told the same.
import { once } from 'node:events'
import { createServer } from 'node:net'

export async function freePort(host: string): Promise<number> {
  const server = createServer().listen({ host, port: 0, exclusive: true })
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
