// The transport against a real socket: reuse, limits, clocks, cancellation, and addresses it will not call.
import { gzipSync } from 'node:zlib'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../test/fake-upstream.ts'
import { type HttpTransportOptions, createTransport } from './http-transport.ts'
import { readBody } from './read-body.ts'
import type { Transport, TransportRequest } from './transport.ts'

const TIMEOUTS = { connectMs: 1000, firstByteMs: 2000, idleMs: 3000, totalMs: 10_000 }
const KEY = 'sk-canary-0123456789'

let upstream: FakeUpstream
let transport: Transport

beforeEach(async () => {
  upstream = await openUpstream()
  transport = createTransport()
})

afterEach(async () => {
  vi.useRealTimers()
  await transport.close()
  await upstream.close()
})

function request(more: Partial<TransportRequest> = {}): TransportRequest {
  return {
    method: 'POST',
    url: new URL(`${upstream.url}/chat`),
    headers: { authorization: `Bearer ${KEY}` },
    body: '{"a":1}',
    reach: 'private',
    timeouts: TIMEOUTS,
    signal: new AbortController().signal,
    ...more,
  }
}

/** A transport whose names resolve to what the test says. */
function resolvingTo(addresses: readonly string[]): HttpTransportOptions {
  return {
    resolver: async () => addresses.map((address) => ({ address, family: 4 })),
  }
}

async function text(more: Partial<TransportRequest> = {}): Promise<string> {
  return readBody((await transport.send(request(more))).body, 1000)
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await work }
  } catch (error) {
    return error
  }
}

/** undici keeps a connection back for one turn of the event loop, in case the server closes it. */
async function oneTurn(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function onlyTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
}

describe('a call', () => {
  it('sends method, path, headers and body, and asks for no compression', async () => {
    upstream.reply({ chunks: ['ok'] })
    await expect(text({ url: new URL(`${upstream.url}/a%2Fb?c=d`) })).resolves.toBe('ok')
    expect(upstream.requests[0]).toMatchObject({
      method: 'POST',
      path: '/a%2Fb?c=d',
      text: '{"a":1}',
      headers: { authorization: `Bearer ${KEY}`, 'accept-encoding': 'identity' },
    })
  })

  it('gives status and headers whatever the status', async () => {
    upstream.reply({ status: 418, headers: { 'x-odd': 'yes' }, chunks: ['{}'] })
    const response = await transport.send(request())
    expect(response.status).toBe(418)
    expect(response.headers['x-odd']).toBe('yes')
    response.cancel()
  })

  it('does not follow redirects', async () => {
    upstream.reply({ status: 302, headers: { location: `${upstream.url}/elsewhere` } })
    const response = await transport.send(request())
    expect(response.status).toBe(302)
    await readBody(response.body, 10)
    expect(upstream.requests).toHaveLength(1)
  })

  it('uses a connection again', async () => {
    upstream.answer(() => ({ chunks: ['ok'] }))
    for (let count = 0; count < 3; count += 1) {
      await text()
      await oneTurn()
    }
    expect(upstream.connections).toBe(1)
  })

  it('uses a connection again whose rest was released unread', async () => {
    upstream.reply({ chunks: ['first', 'rest'] })
    upstream.reply({ chunks: ['ok'] })
    const response = await transport.send(request())
    for await (const _chunk of response.body) {
      response.release()
      break
    }
    await oneTurn()
    await text()
    expect(upstream.connections).toBe(1)
  })

  it('unpacks an answer that is compressed all the same, and refuses one that it cannot unpack', async () => {
    upstream.reply({ headers: { 'content-encoding': 'gzip' }, chunks: [gzipSync('hello')] })
    await expect(text()).resolves.toBe('hello')
    upstream.reply({ headers: { 'content-encoding': 'gzip' }, chunks: ['x'] })
    await expect(text()).rejects.toMatchObject({ code: 'upstream_protocol' })
    upstream.reply({ headers: { 'content-encoding': 'rot13' }, chunks: ['x'] })
    await expect(transport.send(request())).rejects.toMatchObject({ code: 'upstream_protocol' })
  })

  it('closes the connection when an answer is left while it is unpacked', async () => {
    // Bytes that do not pack, so that much comes of half of them.
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at * 31) % 251))
    const packed = gzipSync(bytes)
    const chunks = [packed.subarray(0, packed.length - 100)]
    upstream.reply({ headers: { 'content-encoding': 'gzip' }, chunks, ending: 'stall' })
    const response = await transport.send(request())
    for await (const chunk of response.body) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await upstream.requests.at(-1)?.closed
  })

  it('gives chunks as they come', async () => {
    upstream.reply({ chunks: ['one'], ending: 'stall' })
    const response = await transport.send(request())
    const chunks = response.body[Symbol.asyncIterator]()
    expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe('one')
    const [seen] = upstream.requests
    seen?.write('two')
    expect(Buffer.from((await chunks.next()).value ?? []).toString()).toBe('two')
    seen?.end()
    expect((await chunks.next()).done).toBe(true)
  })

  it('gives a large body whole', async () => {
    const chunk = new Uint8Array(64 * 1024)
    const chunks = Array.from({ length: 512 }, () => chunk)
    upstream.reply({ chunks })
    const response = await transport.send(request())
    let bytes = 0
    for await (const piece of response.body) bytes += piece.length
    expect(bytes).toBe(512 * chunk.length)
  })
})

