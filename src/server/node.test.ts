// The HTTP door on real sockets: limits, back-pressure, clients that leave, and a stop that lets calls end.
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { RawClient, head } from '../../test/raw-client.ts'
import { settled } from '../../test/server-fakes.ts'
import { GatewayError } from '../canonical/errors.ts'
import { type Application, type Inbound, type Outbound, realAfter } from './message.ts'
import { type NodeServer, type NodeServerOptions, createNodeServer } from './node.ts'

const opened: { readonly servers: NodeServer[]; readonly sockets: Socket[] } = {
  servers: [],
  sockets: [],
}

afterEach(async () => {
  for (const socket of opened.sockets.splice(0)) socket.destroy()
  await Promise.all(opened.servers.splice(0).map((server) => server.close()))
})

interface Opened {
  readonly port: number
  readonly server: NodeServer
}

async function open(
  application: Application,
  options: Partial<NodeServerOptions> = {},
): Promise<Opened> {
  const server = createNodeServer({ application, after: realAfter, drainMs: 50, ...options })
  opened.servers.push(server)
  return { server, port: await server.listen('127.0.0.1', 0) }
}

class Client extends RawClient {
  constructor(port: number) {
    super(port)
    opened.sockets.push(this.socket)
  }
}

const ok = async (): Promise<Outbound> => ({ status: 200, headers: {}, body: 'fine' })

/** Answers with the body it was sent, or with the status of what went wrong. */
function echo(maxBytes: number): Application {
  return async (inbound) => {
    try {
      const bytes = await inbound.readBody(maxBytes)
      return { status: 200, headers: {}, body: `${bytes.length} bytes` }
    } catch (error) {
      const status = error instanceof GatewayError ? error.status : 500
      return { status, headers: {}, body: 'refused' }
    }
  }
}

async function* ticking(onLeave: () => void): AsyncGenerator<string> {
  try {
    for (;;) {
      yield 'tick;'
      await settled()
    }
  } finally {
    onLeave()
  }
}

async function* breaking(): AsyncGenerator<string> {
  yield 'one;'
  throw new Error('broken')
}

