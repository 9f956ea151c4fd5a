// What nobody may get at or into: keys, other machines, other people's identities, headers, prototypes.
import { request as httpRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/wire/json.ts'
import { parseJson } from '../../src/wire/json.ts'
import { openUpstream } from '../fake-upstream.ts'
import { type Id, IDS } from './protocols.ts'
import { asked, call, said, text, user, whole } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  {
    providerType: 'ollama',
    name: 'fetching',
    settings: { fetchMedia: true, dialects: ['ollama'] },
  },
])
const TURNS = { turns: [user(text('go'))] }
const CANARY = 'sk-upstream'

describe.each(IDS)('the key of a provider of %s', (to) => {
  it('goes in a header, and is in no answer, whatever fails [PB-170] [PB-172]', async () => {
    const echo: Json = { error: { message: `bad key ${CANARY}`, code: CANARY, param: CANARY } }
    const from: Id = to === 'openai-chat' ? 'anthropic-messages' : 'openai-chat'
    for (const reply of [
      whole(echo, 400),
      whole(echo, 401),
      whole(echo, 500),
      whole(`text with ${CANARY}`, 503),
      { chunks: [`{"half": "${CANARY}`] },
      { ending: 'reset' as const, chunks: [] },
    ]) {
      for (const stream of [false, true]) {
        const told = await board.ask({ from, to, body: asked(from, TURNS), reply, stream })
        expect(told.text).not.toContain(CANARY)
        expect(JSON.stringify([...told.headers])).not.toContain(CANARY)
      }
    }
    const seen = board.open().upstream.requests.at(-1)
    expect(seen?.path).not.toContain(CANARY)
    expect(JSON.stringify(seen?.headers)).toContain(CANARY)
    expect(seen?.headers.authorization ?? '').not.toContain(board.open().key)
  })
})

describe('an address in a request', () => {
  const PRIVATE = [
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/latest/meta-data/',
    'https://127.0.0.1/a.png',
    'https://127.0.0.1:8443/a.png',
    'https://localhost/a.png',
    'https://[::1]/a.png',
    'https://[::ffff:10.0.0.1]/a.png',
    'https://[::ffff:127.0.0.1]/a.png',
    'https://10.0.0.1/a.png',
    'https://172.16.0.1/a.png',
    'https://192.168.1.1/a.png',
    'https://2130706433/a.png',
    'https://0x7f000001/a.png',
    'https://017700000001/a.png',
    'https://127.1/a.png',
    'https://0.0.0.0/a.png',
    'https://[fd00::1]/a.png',
    'https://[fe80::1]/a.png',
    'https://100.64.0.1/a.png',
    'https://user:pass@example.com/a.png',
    'ftp://example.com/a.png',
    'file:///etc/passwd',
    'gopher://127.0.0.1/',
  ]
  it.each(PRIVATE)(
    'is never fetched, and nothing is told of what is there: %s [PB-173]',
    async (url) => {
      await using inside = await openUpstream()
      const image = {
        type: 'image_url',
        image_url: { url: url.replace(':8443', `:${new URL(inside.url).port}`) },
      }
      const told = await board.ask({
        from: 'openai-chat',
        to: 'fetching',
        speaks: 'ollama',
        body: { messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }, image] }] },
      })
      expect([told.status, told.sent]).toEqual([400, []])
      expect(inside.connections).toBe(0)
      expect(told.text).not.toMatch(/ECONN|refused by|timed? ?out/i)
    },
  )
})

/** As written on the wire, whatever a URL parser would make of it. */
function raw(
  path: string,
  headers: Readonly<Record<string, string>>,
  method = 'POST',
): Promise<number> {
  const { hostname, port } = new URL(board.open().url)
  return new Promise((resolve, reject) => {
    const asking = httpRequest(
      { hostname, port, path, method, headers, agent: false },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      },
    )
    asking.on('error', reject)
    asking.end(
      method === 'POST'
        ? '{"model":"openai-chat/model-x","messages":[{"role":"user","content":"go"}]}'
        : undefined,
    )
  })
}

describe('a call without a key', () => {
  const PLACES = [
    '/v1/chat/completions',
    '/v1/messages',
    '/api/providers/register',
    '/v1/models/x',
    '/openai/v1/chat/completions',
  ]
  const HOSTS = [
    '127.0.0.1',
    'localhost/api/hello',
    'api.hello',
    '127.0.0.1/../api/version',
    '127.0.0.1.',
    '',
  ]
  it.each(PLACES)(
    'is let in at %s by no Host, spelling or forwarded header [PB-174]',
    async (place) => {
      const { upstream } = board.open()
      const before = upstream.requests.length
      const spellings = [
        place,
        `/${place}`,
        place.replace('/', '/%2e/'),
        `/api/hello/..${place}`,
        `/api/hello/%2e%2e${place}`,
        `${place}/`,
        `${place}.`,
        place.toUpperCase(),
        `http://127.0.0.1${place}`,
        `http://api.hello/api/hello?x=${place}`,
      ]
      for (const path of spellings) {
        for (const host of HOSTS) {
          for (const more of [
            {},
            { 'x-forwarded-host': 'localhost', 'x-original-url': '/api/hello' },
          ]) {
            const status = await raw(path, { host, ...more })
            expect([path, host, status, status >= 400]).toEqual([path, host, status, true])
          }
        }
      }
      expect(upstream.requests.slice(before).filter(({ method }) => method === 'POST')).toEqual([])
    },
  )
})

