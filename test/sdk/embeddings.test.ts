// The official SDKs as clients of the running gateway: texts to vectors, through every protocol that has them.
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { Mistral } from '@mistralai/mistralai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProviderConfig } from '../../src/providers/provider-config.ts'
import {
  EMBEDDING_PROVIDERS,
  type EmbeddingUpstreams,
  bodyOf,
  embeddingUpstreams,
  vectorOf,
} from '../embedding-upstreams.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { llamaServer } from '../real/llama-server.ts'
import { realModel } from '../real/real-model.ts'
import { dataFolderWith } from './upstreams.ts'

/** Has no embeddings: nothing is ever sent there. */
const CLAUDE: ProviderConfig = {
  providerType: 'anthropic',
  name: 'claude',
  apiKey: 'sk-test',
  baseUrl: 'http://127.0.0.1:9',
  models: ['opus'],
}

const TEXTS = ['a', 'two words', 'and the third one']

interface Clients {
  readonly openai: OpenAI
  readonly gemini: GoogleGenAI
  readonly mistral: Mistral
  readonly ollama: Ollama
}

function clientsOf({ url, clientKey: apiKey }: OpenGateway): Clients {
  return {
    openai: new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 }),
    gemini: new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } }),
    mistral: new Mistral({ serverURL: `${url}/mistral`, apiKey }),
    ollama: new Ollama({ host: url, headers: { authorization: `Bearer ${apiKey}` } }),
  }
}

/** Each SDK's way to ask for vectors. */
const WAYS: Readonly<
  Record<keyof Clients, (clients: Clients, model: string, texts: string[]) => Promise<number[][]>>
> = {
  openai: async ({ openai }, model, texts) => {
    const { data } = await openai.embeddings.create({ model, input: texts })
    return data.map(({ embedding }) => embedding)
  },
  gemini: async ({ gemini }, model, contents) => {
    const { embeddings = [] } = await gemini.models.embedContent({ model, contents })
    return embeddings.map(({ values = [] }) => values)
  },
  mistral: async ({ mistral }, model, inputs) => {
    const { data } = await mistral.embeddings.create({ model, inputs })
    return data.map(({ embedding = [] }) => embedding)
  },
  ollama: async ({ ollama }, model, input) => {
    const { embeddings } = await ollama.embed({ model, input })
    return embeddings
  },
}

function names<T extends object>(object: T): readonly (keyof T & string)[]
function names(object: object): readonly string[] {
  return Object.keys(object)
}

describe('official SDKs and upstreams of every protocol', () => {
  let upstreams: EmbeddingUpstreams
  let open: OpenGateway
  let clients: Clients
  beforeAll(async () => {
    upstreams = await embeddingUpstreams()
    open = await openGateway({ providers: [...upstreams.providers, CLAUDE] })
    clients = clientsOf(open)
  })
  afterAll(async () => {
    await open.close()
    await upstreams.close()
  })

  describe.each(names(WAYS))('the %s SDK', (client) => {
    it.each(EMBEDDING_PROVIDERS)(
      'gets the vectors of %s in the order of its texts',
      async (name) => {
        const vectors = await WAYS[client](clients, `${name}/embedder`, TEXTS)
        expect(vectors).toEqual(TEXTS.map((text) => vectorOf(text)))
        expect(bodyOf(upstreams.lastSeen(name))).not.toEqual({})
      },
    )

    it('is told in its own words that a provider has none', async () => {
      const failure: unknown = await WAYS[client](clients, 'claude/opus', TEXTS).catch(
        (error: unknown) => error,
      )
      expect(String(failure)).toContain('has no embeddings')
      const status =
        client === 'mistral'
          ? { statusCode: 400 }
          : client === 'ollama'
            ? { status_code: 400 }
            : { status: 400 }
      expect(failure).toMatchObject(status)
    })
  })

  it('gives the openai SDK base64, its default, and its counts', async () => {
    const input = { model: 'ollama/embedder', input: TEXTS }
    const raw = await clients.openai.post<{ data: { embedding: string }[] }>('/embeddings', {
      body: { ...input, encoding_format: 'base64' },
    })
    expect(raw.data[0]?.embedding).toBe('AACAPwAAAL8AAIA+')
    const { usage } = await clients.openai.embeddings.create(input)
    expect(usage).toEqual({ prompt_tokens: 3, total_tokens: 3 })
  })

  it('passes on how long the vectors shall be, in each wire’s own word', async () => {
    const words = { openai: 'dimensions', mistral: 'output_dimension', ollama: 'dimensions' }
    for (const [provider, word] of Object.entries(words)) {
      const model = `${provider}/embedder`
      await clients.openai.embeddings.create({ model, input: 'a', dimensions: 3 })
      expect(bodyOf(upstreams.lastSeen(provider))[word]).toBe(3)
    }
    await clients.openai.embeddings.create({ model: 'google/embedder', input: 'a', dimensions: 3 })
    expect(bodyOf(upstreams.lastSeen('google'))).toMatchObject({ outputDimensionality: 3 })
  })

  it('gives the older call of Ollama its one vector', async () => {
    const { embedding } = await clients.ollama.embeddings({ model: 'openai/embedder', prompt: 'a' })
    expect(embedding).toEqual(vectorOf('a'))
  })

  it('leaves a client of Anthropic no such path, and says so in its words', async () => {
    const client = new Anthropic({ baseURL: open.url, apiKey: open.clientKey, maxRetries: 0 })
    const failure: unknown = await client
      .post('/anthropic/v1/embeddings', { body: {} })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Anthropic.NotFoundError)
  })
})