describe('cancellation', () => {
  it('closes the upstream connection when the reader leaves', async () => {
    upstream.reply({ chunks: ['one'], ending: 'stall' })
    const response = await transport.send(request())
    for await (const _chunk of response.body) break
    await upstream.requests[0]?.closed
    expect(upstream.requests).toHaveLength(1)
  })

  it('closes it when the answer is cancelled before it is read', async () => {
    upstream.reply({ chunks: ['one'], ending: 'stall' })
    const response = await transport.send(request())
    response.cancel()
    await upstream.requests[0]?.closed
    await expect(readBody(response.body, 100)).rejects.toMatchObject({ kind: 'cancelled' })
  })

  it('closes it when the signal aborts during the wait for the head', async () => {
    upstream.reply({ ending: 'silent' })
    const controller = new AbortController()
    const sent = transport.send(request({ signal: controller.signal }))
    const failure = failureOf(sent)
    const seen = await upstream.nextRequest()
    controller.abort()
    expect(await failure).toMatchObject({ kind: 'cancelled' })
    await seen.closed
  })

  it('closes it when the signal aborts during a wait for a chunk', async () => {
    upstream.reply({ ending: 'stall' })
    const controller = new AbortController()
    const response = await transport.send(request({ signal: controller.signal }))
    const body = readBody(response.body, 100)
    const failure = failureOf(body)
    controller.abort()
    expect(await failure).toMatchObject({ kind: 'cancelled' })
    await upstream.requests[0]?.closed
  })

  it('sends nothing when the signal has aborted already', async () => {
    await expect(transport.send(request({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
      kind: 'cancelled',
    })
    expect(upstream.requests).toHaveLength(0)
  })

  it('tells a deadline of the caller from a change of mind', async () => {
    const reason = new DOMException('late', 'TimeoutError')
    const signal = AbortSignal.abort(reason)
    expect(await failureOf(transport.send(request({ signal })))).toMatchObject({
      kind: 'timeout',
      code: 'caller_timeout',
    })
  })

  it('closes it when too much of a released rest comes', async () => {
    const chunks = Array.from({ length: 64 }, () => new Uint8Array(64 * 1024))
    upstream.reply({ chunks, ending: 'stall' })
    const response = await transport.send(request())
    response.release()
    await upstream.requests[0]?.closed
    expect(upstream.connections).toBe(1)
  })
})

describe('the clocks', () => {
  it('gives up when the first byte is late, and closes the connection', async () => {
    onlyTimers()
    upstream.reply({ ending: 'silent' })
    const sent = transport.send(request())
    const failure = failureOf(sent)
    const seen = await upstream.nextRequest()
    await vi.advanceTimersByTimeAsync(2000)
    expect(await failure).toMatchObject({
      kind: 'timeout',
      code: 'upstream_timeout',
      breakage: { cause: 'ttft_timeout', sent: 'all' },
      message: 'No answer within 2 s.',
    })
    await seen.closed
  })

  it('gives up when the answer stops in the middle', async () => {
    onlyTimers()
    upstream.reply({ chunks: ['one'], ending: 'stall' })
    const response = await transport.send(request())
    const chunks = response.body[Symbol.asyncIterator]()
    await chunks.next()
    const failure = failureOf(chunks.next())
    await vi.advanceTimersByTimeAsync(TIMEOUTS.idleMs)
    expect(await failure).toMatchObject({
      kind: 'timeout',
      code: 'upstream_timeout',
      breakage: { cause: 'idle_timeout' },
    })
    await upstream.requests[0]?.closed
  })

  it('does not blame the upstream for a reader that takes its time', async () => {
    onlyTimers()
    upstream.reply({ chunks: ['one'] })
    const response = await transport.send(request())
    await vi.advanceTimersByTimeAsync(TIMEOUTS.idleMs + 1)
    await expect(readBody(response.body, 100)).resolves.toBe('one')
  })

  it('gives up when the whole answer takes too long, however lively', async () => {
    onlyTimers()
    upstream.reply({ chunks: ['one'], ending: 'stall' })
    const timeouts = { ...TIMEOUTS, idleMs: 60_000 }
    const response = await transport.send(request({ timeouts }))
    const failure = failureOf(drained(response.body))
    for (let step = 0; step < 5; step += 1) {
      upstream.requests[0]?.write('more')
      await vi.advanceTimersByTimeAsync(2000)
    }
    expect(await failure).toMatchObject({
      kind: 'timeout',
      code: 'deadline_exceeded',
      breakage: { cause: 'total_timeout' },
    })
    await upstream.requests[0]?.closed
  })

  it('gives up on a connection that does not open', async () => {
    onlyTimers()
    transport = createTransport({ resolver: () => new Promise(() => {}) })
    const url = new URL('http://never.example/')
    const failure = failureOf(transport.send(request({ url })))
    await vi.advanceTimersByTimeAsync(TIMEOUTS.connectMs)
    expect(await failure).toMatchObject({
      kind: 'upstream',
      code: 'upstream_unreachable',
      breakage: { cause: 'dns_timeout', sent: 'nothing' },
    })
  })

  it('leaves no timer behind', async () => {
    upstream.reply({ chunks: ['ok'] })
    transport = createTransport({ keepAliveMs: 1 })
    onlyTimers()
    await text()
    await transport.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

async function drained(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0
  for await (const chunk of body) bytes += chunk.length
  return bytes
}

describe('failures', () => {
  it('says that nobody listens, without naming host or key', async () => {
    const url = new URL('http://127.0.0.1:1/')
    const failure: unknown = await transport.send(request({ url })).catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'upstream', code: 'upstream_unreachable' })
    expect(String(failure)).not.toMatch(/127\.0\.0\.1|canary/)
  })

  it('says that a name is not known', async () => {
    transport = createTransport({
      resolver: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    })
    const url = new URL('http://unknown.example/')
    await expect(transport.send(request({ url }))).rejects.toMatchObject({
      code: 'upstream_unreachable',
      message: expect.stringContaining('host name is not known'),
    })
  })

  it.each(['cut', 'reset'] as const)(
    'says that the answer was %s in the middle',
    async (ending) => {
      upstream.reply({ headers: { 'content-length': '100' }, chunks: ['one'], ending })
      await expect(text()).rejects.toMatchObject({ kind: 'upstream', code: 'upstream_truncated' })
    },
  )

  it('says that an answer is not HTTP', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n'))
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const url = new URL(`http://127.0.0.1:${port}/`)
    await expect(transport.send(request({ url }))).rejects.toMatchObject({
      code: 'upstream_protocol',
    })
    server.close()
  })

  it('refuses headers that are too large', async () => {
    transport = createTransport({ maxHeaderBytes: 1024 })
    upstream.reply({ headers: { 'x-large': 'a'.repeat(5000) } })
    await expect(transport.send(request())).rejects.toMatchObject({ code: 'upstream_protocol' })
  })

  it('refuses a body over the limit and closes the connection', async () => {
    upstream.reply({ chunks: ['a'.repeat(2000)], ending: 'stall' })
    await expect(text()).rejects.toMatchObject({ code: 'upstream_too_large' })
    await upstream.requests[0]?.closed
  })

  it('puts a mark in the place of bytes that are not UTF-8', async () => {
    upstream.reply({ chunks: [new Uint8Array([0xff, 0x41])] })
    await expect(text()).resolves.toBe('\ufffdA')
  })
})

describe('addresses', () => {
  it('calls no private address for an API caller, be it literal', async () => {
    await expect(transport.send(request({ reach: 'public' }))).rejects.toMatchObject({
      kind: 'permission',
      code: 'address_forbidden',
    })
    expect(upstream.connections).toBe(0)
  })

  it('calls none for a name that resolves to one', async () => {
    transport = createTransport(resolvingTo(['127.0.0.1']))
    const url = new URL(upstream.url)
    url.hostname = 'rebound.example'
    await expect(transport.send(request({ url, reach: 'public' }))).rejects.toMatchObject({
      code: 'address_forbidden',
    })
    expect(upstream.connections).toBe(0)
  })

  it('calls one for the operator, by name too', async () => {
    transport = createTransport(resolvingTo(['127.0.0.1']))
    const url = new URL(upstream.url)
    url.hostname = 'ollama.lan.example'
    upstream.reply({ chunks: ['ok'] })
    await expect(text({ url })).resolves.toBe('ok')
  })

  it('calls no metadata service for anyone', async () => {
    const url = new URL('http://169.254.169.254/latest/meta-data')
    await expect(transport.send(request({ url }))).rejects.toMatchObject({
      code: 'address_forbidden',
    })
  })

  it('does not call the process itself, and sends it nothing', async () => {
    const ownPorts = (): readonly number[] => [Number(new URL(upstream.url).port)]
    transport = createTransport({ ownPorts })
    await expect(transport.send(request())).rejects.toMatchObject({
      kind: 'permission',
      code: 'self_reference',
      message: expect.stringContaining('this gateway itself'),
    })
    expect(upstream.requests).toHaveLength(0)
  })

  it('does not lend a connection that the operator may use to an API caller', async () => {
    upstream.answer(() => ({ chunks: ['ok'] }))
    await text()
    await expect(transport.send(request({ reach: 'public' }))).rejects.toMatchObject({
      code: 'address_forbidden',
    })
  })
})
