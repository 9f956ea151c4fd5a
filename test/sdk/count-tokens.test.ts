// The official SDKs as clients of the running gateway: how many tokens a request has, counted by whoever can.
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bodyOf } from '../embedding-upstreams.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { llamaServer } from '../real/llama-server.ts'
import { realModel } from '../real/real-model.ts'
import { dataFolderWith } from './upstreams.ts'

const SYSTEM = 'You are kind.'
const QUESTION = 'What is the capital of France?'

interface Clients {
  readonly anthropic: Anthropic
  readonly gemini: GoogleGenAI
  readonly openai: OpenAI
}

function clientsOf({ url, clientKey: apiKey }: OpenGateway): Clients {
  return {
    anthropic: new Anthropic({ baseURL: url, apiKey, maxRetries: 0 }),
    gemini: new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } }),
    openai: new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 }),
  }
}

/** Each SDK's way to ask for a count. Google's takes no instructions here, so its question is a longer one. */
const WAYS: Readonly<
  Record<keyof Clients, (clients: Clients, model: string) => Promise<number | undefined>>
> = {
  anthropic: async ({ anthropic }, model) => {
    const messages = [{ role: 'user' as const, content: QUESTION }]
    return (await anthropic.messages.countTokens({ model, system: SYSTEM, messages })).input_tokens
  },
  gemini: async ({ gemini }, model) =>
    (await gemini.models.countTokens({ model, contents: `${SYSTEM} ${QUESTION}` })).totalTokens,
  openai: async ({ openai }, model) => {
    const asked = { model, instructions: SYSTEM, input: QUESTION }
    return (await openai.responses.inputTokens.count(asked)).input_tokens
  },
}
const CLIENTS = ['anthropic', 'gemini', 'openai'] as const

/** Where each vendor counts, and what it answers. */
const COUNTERS = {
  anthropic: { path: '/v1/messages/count_tokens', answer: { input_tokens: 41 } },
  google: { path: '/v1beta/models/m:countTokens', answer: { totalTokens: 42 } },
  openai: {
    path: '/responses/input_tokens',
    answer: { object: 'response.input_tokens', input_tokens: 43 },
  },
} as const
const COUNTS = { anthropic: 41, google: 42, openai: 43 } as const

describe('official SDKs and upstreams that count', () => {
  let upstream: FakeUpstream
  let open: OpenGateway
  let clients: Clients
  beforeAll(async () => {
    upstream = await openUpstream()
    upstream.answer(({ path }) => {
      const counter = Object.values(COUNTERS).find((one) => one.path === path)
      if (counter === undefined)
        return { status: 404, chunks: ['{"error":{"message":"no such path"}}'] }
      return { chunks: [JSON.stringify(counter.answer)] }
    })
    const types = ['anthropic', 'google', 'mistral', 'ollama', 'groq'] as const
    const dialects = ['openai-chat', 'openai-responses']
    const shared = { apiKey: 'sk-test', baseUrl: upstream.url, models: ['m'] }
    open = await openGateway({
      providers: [
        ...types.map((type) => ({ providerType: type, name: type, ...shared })),
        // It is not where it is known to be, so it has to be said what is there.
        { ...shared, providerType: 'openai', name: 'openai', settings: { dialects } },
        {
          ...shared,
          providerType: 'custom',
          name: 'shim',
          baseUrl: `${upstream.url}/elsewhere`,
          settings: { dialect: 'anthropic-messages', local: true },
        },
      ],
    })
    clients = clientsOf(open)
  })
  afterAll(async () => {
    await open.close()
    await upstream.close()
  })

  describe.each(CLIENTS)('the %s SDK', (client) => {
    it.each(['anthropic', 'google', 'openai'] as const)('has %s count', async (provider) => {
      expect(await WAYS[client](clients, `${provider}/m`)).toBe(COUNTS[provider])
      const seen = upstream.requests.at(-1)
      expect(seen?.path).toBe(COUNTERS[provider].path)
      expect(seen?.text).toContain(QUESTION)
      const body = bodyOf(seen)
      expect([body['max_tokens'], body['stream'], body['store']]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
    })

    it.each(['mistral', 'ollama', 'groq', 'shim'])('gets a guess for %s', async (provider) => {
      const count = await WAYS[client](clients, `${provider}/m`)
      expect(count).toBeGreaterThan(10)
      expect(count).toBeLessThan(40)
    })
  })

  it('says of a guess that it is one, and nothing of a count', async () => {
    const messages = [{ role: 'user' as const, content: QUESTION }]
    const notes = async (model: string): Promise<string | null> => {
      const call = clients.anthropic.messages.countTokens({ model, messages })
      return (await call.withResponse()).response.headers.get('x-patchbay-notes')
    }
    expect(await notes('mistral/m')).toBe('approximated=token_count')
    expect(await notes('shim/m')).toBe('approximated=token_count')
    expect(await notes('openai/m')).toBeNull()
  })

  it('raises what the provider says where the model is not there', async () => {
    const message = 'models/x is not found'
    upstream.reply({
      status: 404,
      chunks: [JSON.stringify({ error: { code: 404, message, status: 'NOT_FOUND' } })],
    })
    const failure: unknown = await clients.anthropic.messages
      .countTokens({ model: 'google/x', messages: [{ role: 'user', content: 'a' }] })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Anthropic.NotFoundError)
  })

  it('raises BadRequestError for a request without messages', async () => {
    const failure: unknown = await clients.anthropic
      .post('/v1/messages/count_tokens', { body: { model: 'anthropic/m' } })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Anthropic.BadRequestError)
  })
})

const { value: real, reason } = await realModel()
const server = await llamaServer()

describe.skipIf(real === undefined || server.value === undefined)(
  `official SDKs and real counts (${reason ?? server.reason ?? 'real models'})`,
  () => {
    let open: OpenGateway
    let clients: Clients
    beforeAll(async () => {
      open = await openGateway({
        providers: [
          { providerType: 'local', name: 'local' },
          { providerType: 'llamacpp', name: 'llama', baseUrl: `${server.value?.url ?? ''}/v1` },
        ],
        dataDir: dataFolderWith(real?.dataDir ?? ''),
      })
      clients = clientsOf(open)
    })
    afterAll(async () => {
      await open.close()
      await server.value?.close()
    })

    it.each(['local/smollm2-135m', 'llama/smollm2-135m'])(
      'with %s a count is what the chat then reads',
      async (model) => {
        const chat = await clients.openai.chat.completions.create({
          model,
          max_tokens: 1,
          messages: [
            { role: 'system', content: SYSTEM },
            { role: 'user', content: QUESTION },
          ],
        })
        const read = chat.usage?.prompt_tokens
        expect(await WAYS.anthropic(clients, model)).toBe(read)
        expect(await WAYS.openai(clients, model)).toBe(read)
        expect(await WAYS.gemini(clients, model)).toBeGreaterThan(10)
      },
    )
  },
)