const { value: real, reason } = await realModel()
const server = await llamaServer({ also: ['embeddings'] })

describe.skipIf(real === undefined || server.value === undefined)(
  `official SDKs and real vectors (${reason ?? server.reason ?? 'real models'})`,
  () => {
    let open: OpenGateway
    let clients: Clients
    beforeAll(async () => {
      open = await openGateway({
        providers: [
          { providerType: 'local', name: 'local' },
          { providerType: 'local', name: 'small', settings: { contextTokens: 256 } },
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

    const SENTENCES = [
      'A cat sits on the mat.',
      'A kitten lies on a rug.',
      'Shares fell on Monday.',
    ]

    describe.each(['local/smollm2-135m', 'llama/smollm2-135m'])('with %s', (model) => {
      it.each(names(WAYS))('the %s SDK finds what is alike', async (client) => {
        const [cat, kitten, shares] = await WAYS[client](clients, model, SENTENCES)
        expect(cat).toHaveLength(576)
        expect(likeness(cat, kitten)).toBeGreaterThan(likeness(cat, shares))
        expect(likeness(cat, cat)).toBeCloseTo(1, 4)
      })
    })

    it('counts the tokens that the embedded model has read', async () => {
      const { usage } = await clients.openai.embeddings.create({ model: 'local', input: SENTENCES })
      expect(usage.prompt_tokens).toBeGreaterThan(15)
      expect(usage.prompt_tokens).toBeLessThan(40)
    })

    it('lists the embedded model among the running ones once it has answered', async () => {
      await clients.ollama.embed({ model: 'local', input: 'a' })
      const { models } = await clients.ollama.ps()
      expect(models.map(({ name }) => name)).toContain('local/smollm2-135m')
    })

    it('refuses another length and an empty text, and cuts only what may be cut', async () => {
      const wanted = { model: 'local', input: 'a', dimensions: 3 }
      await expect(clients.openai.embeddings.create(wanted)).rejects.toMatchObject({
        status: 400,
        param: 'dimensions',
      })
      await expect(
        clients.openai.embeddings.create({ model: 'local', input: '' }),
      ).rejects.toMatchObject({
        status: 400,
      })
      const input = 'word '.repeat(300)
      await expect(
        clients.openai.embeddings.create({ model: 'small', input }),
      ).rejects.toMatchObject({ code: 'context_length_exceeded' })
      await expect(
        clients.ollama.embed({ model: 'small', input, truncate: false }),
      ).rejects.toMatchObject({ status_code: 400 })
      const cut = await clients.ollama.embed({ model: 'small', input, truncate: true })
      expect(cut.embeddings[0]).toHaveLength(576)
      expect(cut.prompt_eval_count).toBe(255)
    })
  },
)

function likeness(left: readonly number[] = [], right: readonly number[] = []): number {
  const dot = left.reduce((sum, number, at) => sum + number * (right[at] ?? 0), 0)
  return dot / Math.hypot(...left) / Math.hypot(...right)
}
