// Stands between a gateway and its Redis, and does to their talk what networks and sick servers do.
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { RespCommands } from './resp-commands.ts'

/**
 * What is done to what is said. `slow`: every answer comes so much later. `cut`: connections end, and no new one is made.
 * `silent`: nothing arrives anywhere until it is over, as between two halves of a network. `deaf`: only the answers do not.
 * `half-open`: the connections that stand are dead and nobody has said so; new ones are made.
 * `says`: the proxy answers each command itself. `garbles`: the next answers are replaced by these bytes.
 */
export type RedisFault =
  | { readonly kind: 'none' }
  | { readonly kind: 'slow'; readonly milliseconds: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'deaf' }
  | { readonly kind: 'half-open' }
  | { readonly kind: 'says'; readonly answer: string }
  | { readonly kind: 'garbles'; readonly bytes: string }

export interface RedisProxy {
  readonly url: string
  /** Connections made so far, refused ones not counted. */
  readonly connections: number
  /** From now on, for the connections that stand too. */
  set(fault: RedisFault): void
  close(): Promise<void>
}

/** Each side of one connection. */
interface Pair {
  readonly client: Socket
  readonly server: Socket
  readonly commands: RespCommands
  isDead: boolean
  /** What waits until nothing is in its way. */
  held: (() => void)[]
}

export async function redisProxy(redisUrl: string): Promise<RedisProxy> {
  const { hostname, port } = new URL(redisUrl)
  const pairs = new Set<Pair>()
  let fault: RedisFault = { kind: 'none' }
  let made = 0

  const fromClient = (pair: Pair, bytes: Buffer): void => {
    const { server, client, commands } = pair
    const count = commands.write(bytes)
    if (pair.isDead) return
    if (fault.kind === 'silent') pair.held.push(() => server.write(bytes))
    else if (fault.kind === 'says') client.write(fault.answer.repeat(count))
    else server.write(bytes)
  }
  const fromServer = (pair: Pair, bytes: Buffer): void => {
    const { client } = pair
    if (pair.isDead) return
    switch (fault.kind) {
      case 'silent':
      case 'deaf':
        pair.held.push(() => client.write(bytes))
        return
      case 'garbles':
        client.write(fault.bytes)
        return
      case 'slow':
        setTimeout(() => client.write(bytes), fault.milliseconds).unref()
        return
      default:
        client.write(bytes)
    }
  }
  const door = createServer((client) => {
    client.on('error', () => undefined)
    if (fault.kind === 'cut') {
      client.destroy()
      return
    }
    made += 1
    const server = connect(Number(port), hostname)
    const pair: Pair = { client, server, commands: new RespCommands(), isDead: false, held: [] }
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    client.on('data', (bytes) => fromClient(pair, Buffer.from(bytes)))
    server.on('data', (bytes) => fromServer(pair, Buffer.from(bytes)))
  })
  await new Promise<void>((resolve) => {
    door.listen(0, '127.0.0.1', resolve)
  })
  const cut = (): void => {
    for (const { client } of pairs) client.destroy()
  }
  return {
    url: `redis://127.0.0.1:${portOf(door.address())}`,
    get connections() {
      return made
    },
    set: (next) => {
      fault = next
      if (next.kind === 'cut') cut()
      for (const pair of pairs) {
        pair.isDead ||= next.kind === 'half-open'
        if (next.kind !== 'none') continue
        for (const deliver of pair.held) deliver()
        pair.held = []
      }
    },
    close: async () => {
      cut()
      await new Promise<void>((resolve) => {
        door.close(() => resolve())
      })
    },
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return address.port
}