describe('a request', () => {
  it('reaches the application with every value of every header', async () => {
    let seen: Inbound | undefined
    const { port } = await open(async (inbound) => {
      seen = inbound
      return ok()
    })
    await new Client(port)
      .send(head('GET', ['X-A: 1', 'X-A: 2', 'Authorization: a', 'Authorization: b'], '/path?x=1'))
      .until(/fine/)
    expect(seen).toMatchObject({ method: 'GET', url: '/path?x=1' })
    expect(seen?.headers).toMatchObject({ 'x-a': '1, 2', authorization: 'a, b' })
    expect(seen?.valuesOf('x-a')).toEqual(['1', '2'])
    expect(seen?.valuesOf('authorization')).toEqual(['a', 'b'])
    expect(seen?.valuesOf('x-b')).toEqual([])
  })

  it('may be followed by another on the same connection', async () => {
    const { port } = await open(echo(100))
    const client = new Client(port)
    await client.send(`${head('POST', ['Content-Length: 5'])}12345`).until(/5 bytes/)
    await client.send(`${head('POST', ['Content-Length: 2'])}12`).until(/2 bytes/)
    expect(client.text.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
  })

  it.each([
    ['not HTTP at all', 'hello\r\n\r\n', 400],
    ['without a Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['with headers too large', head('GET', [`X-Big: ${'x'.repeat(40_000)}`]), 431],
    ['with two lengths', head('POST', ['Content-Length: 1', 'Content-Length: 2']), 400],
    [
      'with a length and chunks',
      head('POST', ['Content-Length: 1', 'Transfer-Encoding: chunked']),
      400,
    ],
  ])('%s is refused, and the server lives', async (_, text, status) => {
    const { port } = await open(ok)
    expect(await new Client(port).send(text).until(/\r\n\r\n/)).toContain(`HTTP/1.1 ${status}`)
    expect(await new Client(port).send(head('GET')).until(/fine/)).toContain('200 OK')
  })
})

describe('a body that is too large', () => {
  it('is refused by its announced length, before anything is read', async () => {
    const { port } = await open(echo(10))
    const client = new Client(port).send(head('POST', ['Content-Length: 52428800']))
    expect(await client.until(/refused/)).toContain('HTTP/1.1 413')
  })

  it('is not even asked for where the client waits for leave to send it', async () => {
    const { port } = await open(echo(10))
    const announced = ['Content-Length: 52428800', 'Expect: 100-continue']
    const text = await new Client(port).send(head('POST', announced)).until(/refused/)
    expect(text).toContain('HTTP/1.1 413')
    expect(text).not.toContain('100 Continue')
  })

  it('is cut off where the length was not announced', async () => {
    const { port } = await open(echo(10))
    const client = new Client(port).send(head('POST', ['Transfer-Encoding: chunked']))
    client.send('14\r\n01234567890123456789\r\n')
    expect(await client.until(/refused/)).toContain('HTTP/1.1 413')
  })

  it('is read to its end where it is small, so that the client may ask again', async () => {
    const { port } = await open(echo(1024))
    const client = new Client(port).send(head('POST', ['Content-Length: 50000']))
    client.send(new Uint8Array(50_000))
    expect(await client.until(/refused/)).not.toMatch(/connection: close/i)
    expect(await client.send(head('GET')).until(/0 bytes/)).toContain('HTTP/1.1 200')
  })
})

describe('a slow or broken body', () => {
  it('gets leave to be sent when somebody wants to read it', async () => {
    const { port } = await open(echo(10))
    const client = new Client(port)
    client.send(head('POST', ['Content-Length: 3', 'Expect: 100-continue']))
    await client.until(/100 Continue/)
    expect(await client.send('abc').until(/3 bytes/)).toContain('200 OK')
  })
})

describe('an answer in pieces', () => {
  it('is sent as it comes', async () => {
    const gate = Promise.withResolvers<void>()
    async function* pieces(): AsyncGenerator<string> {
      yield 'one;'
      await gate.promise
      yield 'two;'
    }
    const { port } = await open(async () => ({ status: 200, headers: {}, body: pieces() }))
    const client = new Client(port).send(head('GET'))
    expect(await client.until(/one;/)).not.toContain('two;')
    gate.resolve()
    await client.until(/two;/)
  })

  it('waits for a reader that is slow', async () => {
    let made = 0
    async function* pieces(): AsyncGenerator<string> {
      for (; made < 10_000; made += 1) yield 'x'.repeat(10_000)
    }
    const { port } = await open(async () => ({ status: 200, headers: {}, body: pieces() }))
    const client = new Client(port)
    client.socket.pause()
    client.send(head('GET'))
    await once(client.socket, 'connect')
    const counts: number[] = []
    while (counts.length < 2 || counts.at(-1) === 0 || counts.at(-1) !== counts.at(-2)) {
      for (let turn = 0; turn < 20; turn += 1) await settled()
      counts.push(made)
    }
    expect(counts.at(-1)).toBeLessThan(5000)
    client.socket.destroy()
  })

  it('is cancelled when the client leaves', async () => {
    const left = Promise.withResolvers<unknown>()
    const signals: AbortSignal[] = []
    const { port } = await open(async (inbound) => {
      signals.push(inbound.signal)
      return { status: 200, headers: {}, body: ticking(() => left.resolve(undefined)) }
    })
    const client = new Client(port).send(head('GET'))
    await client.until(/tick;/)
    client.socket.destroy()
    await left.promise
    expect(signals[0]?.reason).toMatchObject({ kind: 'cancelled' })
  })

  it('that breaks cuts the connection and nothing else', async () => {
    let calls = 0
    const { port } = await open(async () => {
      calls += 1
      return calls === 1 ? { status: 200, headers: {}, body: breaking() } : ok()
    })
    const client = new Client(port).send(head('GET'))
    await client.closed
    expect(client.text).not.toContain('0\r\n\r\n')
    await new Client(port).send(head('GET')).until(/fine/)
  })

  it('tells a handler that still thinks that the client has gone', async () => {
    const gone = Promise.withResolvers<unknown>()
    const { port } = await open(async (inbound) => {
      inbound.signal.addEventListener('abort', () => gone.resolve(inbound.signal.reason))
      await gone.promise
      return ok()
    })
    const client = new Client(port).send(head('GET'))
    await once(client.socket, 'connect')
    while (!client.socket.writable || client.socket.bytesWritten === 0) await settled()
    for (let turn = 0; turn < 50; turn += 1) await settled()
    client.socket.destroy()
    expect(await gone.promise).toMatchObject({ kind: 'cancelled' })
  })
})

describe('a stop', () => {
  it('waits for calls under way and takes no new ones', async () => {
    const gate = Promise.withResolvers<void>()
    const { port, server } = await open(
      async () => {
        await gate.promise
        return ok()
      },
      { drainMs: 60_000 },
    )
    const client = new Client(port).send(head('GET'))
    await once(client.socket, 'connect')
    for (let turn = 0; turn < 50; turn += 1) await settled()
    const closing = server.close()
    const late = new Client(port)
    await late.closed
    gate.resolve()
    await closing
    await client.until(/fine/)
  })

  it('cuts what does not end, with a reason it can pass on', async () => {
    const reasons: unknown[] = []
    const started = Promise.withResolvers<void>()
    const { port, server } = await open(
      (inbound) => {
        started.resolve()
        return new Promise((resolve) => {
          inbound.signal.addEventListener('abort', () => {
            reasons.push(inbound.signal.reason)
            resolve({ status: 503, headers: {}, body: 'stopping' })
          })
        })
      },
      { drainMs: 1 },
    )
    const client = new Client(port).send(head('GET'))
    await started.promise
    await server.close()
    expect(reasons).toMatchObject([{ kind: 'overloaded', code: 'gateway_draining' }])
    expect(client.text === '' || client.text.includes('stopping')).toBe(true)
  })

  it('may be asked for twice, and before the start', async () => {
    const { server } = await open(ok)
    await Promise.all([server.close(), server.close()])
    await server.close()
    await createNodeServer({ application: ok, after: realAfter }).close()
  })
})

describe('listening', () => {
  it('says which flag to change when the port is taken', async () => {
    const { port } = await open(ok)
    const second = createNodeServer({ application: ok, after: realAfter })
    await expect(second.listen('127.0.0.1', port)).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining('--port'),
    })
  })

  it('says which flag to change when the address is not of this machine', async () => {
    const server = createNodeServer({ application: ok, after: realAfter })
    await expect(server.listen('192.0.2.1', 0)).rejects.toMatchObject({
      message: expect.stringContaining('--host'),
    })
  })
})
