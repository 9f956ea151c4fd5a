// Which provider a name means, and at which address it is asked: by whole names, said openly, joined by one rule.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/registry.ts'
import { emptyRequest } from '../../src/dialects/dialect.contract.ts'
import { parseUpstreamUrl } from '../../src/transport/base-url.ts'
import { upstreamUrl } from '../../src/transport/upstream-url.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { PONG, said, whole } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const ask = { messages: [{ role: 'user', content: 'go' }] }

describe('a name that two providers have', () => {
  let upstream: FakeUpstream
  let opened: OpenGateway
  beforeAll(async () => {
    upstream = await openUpstream()
    upstream.answer(() => said('openai-chat', PONG, 'whole'))
    const common = { providerType: 'custom', baseUrl: `${upstream.url}/v1`, apiKey: 'sk-1' }
    opened = await openGateway({
      providers: [
        { ...common, name: 'first', models: ['alone'] },
        { ...common, name: 'second', models: ['mistral-7b'] },
        { ...common, name: 'third', models: ['mistral-7b'] },
      ],
    })
  })
  afterAll(async () => {
    await opened.close()
    await upstream.close()
  })

  async function asked(model: string): Promise<Response> {
    return fetch(`${opened.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${opened.clientKey}` },
      body: JSON.stringify({ model, ...ask }),
    })
  }

  it('is refused with the choices where nothing says which is meant [PB-184]', async () => {
    const response = await asked('mistral-7b')
    expect(response.status).toBe(404)
    const text = await response.text()
    expect(text).toContain('ambiguous_model')
    expect(text).toContain('second/mistral-7b')
    expect(text).toContain('third/mistral-7b')
  })

  it('is each its own in the list, and its full name goes where it says [PB-184]', async () => {
    const list = await fetch(`${opened.url}/v1/models`, {
      headers: { authorization: `Bearer ${opened.clientKey}` },
    })
    const text = await list.text()
    expect(text).toContain('"second/mistral-7b"')
    expect(text).toContain('"third/mistral-7b"')
    for (const name of ['second', 'third']) {
      const response = await asked(`${name}/mistral-7b`)
      expect(response.headers.get('x-patchbay-provider')).toBe(name)
    }
  })
})

describe('a colon in a name', () => {
  it.each([
    'anthropic/claude-sonnet-4:thinking',
    'wizardlm-2-8x22b:nitro',
    'qwen3:0.6b',
    'hf.co/user/model:Q4_K_M',
  ])('says nothing of the provider and stays where it is: %s [PB-185]', async (model) => {
    for (const to of ['openai-chat', 'ollama'] as const) {
      const told = await board.ask({ from: 'openai-chat', to, model, body: ask })
      expect(told.headers.get('x-patchbay-provider')).toBe(to)
      expect(dig(told.sent[0], 'model')).toBe(model)
    }
    const told = await board.ask({
      from: 'gemini',
      to: 'openai-chat',
      model,
      body: { contents: [{ parts: [{ text: 'go' }] }] },
    })
    expect(dig(told.sent[0], 'model')).toBe(model)
  })
})

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file))
}

it('no expression that remembers where it stopped is asked twice [PB-186]', () => {
  const src = join(import.meta.dirname, '..', '..', 'src')
  const stateful = sources(src).flatMap((file) => {
    const source = readFileSync(file, 'utf8')
    const named = source.matchAll(/const (\w+)(?:: RegExp)? = \/.*\/[a-z]*[gy][a-z]*$/gm)
    return [...named].flatMap(([, name = '']) =>
      new RegExp(String.raw`\b${name}\.(?:test|exec)\(`).test(source) ? [`${file}: ${name}`] : [],
    )
  })
  expect(stateful).toEqual([])
})

