// Streams through the whole server: in the form of each protocol, broken off in words, cancelled when the client leaves.
import { type Socket, connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'
import { FakeProvider, settled } from '../../test/server-fakes.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { ChatExchange, ChatReply } from '../exchange/exchange.ts'
import { parseJson } from '../wire/json.ts'
import { singly } from '../exchange/singly.ts'

const start: readonly ChatEvent[] = [
  { type: 'response-start', origin: { dialect: 'test' }, model: 'tiny' },
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: 'one ' } },
]

const rest: readonly ChatEvent[] = [
  { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'two' } },
  { type: 'part-end', index: 0 },
  { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
  { type: 'usage-update', usage: { input: { total: 2 }, output: { total: 2 } } },
  { type: 'response-end' },
]

async function* whole(): AsyncGenerator<ChatEvent> {
  yield* start
  yield* rest
}

async function* broken(): AsyncGenerator<ChatEvent> {
  yield* start
  throw new GatewayError('upstream', 'The provider cut the answer.', { code: 'upstream_truncated' })
}

async function* early(): AsyncGenerator<ChatEvent> {
  yield* start
}

/** Goes on until it is cancelled. */
async function* endless(onCancel: () => void): AsyncGenerator<ChatEvent> {
  try {
    yield* start
    for (;;) {
      yield { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'more ' } }
      await settled()
    }
  } finally {
    onCancel()
  }
}

const cancelled = Promise.withResolvers<void>()
const asked = Promise.withResolvers<AbortSignal>()

async function answer(exchange: ChatExchange): Promise<ChatReply> {
  const events: Readonly<Record<string, () => AsyncIterable<ChatEvent>>> = {
    whole,
    broken,
    early,
    endless: () => endless(() => cancelled.resolve()),
  }
  const make = events[exchange.target.model]
  if (make !== undefined) return { kind: 'stream', events: singly(make()), notes: [] }
  asked.resolve(exchange.signal)
  return new Promise((_, reject) => {
    exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason))
  })
}

async function unending(): Promise<ChatReply> {
  return { kind: 'stream', events: singly(endless(() => undefined)), notes: [] }
}

let open: OpenGateway
const sockets: Socket[] = []

beforeAll(async () => {
  const models = ['whole', 'broken', 'early', 'endless', 'silent']
  open = await openGateway({
    providers: [new FakeProvider({ name: 'home', local: true, models, answer })],
  })
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await open.close()
})

const messages = [{ role: 'user', content: 'count' }]

const protocols = [
  {
    name: 'Chat Completions',
    path: '/v1/chat/completions',
    body: (model: string) => ({ model, messages, stream: true }),
    type: 'text/event-stream',
    ends: /"finish_reason":"stop"[\s\S]*data: \[DONE\]\n\n$/,
    fails: /data: \{"error":\{.*cut the answer/,
  },
  {
    name: 'Messages',
    path: '/v1/messages',
    body: (model: string) => ({ model, messages, max_tokens: 5, stream: true }),
    type: 'text/event-stream',
    ends: /event: message_stop\n.*\n\n$/,
    fails: /event: error\ndata: .*cut the answer/,
  },
  {
    name: 'Ollama',
    path: '/api/chat',
    body: (model: string) => ({ model, messages }),
    type: 'application/x-ndjson',
    ends: /"done":true.*\n$/,
    fails: /\{"error":"[^"]*cut the answer/,
  },
  {
    name: 'chat/multi',
    path: '/api/chat/multi',
    body: (model: string) => ({ model, messages, stream: true }),
    type: 'text/event-stream',
    ends: /"done":true\}\n\n$/,
    fails: /data: \{"error":\{.*cut the answer/,
  },
] as const

async function streamed(path: string, body: object): Promise<{ head: Response; text: string }> {
  const head = await fetch(`${open.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return { head, text: await head.text() }
}

describe.each(protocols)('$name', ({ path, body, type, ends, fails }) => {
  it('streams to its own end', async () => {
    const { head, text } = await streamed(path, body('home/whole'))
    expect(head.status).toBe(200)
    expect(head.headers.get('content-type')).toContain(type)
    expect(head.headers.get('x-patchbay-provider')).toBe('home')
    expect(head.headers.get('x-request-id')).toMatch(/^req_/)
    expect(text).toContain('one ')
    expect(text).toContain('two')
    expect(text).toMatch(ends)
  })

  it('says in its own words that the answer broke off', async () => {
    const { head, text } = await streamed(path, body('home/broken'))
    expect(head.status).toBe(200)
    expect(text).toContain('one ')
    expect(text).toMatch(fails)
    expect(text).not.toMatch(ends)
  })

  it('never ends cleanly when the provider just stops', async () => {
    const { text } = await streamed(path, body('home/early'))
    expect(text).not.toMatch(ends)
    expect(text).toMatch(/error/)
  })
})

/** A client that sends one chat and may hang up. */
async function dial(model: string): Promise<Socket> {
  const socket = connect(Number(new URL(open.url).port), '127.0.0.1')
  sockets.push(socket)
  await once(socket, 'connect')
  const body = JSON.stringify({ model, messages, stream: true })
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  return socket
}

describe('a stop', () => {
  it('asked for twice lets a stream end in words, and then closes the providers', async () => {
    const models = ['endless']
    const provider = new FakeProvider({ name: 'home', local: true, models, answer: unending })
    let closedAfter = ''
    let text = ''
    provider.close = async () => {
      closedAfter = text
    }
    const stopping = await openGateway({ providers: [provider], drainMs: 1 })
    const head = await fetch(`${stopping.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'home/endless', messages, stream: true }),
    })
    const reading = (async () => {
      for await (const chunk of head.body ?? []) text += new TextDecoder().decode(chunk)
    })()
    await Promise.all([stopping.gateway.close(), stopping.gateway.close()])
    await reading
    expect(text).toContain('Patchbay is stopping')
    expect(closedAfter).toContain('one ')
    await stopping.close()
  })
})