describe('a key that is nearly ours', () => {
  it('is nobody’s: neither cut, nor longer, nor with its end changed [PB-175]', async () => {
    const { key, url } = board.open()
    const last = key.endsWith('A') ? 'B' : 'A'
    for (const wrong of [
      key.slice(0, -1),
      `${key}A`,
      `${key.slice(0, -1)}${last}`,
      key.slice(0, 20),
    ]) {
      for (let time = 0; time < 2; time += 1) {
        const response = await fetch(`${url}/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${wrong}` },
          body: JSON.stringify({ model: 'openai-chat/model-x', ...asked('openai-chat', TURNS) }),
        })
        expect(response.status).toBe(401)
        await response.arrayBuffer()
      }
    }
  })

  it('of a client opens nothing of administration, whatever its body says [PB-180]', async () => {
    const { key, url } = board.open()
    for (const [method, path] of [
      ['POST', '/api/providers/register'],
      ['DELETE', '/api/providers/openai-chat'],
      ['GET', '/api/providers'],
    ] as const) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(method === 'POST'
          ? {
              body: JSON.stringify({
                name: 'x',
                provider_type: 'openai',
                role: 'admin',
                admin: true,
              }),
            }
          : {}),
      })
      expect([path, [401, 403, 404, 405].includes(response.status)]).toEqual([path, true])
      await response.arrayBuffer()
    }
    expect(board.open().opened.gateway.manager.findProvider('x')).toBeUndefined()
  })
})

describe('what a client says', () => {
  it.each(['a\r\nx-evil: 1', 'a\nx-evil: 1', 'a\u0000b', 'ä😀', 'a\u007fb'])(
    'stands in no header as it came: a model called %j [PB-179]',
    async (model) => {
      for (const from of ['openai-chat', 'anthropic-messages', 'ollama'] as const) {
        const told = await board.ask({ from, to: 'openai-chat', model, body: asked(from, TURNS) })
        expect([200, 400, 404]).toContain(told.status)
        expect(told.headers.get('x-evil')).toBeNull()
        expect(JSON.stringify([...told.headers])).not.toMatch(/\\r|\\n|\\u0000/)
      }
      const after = await board.ask({
        from: 'openai-chat',
        to: 'openai-chat',
        body: asked('openai-chat', TURNS),
      })
      expect(after.status).toBe(200)
    },
  )
})

/** One argument at a path, of a call that goes on. */
const part = (jsonPath: string): Json => ({
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          {
            functionCall: {
              name: 'f',
              partialArgs: [{ jsonPath, numberValue: 1 }],
              willContinue: true,
            },
          },
        ],
      },
    },
  ],
})

describe('names that every object has', () => {
  const EVIL = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"p":1}'

  it.each(IDS)('are data in arguments from %s, and change nothing [PB-181]', async (to) => {
    const from: Id = to === 'openai-chat' ? 'anthropic-messages' : 'openai-chat'
    const json = Object(parseJson(EVIL))
    for (const shape of ['whole', 'stream'] as const) {
      const reply = said(to, { parts: [call('callaaaa1', 'f', json)] }, shape)
      const told = await board.ask({
        from,
        to,
        body: asked(from, TURNS),
        reply,
        stream: shape === 'stream',
      })
      expect(told.status).toBe(200)
      expect(told.text).toMatch(/__proto__/)
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
    }
  })

  it('are nothing as paths of partial arguments [PB-181]', async () => {
    const end: Json = {
      candidates: [{ content: { parts: [{ functionCall: {} }] }, finishReason: 'STOP' }],
    }
    const events = [
      '$.__proto__.polluted',
      '$.constructor.prototype.polluted',
      '$.a[0].__proto__.polluted',
    ].map((path) => part(path))
    const told = await board.ask({
      from: 'openai-chat',
      to: 'gemini',
      body: asked('openai-chat', TURNS),
      stream: true,
      reply: {
        headers: { 'content-type': 'text/event-stream' },
        chunks: [...events, end].map((one) => `data: ${JSON.stringify(one)}\n\n`),
      },
    })
    expect(told.status).toBe(200)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(Reflect.get([], 'polluted')).toBeUndefined()
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'are unknown as names of events, roles and tools: %s [PB-181]',
    async (name) => {
      const reply = said('anthropic-messages', { parts: [text('pong')] }, 'stream')
      const odd = `event: ${name}\ndata: {"type":"${name}"}\n\n`
      const told = await board.ask({
        from: 'openai-chat',
        to: 'anthropic-messages',
        body: asked('openai-chat', TURNS),
        stream: true,
        reply: {
          ...reply,
          chunks: [odd, ...(reply.chunks ?? []).slice(0, 1), odd, ...(reply.chunks ?? []).slice(1)],
        },
      })
      expect(
        dig(
          told.heard.candidates[0] === undefined
            ? null
            : parseJson(JSON.stringify(told.heard.candidates[0])),
          'parts.0.text',
        ),
      ).toBe('pong')
      const body = { messages: [{ role: name, content: 'go' }] }
      const refused = await board.ask({ from: 'openai-chat', to: 'anthropic-messages', body })
      expect(refused.status).toBe(400)
    },
  )
})
