// Providers that speak several protocols: what each request is sent in, where, and what is told of it.
import { describe, expect, it } from 'vitest'
import { contextOf, failureOf } from '../../test/context.ts'
import { type FakeAnswer, type FakeTransport, fakeTransport } from '../../test/fake-transport.ts'
import type { JsonObject } from '../canonical/json.ts'
import { dialectById } from '../dialects/registry.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import { catalogRow } from './catalog.ts'
import { HttpProvider } from './http-provider.ts'
import type { ProviderConfig, ProviderSettings } from './provider-config.ts'

const CHAT = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi!' }, finish_reason: 'stop' }],
}
const RESPONSE = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'm',
  output: [
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hi!', annotations: [] }],
    },
  ],
}
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'Hi!' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 1 },
}
const NATIVE = {
  model: 'm',
  created_at: '2026-01-01T00:00:00Z',
  message: { role: 'assistant', content: 'Hi!' },
  done: true,
  done_reason: 'stop',
}

function answerTo(url: URL): FakeAnswer {
  const bodies = [
    ['/chat/completions', CHAT],
    ['/responses', RESPONSE],
    ['/messages', MESSAGE],
    ['/api/chat', NATIVE],
  ] as const
  const body = bodies.find(([path]) => url.pathname.endsWith(path))?.[1]
  if (body === undefined) return { status: 404, chunks: ['{"error":{"message":"no such path"}}'] }
  return { chunks: [JSON.stringify(body)] }
}

interface Setup {
  readonly provider: HttpProvider
  readonly transport: FakeTransport
}

function setup(type: string, more: Partial<ProviderConfig> = {}): Setup {
  const row = catalogRow(type)
  if (row === undefined) throw new Error(`there is no type ${type}`)
  const transport = fakeTransport(({ url }) => answerTo(url))
  const config = { providerType: type, name: type, apiKey: 'sk-canary', ...more }
  return { provider: new HttpProvider(config, row, contextOf(transport)), transport }
}

const PATHS: Readonly<Record<string, string>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
  ollama: '/api/chat',
}

/** A call as a client of that dialect makes it. */
function call(dialect: string, model: string, fields: JsonObject): ChatExchange {
  const path = PATHS[dialect] ?? ''
  const body = { model, ...fields }
  const wire = { method: 'POST', path, headers: {}, body }
  const request = dialectById(dialect)?.request.decode(wire)
  if (request === undefined) throw new Error(`there is no dialect ${dialect}`)
  return {
    operation: 'chat',
    id: 'x',
    request,
    source: { dialect, path, body, text: JSON.stringify(body) },
    target: { provider: 'p', model },
    policy: 'default',
    signal: new AbortController().signal,
  }
}

const HELLO = { messages: [{ role: 'user', content: 'Hi' }] }
const HELLO_MESSAGES = { ...HELLO, max_tokens: 99 }

/** `path protocol;reason`. */
async function asked({ provider, transport }: Setup, exchange: ChatExchange): Promise<string> {
  const { askedIn } = await provider.handle(exchange)
  const path = transport.sent.at(-1)?.url.pathname ?? ''
  return `${path} ${askedIn?.dialect};${askedIn?.reason}`
}

