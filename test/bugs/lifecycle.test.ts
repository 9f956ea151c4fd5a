// Calls that last, calls that are left, connections that are kept.
import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { HttpProvider } from '../../src/providers/http-provider.ts'
import { customRow } from '../../src/providers/custom.ts'
import type { Transport, TransportRequest } from '../../src/transport/transport.ts'
import { contextOf, drain } from '../context.ts'
import type { ScriptedReply } from '../fake-upstream.ts'
import { DONE, chunk } from './chunks.ts'
import { IDS } from './protocols.ts'
import { useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const ask = { messages: [{ role: 'user', content: 'go' }] }

afterEach(() => vi.useRealTimers())

/** What the transport is told of it. */
async function timesOf(stream: boolean, settings = {}): Promise<TransportRequest['timeouts']> {
  const seen: TransportRequest[] = []
  const transport: Transport = {
    send: async (request) => {
      seen.push(request)
      throw new Error('seen')
    },
    close: async () => {},
  }
  const config = {
    providerType: 'custom',
    name: 'lab',
    baseUrl: 'https://h.example/v1',
    apiKey: 'sk-1',
    timeout: 30,
    settings,
  }
  const context = contextOf(transport, { nowMs: 0 })
  const provider = new HttpProvider(config, customRow(config), context)
  const hello = [{ role: 'user', content: 'go' }] as const
  const asked = stream ? drain(provider.stream(hello, 'm')) : provider.chat(hello, 'm')
  await expect(asked).rejects.toThrow(/Patchbay failed/)
  const [first] = seen
  if (first === undefined) throw new Error('nothing was sent')
  return first.timeouts
}

describe('the time that a call may take', () => {
  it('is for a stream the time between words, and none in all unless it is set [PB-140]', async () => {
    const { idleMs, firstByteMs, totalMs } = await timesOf(true)
    expect([idleMs, firstByteMs]).toEqual([30_000, 30_000])
    expect(totalMs).toBeGreaterThan(7 * 24 * 3600 * 1000)
    expect((await timesOf(true, { totalTimeout: 600 })).totalMs).toBe(600_000)
    expect((await timesOf(false)).totalMs).toBe(900_000)
  })
})

describe('a client that leaves', () => {
  const WAYS: readonly (readonly [when: string, stream: boolean, reply: ScriptedReply])[] = [
    ['before the first word of a stream', true, { ending: 'silent' }],
    [
      'in the middle of a stream',
      true,
      {
        headers: { 'content-type': 'text/event-stream' },
        chunks: [`data: ${JSON.stringify(chunk({ content: 'half' }))}\n\n`],
        ending: 'stall',
      },
    ],
    ['while a whole answer is made', false, { ending: 'silent' }],
  ]
  it.each(WAYS)('%s ends the call at the provider at once [PB-141]', async (_, stream, reply) => {
    const { url, key, upstream } = board.open()
    upstream.reply(reply)
    const before = upstream.requests.length
    const leaving = new AbortController()
    const asking = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'openai-chat/model-x', stream, ...ask }),
      signal: leaving.signal,
    })
    asking.catch(() => {})
    await vi.waitFor(() => expect(upstream.requests.length).toBe(before + 1))
    if (reply.chunks !== undefined) {
      const { body } = await asking
      await body?.getReader().read()
    }
    const left = performance.now()
    leaving.abort()
    await upstream.requests[before]?.closed
    expect(performance.now() - left).toBeLessThan(200)
    expect(upstream.requests.length).toBe(before + 1)
  })
})

describe('a connection of a client', () => {
  it('is kept for longer than a load balancer keeps it [PB-146]', async () => {
    const { url } = board.open()
    const response = await fetch(`${url}/api/version`)
    await response.arrayBuffer()
    const [, seconds] = /timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '') ?? []
    expect(Number(seconds)).toBeGreaterThanOrEqual(65)
  })

  it('takes one call after the other, of every protocol [PB-146]', async () => {
    const { url } = board.open()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let heard = ''
    socket.on('data', (piece: Buffer) => {
      heard += piece.toString()
    })
    for (const [at] of IDS.entries()) {
      socket.write('GET /api/version HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
      await vi.waitFor(() => expect(heard.match(/HTTP\/1\.1 200/g)?.length).toBe(at + 1))
    }
    socket.destroy()
  })
})

it('a stream that has all it needs is whole though its connection lingers [PB-140]', async () => {
  const told = await board.ask({
    from: 'anthropic-messages',
    to: 'openai-chat',
    body: ask,
    stream: true,
    reply: {
      headers: { 'content-type': 'text/event-stream' },
      chunks: [`data: ${JSON.stringify(chunk({ content: 'pong' }, 'stop'))}\n\n`, DONE],
    },
  })
  expect(told.frames.at(-1)?.event).toBe('message_stop')
})