describe('a base URL', () => {
  const BASES: readonly (readonly [base: string, root: string])[] = [
    ['https://h.example', 'https://h.example'],
    ['https://h.example/', 'https://h.example'],
    ['https://h.example/v1', 'https://h.example/v1'],
    ['https://h.example/v1/', 'https://h.example/v1'],
    ['https://h.example/v1//', 'https://h.example/v1'],
    ['https://h.example/api/v1/', 'https://h.example/api/v1'],
    ['https://h.example/api/coding', 'https://h.example/api/coding'],
    ['https://h.example/api/coding/', 'https://h.example/api/coding'],
    ['https://h.example/openai/v1', 'https://h.example/openai/v1'],
    ['https://h.example:8443', 'https://h.example:8443'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080/v1', 'http://[::1]:8080/v1'],
  ]
  it.each(BASES)('%s keeps its path, and says no version twice [PB-187]', (base, root) => {
    for (const dialect of dialects) {
      const request = { ...emptyRequest(dialect.id), model: 'm' }
      const { path } = dialect.request.encode(request, { provider: 'p', flags: {} })
      for (const way of [path, dialect.models.listPath]) {
        const { href } = upstreamUrl(parseUpstreamUrl(base, 'private'), way)
        expect(href.startsWith(`${root}/`)).toBe(true)
        expect(href.slice('https://'.length)).not.toMatch(/\/\/|\/(v1|v1beta|api)\/\1\//)
      }
    }
  })
})

describe('a count of tokens', () => {
  const body = {
    messages: [{ role: 'user', content: 'go' }],
    system: 'word '.repeat(300),
    tools: [{ name: 'f', description: 'word '.repeat(300), input_schema: { type: 'object' } }],
  }
  async function count(
    to: string,
  ): Promise<{ readonly status: number; readonly tokens: number; readonly notes: string }> {
    const { url, key } = board.open()
    const response = await fetch(`${url}/v1/messages/count_tokens?beta=true`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: `${to}/model-x`, ...body }),
    })
    const { input_tokens: tokens } = Object(await response.json())
    return {
      status: response.status,
      tokens,
      notes: response.headers.get('x-patchbay-notes') ?? '',
    }
  }

  it.each(['openai-chat', 'mistral-chat', 'ollama'])(
    'is a guess for %s, with system and tools in it, and said to be one [PB-189]',
    async (to) => {
      const { status, tokens, notes } = await count(to)
      expect(status).toBe(200)
      expect(tokens).toBeGreaterThan(600)
      expect(notes).toContain('token_count')
    },
  )

  it.each([
    ['answers 404', ['anthropic-messages', 'openai-responses', 'gemini'], whole({}, 404)],
    ['answers no count', ['anthropic-messages', 'openai-responses'], whole({ hello: 'world' })],
  ])('is a guess where the host %s [PB-189]', async (_, hosts, reply) => {
    for (const to of hosts) {
      board.open().upstream.answer(() => reply)
      const { status, tokens, notes } = await count(to)
      expect([to, status]).toEqual([to, 200])
      expect(tokens).toBeGreaterThan(600)
      expect(notes).toContain('token_count')
    }
  })

  it('is the vendor’s own where it has one [PB-189]', async () => {
    board.open().upstream.answer(() => whole({ input_tokens: 728 }))
    expect(await count('anthropic-messages')).toEqual({ status: 200, tokens: 728, notes: '' })
  })
})

describe('a list of models in pages', () => {
  it('is all of them, for a client of any protocol [PB-190]', async () => {
    await using upstream = await openUpstream()
    upstream.answer(({ path }) => {
      const { searchParams } = new URL(path, 'http://h')
      const page = Number(searchParams.get('after_id')?.slice(1) ?? 0) + 1
      return whole({
        data: [{ type: 'model', id: `m${page}` }],
        has_more: page < 4,
        last_id: `m${page}`,
      })
    })
    const opened = await openGateway({
      providers: [
        { providerType: 'anthropic', name: 'claude', apiKey: 'sk-1', baseUrl: upstream.url },
      ],
    })
    try {
      for (const headers of [{}, { 'anthropic-version': '2023-06-01' }]) {
        const list = await fetch(`${opened.url}/v1/models`, {
          headers: { 'x-api-key': opened.clientKey, ...headers },
        })
        const { data } = Object(await list.json())
        expect(data).toHaveLength(4)
      }
      expect(upstream.requests[0]?.path).toContain('limit=1000')
    } finally {
      await opened.close()
    }
  })
})