describe('OpenAI', () => {
  it("passes each client's own protocol untouched", async () => {
    const both = setup('openai')
    expect(await asked(both, call('openai-chat', 'gpt-5', HELLO))).toBe(
      '/v1/chat/completions openai-chat;untouched',
    )
    expect(await asked(both, call('openai-responses', 'gpt-5', { input: 'Hi' }))).toBe(
      '/v1/responses openai-responses;untouched',
    )
  })

  it('is asked in Responses for a reasoning model by clients of other protocols, and in Chat for others', async () => {
    const both = setup('openai')
    expect(await asked(both, call('anthropic-messages', 'gpt-5', HELLO_MESSAGES))).toBe(
      '/v1/responses openai-responses;preferred',
    )
    expect(await asked(both, call('anthropic-messages', 'gpt-4.1', HELLO_MESSAGES))).toBe(
      '/v1/chat/completions openai-chat;preferred',
    )
  })

  it('is asked in the one that keeps the stop strings', async () => {
    const fields = { ...HELLO_MESSAGES, stop_sequences: ['END'] }
    expect(await asked(setup('openai'), call('anthropic-messages', 'gpt-5', fields))).toBe(
      '/v1/chat/completions openai-chat;least-loss',
    )
  })

  it('is asked in the one that takes a document by its address', async () => {
    const source = { type: 'url', url: 'https://x.example/a.pdf' }
    const messages = [{ role: 'user', content: [{ type: 'document', source }] }]
    const fields = { max_tokens: 99, messages }
    expect(await asked(setup('openai'), call('anthropic-messages', 'gpt-4.1', fields))).toBe(
      '/v1/responses openai-responses;least-loss',
    )
  })

  it.each(['gpt-5-pro', 'gpt-5.2-pro', 'gpt-5-codex', 'gpt-5.1-codex-max', 'o3-pro'])(
    'has %s in Responses only',
    async (model) => {
      expect(await asked(setup('openai'), call('openai-chat', model, HELLO))).toMatch(
        /^\/v1\/responses /,
      )
    },
  )

  it.each(['gpt-audio', 'gpt-4o-audio-preview', 'gpt-4o-search-preview'])(
    'has %s in Chat only',
    async (model) => {
      const exchange = call('openai-responses', model, { input: 'Hi' })
      expect(await asked(setup('openai'), exchange)).toMatch(/^\/v1\/chat\/completions /)
    },
  )

  it('drops the settings that a reasoning model refuses, in Responses too', async () => {
    const both = setup('openai')
    const fields = { input: 'Hi', temperature: 0.2, top_p: 0.5 }
    const reply = await both.provider.handle(call('openai-responses', 'gpt-5', fields))
    expect(reply.notes.map(({ feature }) => feature)).toEqual(['temperature', 'top_p'])
    expect(both.transport.sent[0]?.json).toEqual({ model: 'gpt-5', input: 'Hi' })
  })

  it('does not tell a model how much to think that does not think', async () => {
    const both = setup('openai')
    const fields = { input: 'Hi', reasoning: { effort: 'low' } }
    await both.provider.handle(call('openai-responses', 'gpt-4.1', fields))
    expect(both.transport.sent[0]?.json).toEqual({ model: 'gpt-4.1', input: 'Hi' })
  })

  it('is compared without a call, with the notes of all', () => {
    const { provider, transport } = setup('openai')
    const fields = { ...HELLO_MESSAGES, stop_sequences: ['END'] }
    const choice = provider.compared(call('anthropic-messages', 'gpt-5', fields))
    expect(choice.reason).toBe('least-loss')
    expect(
      choice.considered.map(({ protocol, notes }) => [
        protocol.dialect.id,
        notes.some(({ feature }) => feature === 'stop'),
      ]),
    ).toEqual([
      ['openai-responses', true],
      ['openai-chat', false],
    ])
    expect(transport.sent).toEqual([])
  })
})

describe('Ollama', () => {
  it("passes its own clients and OpenAI's untouched", async () => {
    const both = setup('ollama')
    expect(await asked(both, call('ollama', 'm', { ...HELLO, stream: false }))).toBe(
      '/api/chat ollama;untouched',
    )
    expect(await asked(both, call('openai-chat', 'm', HELLO))).toBe(
      '/v1/chat/completions openai-chat;untouched',
    )
  })

  it('is asked natively for what its compatible protocol passes over in silence', async () => {
    const both = setup('ollama')
    expect(await asked(both, call('openai-chat', 'm', { ...HELLO, top_k: 5 }))).toBe(
      '/api/chat ollama;least-loss',
    )
    expect(both.transport.sent[0]?.json).toMatchObject({ options: { top_k: 5 } })
  })

  it('sends no tools in its compatible protocol where none may be called', async () => {
    const both = setup('ollama')
    const tools = [{ type: 'function', function: { name: 'look', parameters: {} } }]
    await both.provider.handle(call('openai-chat', 'm', { ...HELLO, tools, tool_choice: 'none' }))
    expect(both.transport.sent[0]?.json).not.toHaveProperty('tools')
  })

  it('is asked natively by everyone else', async () => {
    expect(await asked(setup('ollama'), call('anthropic-messages', 'm', HELLO_MESSAGES))).toBe(
      '/api/chat ollama;preferred',
    )
  })
})

