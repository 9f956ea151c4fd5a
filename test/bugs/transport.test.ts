// Bytes and headers between us and an upstream: what is never copied, and what comes packed.
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { ScriptedReply } from '../fake-upstream.ts'
import { said, text } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const ask = { messages: [{ role: 'user', content: 'Zdravo 🌍' }] }
const PACKED = [
  ['gzip', gzipSync],
  ['GZip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['gzip, br', (bytes: Buffer) => brotliCompressSync(gzipSync(bytes))],
] as const

function packed(
  reply: ScriptedReply,
  [encoding, pack]: readonly [string, (bytes: Buffer) => Buffer],
): ScriptedReply {
  return {
    ...reply,
    headers: { ...reply.headers, 'content-encoding': encoding },
    chunks: [pack(Buffer.from((reply.chunks ?? []).join('')))],
  }
}

describe.each(PACKED)('an answer packed as %s', (encoding, pack) => {
  it.each(['anthropic-messages', 'openai-chat'] as const)(
    'is read, for a client of %s: whole, streamed, and where it is an error [PB-209] [PB-212]',
    async (from) => {
      const parts = [text('pong 世界')]
      for (const shape of ['whole', 'stream'] as const) {
        const told = await board.ask({
          from,
          to: 'openai-chat',
          stream: shape === 'stream',
          body: ask,
          reply: packed(said('openai-chat', { parts }, shape), [encoding, pack]),
        })
        expect(told.heard.candidates[0]?.parts).toMatchObject([{ text: 'pong 世界' }])
        for (const name of ['content-encoding', 'keep-alive'])
          expect(told.headers.get(name) ?? '').not.toMatch(/gzip|br|zstd|deflate/i)
      }
      const refused = packed(
        {
          status: 429,
          headers: { 'retry-after': '5' },
          chunks: ['{"error":{"message":"slow down"}}'],
        },
        [encoding, pack],
      )
      const told = await board.ask({ from, to: 'openai-chat', body: ask, reply: refused })
      expect([told.status, told.headers.get('retry-after')]).toEqual([429, '5'])
      expect(told.text).toContain('slow down')
    },
  )
})

it('an answer that is packed in an unknown way is a bad gateway, in words [PB-209]', async () => {
  const told = await board.ask({
    from: 'openai-chat',
    to: 'anthropic-messages',
    body: ask,
    reply: { headers: { 'content-encoding': 'rot13' }, chunks: ['x'] },
  })
  expect([told.status, dig(told.json, 'error.message')]).toEqual([
    502,
    expect.stringContaining('rot13'),
  ])
})

it('an answer that breaks off while it is unpacked is a bad gateway [PB-212]', async () => {
  const half = gzipSync(Buffer.from('{"a":1}')).subarray(0, 12)
  const told = await board.ask({
    from: 'openai-chat',
    to: 'anthropic-messages',
    body: ask,
    reply: { headers: { 'content-encoding': 'gzip' }, chunks: [half] },
  })
  expect(told.status).toBe(502)
})

it('what a client accepts is its own affair: the upstream is asked for plain bytes [PB-209]', async () => {
  await board.ask({
    from: 'openai-chat',
    to: 'gemini',
    body: ask,
    headers: { 'accept-encoding': 'zstd, br' },
  })
  expect(board.open().upstream.requests.at(-1)?.headers['accept-encoding']).toBe('identity')
})

describe("a client's anthropic-beta", () => {
  const beta = 'context-management-2025-06-27,interleaved-thinking-2025-05-14'
  it('reaches Anthropic with the fields that it opens [PB-210]', async () => {
    const body = { ...ask, context_management: { edits: [] } }
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'anthropic-messages',
      body,
      headers: { 'anthropic-beta': beta, 'anthropic-version': '2023-06-01' },
    })
    const { headers } = board.open().upstream.requests.at(-1) ?? {}
    for (const flag of beta.split(',')) expect(headers?.['anthropic-beta']).toContain(flag)
    expect(dig(told.sent[0], 'context_management')).toEqual({ edits: [] })
  })

  it.each(['openai-chat', 'openai-responses', 'gemini', 'mistral-chat', 'ollama'])(
    'does not reach %s, nor do the fields [PB-214]',
    async (to) => {
      const body = {
        ...ask,
        context_management: { edits: [] },
        tools: [{ name: 'f', input_schema: { type: 'object' }, defer_loading: true }],
      }
      const told = await board.ask({
        from: 'anthropic-messages',
        to,
        body,
        headers: { 'Anthropic-Beta': beta, 'anthropic-version': '2023-06-01' },
      })
      expect(told.status).toBe(200)
      const { headers, text: sent } = board.open().upstream.requests.at(-1) ?? {}
      expect(Object.keys(headers ?? {}).filter((name) => name.startsWith('anthropic'))).toEqual([])
      expect(sent).not.toMatch(/context_management|defer_loading/)
    },
  )
})

describe('the headers of a request', () => {
  it('are ours: length in bytes, and none of the client’s that are about its connection [PB-216]', async () => {
    const { url, key, upstream } = board.open()
    upstream.answer(() => said('anthropic-messages', { parts: [text('pong')] }, 'whole'))
    const path = '/v1/chat/completions'
    const body = JSON.stringify({ ...ask, model: 'anthropic-messages/claude-sonnet-4-5' })
    const status = await new Promise<number>((resolve, reject) => {
      const outgoing = request(
        `${url}${path}`,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${key}`,
            te: 'trailers',
            'transfer-encoding': 'chunked',
            'x-forwarded-for': '1.2.3.4',
            cookie: 'a=b',
          },
        },
        (incoming) => {
          incoming.resume()
          incoming.on('end', () => resolve(incoming.statusCode ?? 0))
        },
      )
      outgoing.on('error', reject)
      const bytes = Buffer.from(body)
      outgoing.write(bytes.subarray(0, bytes.length - 20))
      outgoing.end(bytes.subarray(bytes.length - 20))
    })
    expect(status).toBe(200)
    const seen = upstream.requests.at(-1)
    expect(seen?.headers).not.toHaveProperty('transfer-encoding')
    expect(seen?.headers['content-length']).toBe(String(Buffer.byteLength(seen?.text ?? '')))
    for (const name of ['te', 'cookie', 'x-forwarded-for', 'expect'])
      expect(seen?.headers).not.toHaveProperty(name)
    expect(seen?.headers['authorization'] ?? '').not.toContain(key)
    expect(seen?.text).toContain('🌍')
  })
})
