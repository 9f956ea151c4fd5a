// Every spelling of a path that real clients use, through the real server: the base said once, twice or not at all, names with slashes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { FakeProvider } from './server-fakes.ts'

const provider = new FakeProvider({
  name: 'home',
  local: true,
  models: ['tiny', 'org/large', 'llama3.2:1b'],
})
let open: OpenGateway

beforeAll(async () => {
  open = await openGateway({ providers: [provider] })
})
afterAll(async () => {
  await open.close()
})

interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

async function ask(
  path: string,
  { method = 'POST', headers = {}, body }: Ask = {},
): Promise<Response> {
  return fetch(`${open.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function statusOf(path: string, options: Ask): Promise<readonly [string, number]> {
  const response = await ask(path, options)
  await response.arrayBuffer()
  return [path, response.status]
}

const messages = [{ role: 'user', content: 'ping' }]
const contents = [{ role: 'user', parts: [{ text: 'ping' }] }]

describe('the paths of a call', () => {
  const chat = { model: 'home/tiny', messages, max_tokens: 5 }
  const places: readonly [string, readonly string[], object][] = [
    [
      'Anthropic chats',
      [
        '/v1/messages',
        '/v1/v1/messages',
        '/messages',
        '/v1/messages?beta=true',
        '/anthropic/v1/messages',
      ],
      chat,
    ],
    [
      'Anthropic counts',
      [
        '/v1/messages/count_tokens',
        '/v1/v1/messages/count_tokens',
        '/messages/count_tokens',
        '/v1/messages/count_tokens?beta=true',
        '/anthropic/v1/messages/count_tokens',
      ],
      chat,
    ],
    [
      'OpenAI chats',
      [
        '/v1/chat/completions',
        '/v1/v1/chat/completions',
        '/chat/completions',
        '/openai/v1/chat/completions',
      ],
      chat,
    ],
    [
      'OpenAI embeddings',
      [
        '/v1/embeddings',
        '/v1/v1/embeddings',
        '/embeddings',
        '/openai/v1/embeddings',
        '/mistral/v1/embeddings',
      ],
      { model: 'home/tiny', input: 'ping' },
    ],
    [
      'Responses',
      [
        '/v1/responses',
        '/responses',
        '/openai/v1/responses',
        '/v1/responses/input_tokens',
        '/responses/input_tokens',
        '/openai/v1/responses/input_tokens',
      ],
      { model: 'home/tiny', input: 'ping' },
    ],
    [
      'Ollama embeddings',
      ['/api/embed', '/ollama/api/embed'],
      { model: 'home/tiny', input: ['ping'] },
    ],
    [
      'older embeddings of Ollama',
      ['/api/embeddings', '/ollama/api/embeddings'],
      { model: 'home/tiny', prompt: 'ping' },
    ],
  ]

  it.each(places)('serve %s at every spelling of the base', async (_, paths, body) => {
    for (const path of paths) expect(await statusOf(path, { body })).toEqual([path, 200])
  })

  const bases = ['/v1beta', '/v1', '/v1beta1/publishers/google', '', '/gemini/v1beta', '/gemini/v1']
  const names = [
    'home/tiny',
    'home%2Ftiny',
    'home/org/large',
    'home%2Forg%2Flarge',
    'home/llama3.2:1b',
    'home%2Fllama3.2%3A1b',
  ]
  const calls: Readonly<Record<string, object>> = {
    generateContent: { contents },
    'streamGenerateContent?alt=sse': { contents },
    countTokens: { contents },
    embedContent: { content: contents[0] },
    batchEmbedContents: { requests: [{ content: contents[0] }] },
  }

  it.each(Object.entries(calls))(
    'serve :%s below every base, for names with slashes and colons',
    async (call, body) => {
      for (const base of bases) {
        for (const name of names) {
          const path = `${base}/models/${name}:${call}`
          const response = await ask(path, { body })
          await response.arrayBuffer()
          expect([path, response.status]).toEqual([path, 200])
          const model = decodeURIComponent(name).replace('home/', '')
          expect(response.headers.get('x-patchbay-model')).toBe(model)
        }
      }
    },
  )

  it('refuse a call of Gemini that is not there in its own words', async () => {
    const response = await ask('/v1beta/models/home/tiny:dream', { body: {} })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } })
  })
})

describe('the list of models', () => {
  it.each<[string, Record<string, string>, [string, string]]>([
    ['Gemini', { 'x-goog-api-client': 'genai' }, ['/v1/models', 'models']],
    ['Gemini', { 'x-goog-api-client': 'genai' }, ['/models', 'models']],
    ['Gemini', {}, ['/v1beta/models', 'models']],
    ['Gemini', {}, ['/v1beta1/publishers/google/models', 'models']],
    ['Anthropic', { 'anthropic-version': '2023-06-01' }, ['/v1/models', 'first_id']],
    ['OpenAI', {}, ['/v1/models', 'object']],
    ['Mistral', {}, ['/mistral/v1/models', 'object']],
    ['Ollama', {}, ['/api/tags', 'models']],
  ])('is %s’s own where its client asks (%o %o)', async (_, headers, [path, key]) => {
    const response = await ask(path, { method: 'GET', headers })
    expect(response.status).toBe(200)
    expect(Object.keys(Object(await response.json()))).toContain(key)
  })

  it('has an entry for a name with slashes, raw and encoded', async () => {
    for (const path of [
      '/v1/models/home/org/large',
      '/v1/models/home%2Forg%2Flarge',
      '/v1beta/models/home/org/large',
    ]) {
      expect(await statusOf(path, { method: 'GET' })).toEqual([path, 200])
    }
  })
})

describe('what a client says hello with', () => {
  it.each([
    ['HEAD', '/api/hello'],
    ['GET', '/api/hello'],
    ['HEAD', '/ollama'],
    ['HEAD', '/api/tags'],
    ['HEAD', '/api/version'],
    ['GET', '/api/version'],
    ['GET', '/api/ps'],
  ])('%s %s is answered', async (method, path) => {
    expect(await statusOf(path, { method })).toEqual([path, 200])
  })

  it('lists no running models where none is known to be', async () => {
    expect(await (await ask('/api/ps', { method: 'GET' })).json()).toEqual({ models: [] })
  })
})

describe('what a gateway leaves to each server', () => {
  it.each([
    ['POST', '/api/pull'],
    ['POST', '/api/push'],
    ['POST', '/api/create'],
    ['POST', '/api/copy'],
    ['DELETE', '/api/delete'],
    ['POST', '/api/blobs/sha256:0'],
    ['POST', '/ollama/api/pull'],
  ])('%s %s is refused in Ollama’s words', async (method, path) => {
    const response = await ask(path, { method, body: { model: 'm' } })
    expect(response.status).toBe(501)
    expect(await response.json()).toEqual({ error: expect.stringContaining('Ask the provider') })
  })
})