describe('OpenRouter', () => {
  it("takes Anthropic's protocol for Anthropic's models, with the key as a bearer", async () => {
    const three = setup('openrouter')
    const claude = call('anthropic-messages', 'anthropic/claude-haiku-4.5', HELLO_MESSAGES)
    expect(await asked(three, claude)).toBe('/api/v1/messages anthropic-messages;untouched')
    expect(three.transport.sent[0]?.headers).toMatchObject({ authorization: 'Bearer sk-canary' })
    const other = call('anthropic-messages', 'z-ai/glm-5', HELLO_MESSAGES)
    expect(await asked(three, other)).toMatch(/openai-chat;only$/)
  })
})

describe('a host whose translation is opted into', () => {
  const settings: ProviderSettings = { dialects: ['openai-chat', 'anthropic-messages'] }

  it('takes its key and tells its failures as that protocol has it', async () => {
    const deepseek = setup('deepseek', { settings })
    const exchange = call('anthropic-messages', 'deepseek-chat', HELLO_MESSAGES)
    expect(await asked(deepseek, exchange)).toBe(
      '/anthropic/v1/messages anthropic-messages;untouched',
    )
    const [sent] = deepseek.transport.sent
    expect(sent?.headers).toMatchObject({ 'x-api-key': 'sk-canary' })
    expect(sent?.headers).not.toHaveProperty('authorization')
  })
})

describe('Azure', () => {
  it('is asked on its v1 surface with its own key header', async () => {
    const azure = setup('azure', { baseUrl: 'https://mine.openai.azure.com' })
    expect(await asked(azure, call('openai-responses', 'my-gpt', { input: 'Hi' }))).toBe(
      '/openai/v1/responses openai-responses;untouched',
    )
    expect(azure.transport.sent[0]?.headers).toMatchObject({ 'api-key': 'sk-canary' })
  })

  it("is asked at a deployment's address with the version in the query, and with a token", async () => {
    const azure = setup('azure', {
      baseUrl: 'https://mine.openai.azure.com/openai/deployments/my-gpt',
      settings: { query: { 'api-version': '2024-10-21' }, auth: 'bearer' },
    })
    expect(await asked(azure, call('openai-chat', 'my-gpt', HELLO))).toBe(
      '/openai/deployments/my-gpt/chat/completions openai-chat;only',
    )
    const [sent] = azure.transport.sent
    expect(sent?.url.search).toBe('?api-version=2024-10-21')
    expect(sent?.headers).toMatchObject({ authorization: 'Bearer sk-canary' })
  })
})

describe('a provider with one protocol', () => {
  it('says so', async () => {
    expect(await asked(setup('groq'), call('openai-chat', 'm', HELLO))).toBe(
      '/openai/v1/chat/completions openai-chat;only',
    )
  })

  it('is refused what it cannot be asked, before any call', async () => {
    const { provider, transport } = setup('deepseek')
    const content = [{ type: 'image_url', image_url: { url: 'https://x.example/a.png' } }]
    const exchange = call('openai-chat', 'm', { messages: [{ role: 'user', content }] })
    expect(await failureOf(provider.handle(exchange))).toMatchObject({ kind: 'unsupported' })
    expect(transport.sent).toEqual([])
  })
})
