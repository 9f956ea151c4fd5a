// Ways of HTTP that real clients have: keys in either header, any version, slashes, big bodies, leave to send (clients README §0, §2, §6).
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Id, IDS } from '../bugs/protocols.ts'
import { PONG, said } from '../bugs/said.ts'
import { dig, useSwitchboard } from '../bugs/switchboard.ts'
import { PING } from './ask.ts'

const board = useSwitchboard()

async function post(
  path: string,
  headers: Readonly<Record<string, string>>,
  body: object,
): Promise<{ readonly status: number; readonly type: string; readonly text: string }> {
  const { url, upstream } = board.open()
  upstream.answer(() => said('openai-chat', PONG, 'whole'))
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, text: await response.text() }
}

const MESSAGE = { model: 'openai-chat/model-x', max_tokens: 9, ...PING['anthropic-messages'] }

/** The key in a header of this name. */
function name(header: string): (key: string) => Record<string, string> {
  return (key) => ({ [header]: header === 'authorization' ? `Bearer ${key}` : key })
}

describe('a client key', () => {
  it.each([
    ['as a Bearer (@anthropic-ai/sdk 1)', name('authorization')],
    ['as x-api-key (@anthropic-ai/sdk 0)', name('x-api-key')],
    ['as x-goog-api-key', name('x-goog-api-key')],
    ['as api-key (Azure)', name('api-key')],
    [
      'in both headers at once',
      (key: string) => ({ ...name('authorization')(key), ...name('x-api-key')(key) }),
    ],
  ])('is taken %s', async (_, headers) => {
    const { key } = board.open()
    expect((await post('/v1/messages', headers(key), MESSAGE)).status).toBe(200)
  })
})

describe('a version', () => {
  it.each(['2023-01-01', '2023-06-01', '2026-10-21', '2031-01-01', 'next'])(
    'of Anthropic may be any: %s, and its query too',
    async (version) => {
      const headers = { 'x-api-key': board.open().key, 'anthropic-version': version }
      expect((await post('/v1/messages?beta=true', headers, MESSAGE)).status).toBe(200)
    },
  )

  it('may be missing', async () => {
    expect((await post('/v1/messages', { 'x-api-key': board.open().key }, MESSAGE)).status).toBe(
      200,
    )
  })
})

describe('a path', () => {
  it.each([
    '/v1/messages/',
    '//v1/messages',
    '/v1//messages',
    '/anthropic//v1/messages/',
    '/v1/messages/?beta=true',
  ])('may have slashes too many: %s', async (path) => {
    expect((await post(path, { 'x-api-key': board.open().key }, MESSAGE)).status).toBe(200)
  })
})

describe('a wish for a stream', () => {
  it.each(['application/json', '*/*', 'text/event-stream'])(
    'is the body’s, whatever is accepted: %s',
    async (accept) => {
      for (const from of IDS.filter((id) => id !== 'gemini')) {
        for (const stream of [true, false]) {
          const told = await board.ask({
            from,
            to: 'openai-chat',
            body: PING[from],
            stream,
            headers: { accept },
          })
          const type = told.headers.get('content-type') ?? ''
          expect([from, /event-stream|ndjson/.test(type)]).toEqual([from, stream])
        }
      }
    },
  )

  it('of Gemini is its path’s; without alt=sse the answer is an array', async () => {
    const { url, key, upstream } = board.open()
    upstream.answer(() => said('openai-chat', PONG, 'stream'))
    const at = `${url}/v1beta/models/openai-chat/model-x:streamGenerateContent`
    const ask = {
      method: 'POST',
      headers: { 'x-goog-api-key': key },
      body: JSON.stringify(PING.gemini),
    }
    const array = await fetch(at, ask)
    expect(array.headers.get('content-type')).toMatch(/^application\/json/)
    const chunks: unknown = await array.json()
    expect(chunks).toEqual(
      expect.arrayContaining([expect.objectContaining({ candidates: expect.any(Array) })]),
    )
    const events = await fetch(`${at}?alt=sse`, ask)
    expect(events.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(await events.text()).toMatch(/^data: \{/)
  })
})

describe('a body', () => {
  it.each([80, 2000])('of %i KB arrives whole', async (size) => {
    const content = 'ä'.repeat(size * 512)
    for (const from of IDS) {
      const told = await board.ask({ from, to: 'openai-chat', body: long(from, content) })
      expect([from, told.status]).toEqual([from, 200])
      expect(JSON.stringify(told.sent[0])).toContain(content)
    }
  })

  it('is asked for where its client waits for leave (curl, above 1 MB)', async () => {
    const { url, key, upstream } = board.open()
    upstream.answer(() => said('openai-chat', PONG, 'whole'))
    const body = JSON.stringify({ model: 'openai-chat/model-x', ...PING['openai-chat'] })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const heard: string[] = []
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('close', () => resolve())
      socket.on('data', (piece: Buffer) => {
        heard.push(piece.toString())
        if (heard.length === 1) socket.write(body)
      })
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n`,
      )
    })
    expect(heard[0]).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    expect(heard.slice(1).join('')).toMatch(/^HTTP\/1\.1 200 [^]*pong/)
  })
})

function long(from: Id, content: string) {
  return JSON.parse(JSON.stringify(PING[from]).replace('"ping"', JSON.stringify(content)))
}

describe('headers', () => {
  it('may be empty: the cookie of Mistral’s SDK', async () => {
    const told = await board.ask({
      from: 'mistral-chat',
      to: 'openai-chat',
      body: PING['mistral-chat'],
      headers: { cookie: '' },
    })
    expect(told.status).toBe(200)
  })

  it('about packing go nowhere: zstd and br are the client’s own affair', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'openai-chat',
      body: PING['openai-chat'],
      headers: { 'accept-encoding': 'gzip, br, zstd' },
    })
    expect(told.status).toBe(200)
    expect(dig(told.json, 'choices.0.message.content')).toBe('pong')
    expect(told.headers.get('content-encoding')).toBeNull()
    const seen = board.open().upstream.requests.at(-1)
    expect(seen?.headers['accept-encoding'] ?? 'identity').not.toMatch(/br|zstd/)
  })
})
