// What a key with a scope reaches: every door, every place where a name of a model can stand, every spelling, and whoever is asked in another's stead.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ChatExchange } from '../src/exchange/exchange.ts'
import { GatewayError } from '../src/canonical/errors.ts'
import { type Json, type JsonObject, isArray, isObject, tryParseJson } from '../src/wire/json.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { FakeProvider } from './server-fakes.ts'

let open: OpenGateway
let scoped = ''
/** Every model that a provider was asked for. */
let asked: string[] = []
let isDown = false

class Watched extends FakeProvider {
  protected override async answer(exchange: ChatExchange): ReturnType<FakeProvider['answer']> {
    asked.push(`${this.name}/${exchange.target.model}`)
    if (isDown && this.name === 'box') {
      throw new GatewayError('upstream', 'It is down.', {
        origin: 'upstream',
        code: 'upstream_unreachable',
      })
    }
    return super.answer(exchange)
  }

  override async embed(inputs: readonly string[]): ReturnType<FakeProvider['embed']> {
    asked.push(`${this.name}/embed`)
    return super.embed(inputs)
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly json: JsonObject
  readonly headers: Headers
}

interface Asking {
  readonly key?: string
  readonly body?: Json | undefined
  readonly headers?: Readonly<Record<string, string>>
}

async function ask(
  line: string,
  { key = scoped, body, headers = {} }: Asking = {},
): Promise<Answer> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const response = await fetch(`${open.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const read = tryParseJson(text)
  return {
    status: response.status,
    text,
    json: isObject(read) ? read : {},
    headers: response.headers,
  }
}

async function keyFor(scope: JsonObject): Promise<string> {
  const made = await ask('POST /api/admin/keys', {
    key: open.adminToken,
    body: { name: 'test', limits: {}, budget: [], ...scope },
  })
  expect(made.status).toBe(201)
  const { secret } = made.json
  return typeof secret === 'string' ? secret : ''
}

beforeAll(async () => {
  open = await openGateway({
    providers: [
      new Watched({ name: 'box', local: true, models: ['tiny', 'huge'], defaultModel: 'huge' }),
      new Watched({ name: 'lab', local: true, models: ['other', 'tiny'] }),
      new Watched({ name: 'asleep', local: true, enabled: false, models: ['x'] }),
    ],
    config: {
      aliases: { small: 'box/tiny', large: 'box/huge' },
      routes: [
        {
          name: 'both',
          strategy: 'priority',
          targets: [{ model: 'box/tiny' }, { model: 'lab/other' }],
        },
        {
          name: 'none',
          strategy: 'priority',
          targets: [{ model: 'box/huge' }, { model: 'lab/other' }],
        },
      ],
    },
  })
  scoped = await keyFor({ models: ['box/tiny'] })
})
afterAll(async () => open.close())
afterEach(() => {
  asked = []
  isDown = false
})

const messages = [{ role: 'user', content: 'Hi' }]
const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }]

/** Every door, with a model in each place that it reads. */
const DOORS: Readonly<Record<string, (model: string) => readonly [string, Json?]>> = {
  chat: (model) => ['POST /v1/chat/completions', { model, messages }],
  'chat, streamed': (model) => ['POST /v1/chat/completions', { model, messages, stream: true }],
  'chat under its prefix': (model) => ['POST /openai/v1/chat/completions', { model, messages }],
  responses: (model) => ['POST /v1/responses', { model, input: 'Hi' }],
  messages: (model) => ['POST /v1/messages', { model, messages, max_tokens: 9 }],
  gemini: (model) => [
    `POST /v1beta/models/${encodeURIComponent(model)}:generateContent`,
    { contents },
  ],
  'gemini, raw': (model) => [
    `POST /v1beta/models/${encodeURI(model)}:streamGenerateContent`,
    { contents },
  ],
  mistral: (model) => ['POST /mistral/v1/chat/completions', { model, messages }],
  'ollama chat': (model) => ['POST /api/chat', { model, messages }],
  'ollama generate': (model) => ['POST /api/generate', { model, prompt: 'Hi' }],
  'one message': (model) => ['POST /api/chat', { model, message: 'Hi' }],
  'many messages': (model) => ['POST /api/chat/multi', { model, messages }],
  embeddings: (model) => ['POST /v1/embeddings', { model, input: ['Hi'] }],
  'gemini embeddings': (model) => [
    `POST /v1beta/models/${encodeURIComponent(model)}:embedContent`,
    { content: { parts: [{ text: 'Hi' }] } },
  ],
  'ollama embeddings': (model) => ['POST /api/embed', { model, input: 'Hi' }],
  'count of messages': (model) => ['POST /v1/messages/count_tokens', { model, messages }],
  'count of responses': (model) => ['POST /v1/responses/input_tokens', { model, input: 'Hi' }],
  'gemini count': (model) => [
    `POST /v1beta/models/${encodeURIComponent(model)}:countTokens`,
    { contents },
  ],
}

const FORBIDDEN = [
  'box/huge',
  'huge',
  'large',
  'lab/other',
  'lab/tiny',
  'lab',
  'box',
  'none',
  'nowhere/at-all',
  'BOX/tiny',
  'box/TINY',
  'box/tiny\u200b',
  'box//tiny',
  'asleep/x',
]

describe.each(Object.entries(DOORS))('%s', (doorName, door) => {
  it('K015 takes the model that the key names, by any of its names', async () => {
    for (const name of ['box/tiny', 'small', ' box/tiny ']) {
      const [line, body] = door(name)
      expect([name, (await ask(line, { body })).status]).toEqual([name, 200])
    }
    expect(asked.every((name) => name === 'box/tiny' || name === 'box/embed')).toBe(true)
  })

  it('K004 refuses every other in one way, and asks nobody', async () => {
    const told = new Set<string>()
    for (const name of FORBIDDEN) {
      // In a path, doubled slashes are one.
      if (doorName === 'gemini, raw' && name.includes('//')) continue
      const [line, body] = door(name)
      const { status, text, headers } = await ask(line, { body })
      expect([name, status, headers.get('x-patchbay-error')]).toEqual([
        name,
        403,
        'model_not_allowed',
      ])
      told.add(
        text
          .replaceAll(name, 'NAME')
          .replaceAll(/req_\w+/g, 'ID')
          .replaceAll('box//tiny', 'NAME'),
      )
    }
    expect(asked).toEqual([])
    expect(told.size).toBeLessThanOrEqual(2)
  })
})

describe('a name in another place', () => {
  it('K004 in the URL changes nothing of the one in the body', async () => {
    const body = { model: 'box/huge', messages }
    expect((await ask('POST /v1/chat/completions?model=box/tiny', { body })).status).toBe(403)
    const own = { model: 'box/tiny', messages }
    expect((await ask('POST /v1/chat/completions?model=box/huge', { body: own })).status).toBe(200)
    expect(asked).toEqual(['box/tiny'])
  })

  it('K004 of a provider apart is held to as well', async () => {
    const tries = [
      { provider: 'lab', model: 'other', message: 'Hi' },
      { provider: 'lab', message: 'Hi' },
      { provider: 'box', message: 'Hi' },
      { provider: 'nowhere', message: 'Hi' },
      { message: 'Hi' },
    ]
    for (const body of tries) {
      expect((await ask('POST /api/chat', { body })).headers.get('x-patchbay-error')).toBe(
        'model_not_allowed',
      )
    }
    expect(
      (await ask('POST /api/chat', { body: { provider: 'box', model: 'tiny', message: 'Hi' } }))
        .status,
    ).toBe(200)
    expect(asked).toEqual(['box/tiny'])
  })

  it('explains no more than may be done', async () => {
    const { json } = await ask('POST /api/explain', {
      body: { dialect: 'openai-chat', body: { model: 'box/huge', messages } },
    })
    expect(JSON.stringify(json)).toContain('model_not_allowed')
    expect(JSON.stringify(json)).not.toContain('lab')
  })
})

describe('what is listed', () => {
  it('K016 is what the key may use', async () => {
    const { json } = await ask('GET /v1/models')
    const models = isArray(json['data']) ? json['data'] : []
    expect(new Set(models.map((one) => (isObject(one) ? one['id'] : '')))).toEqual(
      new Set(['both', 'box/tiny', 'small']),
    )
    expect((await ask('GET /v1/models/box/tiny')).status).toBe(200)
    expect((await ask('GET /v1/models/box/huge')).status).toBe(403)
    expect((await ask('GET /v1/models/nowhere/x')).status).toBe(403)
    const lists = [
      '/v1beta/models',
      '/api/tags',
      '/mistral/v1/models',
      '/api/providers/models',
      '/api/providers/health',
    ]
    for (const path of lists) {
      const { text, status } = await ask(`GET ${path}`)
      expect([path, status, /huge|lab|asleep/.test(text)]).toEqual([path, 200, false])
    }
    expect((await ask('GET /api/providers/lab/models')).status).toBe(403)
    expect((await ask('GET /api/providers/nowhere/models')).status).toBe(403)
    expect((await ask('GET /api/providers/box/models')).text).not.toContain('huge')
  })
})

describe('a route', () => {
  it('K005 asks only those of its targets that the key names, also when they fail', async () => {
    const body = { model: 'both', messages }
    expect(
      (await ask('POST /v1/chat/completions', { body })).headers.get('x-patchbay-provider'),
    ).toBe('box')
    isDown = true
    expect((await ask('POST /v1/chat/completions', { body })).status).toBe(502)
    expect(new Set(asked)).toEqual(new Set(['box/tiny']))
    expect((await ask('POST /v1/chat/completions', { key: open.clientKey, body })).status).toBe(200)
    expect(asked.at(-1)).toBe('lab/other')
  })
})

describe('an answer that was given before', () => {
  it("D012 is no other key's, nor that of a key that may not ask any more", async () => {
    const body = { model: 'box/tiny', messages, temperature: 0 }
    const headers = { 'x-patchbay-cache': 'ttl=60' }
    const made = await ask('POST /api/admin/keys', {
      key: open.adminToken,
      body: { name: 'narrowed', models: ['box/tiny'], limits: {}, budget: [] },
    })
    const key = String(made.json['secret'])
    const cached = async (own: string): Promise<string | null> => {
      const answer = await ask('POST /v1/chat/completions', { key: own, body, headers })
      return answer.headers.get('x-patchbay-cache') ?? String(answer.status)
    }
    expect(await cached(key)).toMatch(/miss/)
    expect(await cached(key)).toMatch(/hit/)
    expect(await cached(scoped)).toMatch(/miss/)
    const id = isObject(made.json['key']) ? String(made.json['key']['id']) : ''
    await ask(`PATCH /api/admin/keys/${id}`, {
      key: open.adminToken,
      body: { models: ['lab/*'] },
      headers: { 'if-match': '*' },
    })
    expect(await cached(key)).toBe('403')
  })

  it('is found by nobody else, and not by its own key once that is for something else', async () => {
    const made = await ask('POST /v1/responses', { body: { model: 'box/tiny', input: 'Hi' } })
    const path = `GET /v1/responses/${String(made.json['id'])}`
    expect((await ask(path)).status).toBe(200)
    expect((await ask(path, { key: open.clientKey })).status).toBe(404)
    const chatOnly = await keyFor({ endpoints: ['chat'] })
    expect((await ask(path, { key: chatOnly })).headers.get('x-patchbay-error')).toBe(
      'endpoint_not_allowed',
    )
  })
})

describe('what a key is for', () => {
  it.each<[string, readonly string[]]>([
    [
      'chat',
      [
        'chat',
        'chat, streamed',
        'responses',
        'messages',
        'gemini',
        'mistral',
        'ollama chat',
        'ollama generate',
        'one message',
        'many messages',
        'chat under its prefix',
        'gemini, raw',
      ],
    ],
    ['embeddings', ['embeddings', 'gemini embeddings', 'ollama embeddings']],
    ['count_tokens', ['count of messages', 'count of responses', 'gemini count']],
  ])('%s is what is done, by whatever path', async (endpoint, doors) => {
    const key = await keyFor({ endpoints: [endpoint] })
    for (const [name, door] of Object.entries(DOORS)) {
      const [line, body] = door('box/tiny')
      const expected = doors.includes(name) ? 200 : 403
      expect([name, (await ask(line, { key, body })).status]).toEqual([name, expected])
    }
    expect((await ask('GET /v1/models', { key })).status).toBe(403)
    expect((await ask('GET /api/keys/self', { key })).status).toBe(200)
  })

  it('K003 is held to in whatever header the key comes', async () => {
    const body = { model: 'box/huge', messages }
    for (const name of ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']) {
      const response = await fetch(`${open.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { [name]: scoped },
        body: JSON.stringify(body),
      })
      expect([name, response.status]).toEqual([name, 403])
    }
  })

  it('holds for policies: without a word, the strictest that it may', async () => {
    const key = await keyFor({ policies: ['strict'] })
    const body = { model: 'box/tiny', messages }
    const policy = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await ask('POST /v1/chat/completions', { key, body, headers })).status
    expect(await policy({ 'x-patchbay-policy': 'lenient' })).toBe(403)
    expect(await policy({ 'x-patchbay-policy': 'default' })).toBe(403)
    expect(await policy({ 'x-patchbay-policy': 'strict' })).toBe(200)
    expect(await policy({})).toBe(200)
    const { json } = await ask('POST /api/explain', {
      key,
      body: { dialect: 'openai-chat', body: { model: 'box/tiny', messages } },
    })
    expect(JSON.stringify(json)).toContain('"strict"')
  })

  it('is critical where it is made so, and nowhere else', async () => {
    const headers = { 'x-patchbay-priority': 'critical' }
    const body = { model: 'box/tiny', messages }
    const key = await keyFor({ critical: true })
    expect((await ask('POST /v1/chat/completions', { key, body, headers })).status).toBe(200)
    expect((await ask('POST /v1/chat/completions', { body, headers })).status).toBe(403)
  })

  it('is used from its networks alone', async () => {
    const body = { model: 'box/tiny', messages }
    const near = await keyFor({ cidrs: ['127.0.0.0/8', '::1'] })
    const far = await keyFor({ cidrs: ['10.0.0.0/8'] })
    expect((await ask('POST /v1/chat/completions', { key: near, body })).status).toBe(200)
    const headers = { 'x-forwarded-for': '10.0.0.1' }
    const refused = await ask('POST /v1/chat/completions', { key: far, body, headers })
    expect([refused.status, refused.headers.get('x-patchbay-error')]).toEqual([
      403,
      'address_not_allowed',
    ])
  })
})
