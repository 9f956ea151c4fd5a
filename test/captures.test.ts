// What real SDKs and agent CLIs send, as captured on the wire: the server takes it, and it translates to every protocol.
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Dialect } from '../src/dialects/dialect.ts'
import { dialects } from '../src/dialects/registry.ts'
import { BaseProvider } from '../src/providers/base-provider.ts'
import type { ChatAnswer } from '../src/providers/chat-answer.ts'
import { type CapturedRequest, capturedRequests, hasCorpus } from './corpus.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'

const SERVED: readonly RegExp[] = [
  /^POST (?:\/v1)?\/chat\/completions$/,
  /^POST \/v1\/responses$/,
  /^POST (?:\/anthropic)?(?:\/v1)?\/v1\/messages$/,
  /^(?:GET|POST) (?:\/ollama)?\/api\/(?:chat|generate|tags|show|version)$/,
  /^POST \/v1(?:beta|beta1\/publishers\/google)?\/models\/.+:(?:g|streamG)enerateContent$/,
  /^GET \/v1(?:beta)?\/models(?:\/[^:]+)?$/,
]

function pathOf(capture: CapturedRequest): string {
  return capture.path.split('?')[0] ?? ''
}

const captures = capturedRequests().filter((capture) => {
  const line = `${capture.method} ${pathOf(capture)}`
  return SERVED.some((served) => served.test(line))
})

/** Requests that a provider of messages and options must refuse: a field that is more than an advice has no place in them. */
const REFUSED: Readonly<Record<string, string>> = {
  'mistralai/kitchen_sink#0': 'safe_prompt',
  'ollama-js/generate_stream#0': 'suffix',
  'openai-node/responses_tools#1': 'previous_response_id',
  'openai-node-v6/responses_tools#1': 'previous_response_id',
}

/** Requests that come out otherwise than they went in, and why. */
const NORMALISED: Readonly<Record<string, string>> = {
  'ai-sdk-v6-ollama-v2/image#0': 'its image is a Buffer printed as JSON, which no server takes',
}

/** Offers every model that a capture names, and answers anything. */
class AgreeableProvider extends BaseProvider {
  async chat(): Promise<ChatAnswer> {
    return {
      content: 'pong',
      model: 'any',
      provider: this.name,
      tokensUsed: 3,
      latencyMs: 1,
      finishReason: 'stop',
      usage: { input: { total: 2 }, output: { total: 1 } },
      toolCalls: [],
      parts: [{ type: 'text', text: 'pong' }],
      notes: [],
    }
  }

  async listModels(): Promise<string[]> {
    return this.config.models === undefined ? [] : [...this.config.models]
  }

  async healthCheck(): Promise<boolean> {
    return true
  }
}

function modelOf(capture: CapturedRequest): readonly string[] {
  const { body } = capture
  const asked = /\/models\/(.+?)(?::\w+Content)?$/.exec(pathOf(capture))?.[1]
  if (asked !== undefined) return [decodeURIComponent(asked)]
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return []
  const model = Reflect.get(body, 'model')
  return typeof model === 'string' ? [model] : []
}

describe.skipIf(!hasCorpus())('captured requests', () => {
  let opened: OpenGateway
  beforeAll(async () => {
    opened = await openGateway({
      providers: [
        new AgreeableProvider({
          providerType: 'agreeable',
          name: 'agreeable',
          models: [...new Set(captures.flatMap((capture) => modelOf(capture)))],
          settings: { local: true },
        }),
      ],
    })
  })
  afterAll(async () => {
    await opened.close()
  })

  it('are there', () => {
    expect(captures.length).toBeGreaterThan(400)
  })

  it.each(captures.map((capture) => ({ name: capture.name, capture })))(
    '$name is answered',
    async ({ capture }) => {
      const answer = await send(opened.url, capture)
      const field = REFUSED[capture.name]
      if (field !== undefined) {
        expect(answer).toMatchObject({ status: 400, body: expect.stringContaining(field) })
        return
      }
      expect({ status: answer.status, body: answer.status === 200 ? '' : answer.body }).toEqual({
        status: 200,
        body: '',
      })
    },
  )

  const chats = captures.filter(
    (capture) => capture.method === 'POST' && capture.body !== undefined,
  )
  it.each(chats.map((capture) => ({ name: capture.name, capture })))(
    '$name translates to every protocol',
    ({ capture }) => {
      const front = dialects.find((dialect) => isFrontOf(dialect, pathOf(capture)))
      if (front === undefined) {
        expect(pathOf(capture)).toMatch(/^\/api\/show$/)
        return
      }
      const decoded = front.request.decode({
        method: 'POST',
        path: pathOf(capture),
        headers: Object.fromEntries(
          capture.headers.map(([name, value]) => [name.toLowerCase(), value]),
        ),
        ...(capture.body === undefined ? {} : { body: capture.body }),
      })
      for (const to of dialects) {
        const profile = { provider: 'captures', flags: {} }
        const lowered = to.lower(decoded, profile)
        const wire = to.request.encode(lowered.value, profile)
        expect(wire.body).toBeTypeOf('object')
        if (to === front && NORMALISED[capture.name] === undefined) {
          expect(JSON.parse(JSON.stringify(wire.body))).toEqual(capture.body)
        }
      }
    },
  )
})

/** Where a path names a model, that is all of the path's rest. */
function isFrontOf(dialect: Dialect, path: string): boolean {
  const places = dialect.endpoints.flatMap(({ operation, path: own }) =>
    operation === 'chat' ? [own, `${dialect.prefix}${own}`] : [],
  )
  return places.some((place) =>
    place.includes(':model') ? path.startsWith(place.replace(/:model.*$/, '')) : path === place,
  )
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** A header's bytes one by one, as Node's client wants them: UTF-8 beyond ASCII. */
function latin1(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1')
}

/** As the client wrote it, header by header, but for the address and the key. */
function send(url: string, capture: CapturedRequest): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const body = capture.body === undefined ? undefined : JSON.stringify(capture.body)
  const own = /^(?:host|connection|content-length|transfer-encoding|accept-encoding)$/i
  const headers = Object.fromEntries(
    capture.headers
      .filter(([name]) => !own.test(name))
      .map(([name, value]) => [name, latin1(value)]),
  )
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { hostname, port, method: capture.method, path: capture.path, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            body: Buffer.concat(chunks).toString('utf8'),
          })
        })
        incoming.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