describe('a client that leaves', () => {
  it('in the middle of a stream cancels it', async () => {
    const socket = await dial('home/endless')
    await once(socket, 'data')
    socket.destroy()
    await cancelled.promise
  })

  it('before the first event cancels the call', async () => {
    const socket = await dial('home/silent')
    const signal = await asked.promise
    const left = once(signal, 'abort')
    socket.destroy()
    await left
    expect(signal.reason).toMatchObject({ kind: 'cancelled', origin: 'client' })
  })
})

async function raw(text: string): Promise<Socket> {
  const socket = connect(Number(new URL(open.url).port), '127.0.0.1')
  sockets.push(socket)
  socket.write(text, 'latin1')
  return socket
}

async function sendRaw(text: string): Promise<string> {
  const socket = connect(Number(new URL(open.url).port), '127.0.0.1')
  sockets.push(socket)
  socket.write(text)
  const [chunk] = await once(socket, 'data')
  socket.destroy()
  return String(chunk)
}

describe('what comes over a raw socket', () => {
  it.each(['evil.test', 'localhost.evil.test:8787', '0.0.0.0'])(
    'with the Host %s is told that this is another server',
    async (host) => {
      const answered = await sendRaw(`GET /v1/models HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      expect(answered).toContain('HTTP/1.1 421')
      expect(answered).toContain('host_not_allowed')
    },
  )

  it('and asks for a WebSocket is refused at once', async () => {
    const answered = await sendRaw(
      'GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGVzdA==\r\n\r\n',
    )
    expect(answered).toContain('HTTP/1.1 426')
  })

  it.each(['/v1/responses', '/responses', '/v1/v1/responses', '/openai/v1/responses?x=1'])(
    'and asks for a WebSocket at %s, as Codex does, has its connection closed with an error of OpenAI',
    async (path) => {
      const socket = await raw(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: hcdgqUrQjCiEmdz0bkZ+OA==\r\nauthorization: Bearer sk-dummy\r\nopenai-beta: responses_websockets=2026-02-06\r\nsec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n\r\n`,
      )
      // Nobody ends it from this side: that it ends is the server's doing.
      let answered = ''
      for await (const chunk of socket) answered += String(chunk)
      const [head = '', body = ''] = answered.split('\r\n\r\n')
      expect(head).toMatch(/^HTTP\/1\.1 426 /)
      expect(head).toMatch(/^connection: close$/im)
      expect(head).toMatch(/^x-should-retry: false$/im)
      expect(parseJson(body)).toEqual({
        error: {
          message: expect.stringContaining('POST to the same path'),
          type: 'invalid_request_error',
          param: null,
          code: 'upgrade_refused',
        },
      })
    },
  )

  it('and sends frames without waiting for leave is refused all the same, once', async () => {
    const socket = await raw(
      'GET /v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGVzdA==\r\n\r\n\u0081\u0085abcdefghi',
    )
    let answered = ''
    for await (const chunk of socket) answered += String(chunk)
    expect(answered.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 426'])
  })

  it('from a real WebSocket client fails at once', async () => {
    const client = new WebSocket(`${open.url.replace('http:', 'ws:')}/v1/responses`)
    const opens = vi.fn<() => void>()
    client.addEventListener('open', opens)
    await once(client, 'close')
    expect(opens).not.toHaveBeenCalled()
  })

  it('and offers HTTP/2 is answered in HTTP/1.1', async () => {
    const answered = await sendRaw(
      'GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    )
    expect(answered).toContain('HTTP/1.1 200')
  })
})
