// What is explained is what happens: the same request explained and then made, for every fixture and every pair of protocols.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chatCall } from '../src/dialects/chat-call.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { dialects } from '../src/dialects/registry.ts'
import { type Json, type JsonObject, isObject, tryParseJson } from '../src/wire/json.ts'
import { type FakeUpstream, type SeenRequest, openUpstream } from './fake-upstream.ts'
import { type Fixture, fixturesOf } from './fixtures.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { CANARY_KEY } from './server-fakes.ts'

const SECRET_HEADER = 'canary-in-a-configured-header'
const SECRET_SETTING = 'canary-in-a-setting'

let upstream: FakeUpstream
let open: OpenGateway

beforeAll(async () => {
  upstream = await openUpstream()
  upstream.answer(() => ({ status: 400, chunks: ['{"error":{"message":"enough"}}'] }))
  open = await openGateway()
  for (const { id } of dialects) {
    open.gateway.manager.registerProvider({
      providerType: 'custom',
      name: id,
      baseUrl: `${upstream.url}/base/v1`,
      apiKey: CANARY_KEY,
      models: ['tiny'],
      defaultModel: 'tiny',
      settings: {
        dialect: id,
        headers: { 'x-team-key': SECRET_HEADER },
        unknownSetting: SECRET_SETTING,
      },
    })
  }
  open.gateway.manager.registerProvider({
    providerType: 'ollama',
    name: 'several',
    baseUrl: upstream.url,
    apiKey: CANARY_KEY,
    defaultModel: 'tiny',
    settings: { headers: { 'x-team-key': SECRET_HEADER } },
  })
})
afterAll(async () => {
  await upstream.close()
  await open.close()
})

interface Answer {
  readonly status: number
  readonly json: JsonObject
  readonly text: string
}

async function post(
  path: string,
  text: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(open.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // Whom the request would go to is for admins; the request itself is for clients.
      authorization: `Bearer ${path === '/api/explain' ? open.adminToken : open.clientKey}`,
      ...headers,
    },
    body: text,
  })
  const answer = await response.text()
  const json = tryParseJson(answer)
  return { status: response.status, json: isObject(json) ? json : {}, text: answer }
}

async function explain(
  question: JsonObject,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return post('/api/explain', JSON.stringify(question), headers)
}

/** A fixture as a client would send it to the gateway, with a model of its choice. */
function call(
  from: Dialect,
  fixture: Fixture,
  model: string,
): { readonly path: string; readonly body: JsonObject } {
  const given = isObject(fixture.request) ? fixture.request : {}
  const { path, body } = chatCall(from, { body: given, model })
  const isInPath = path.includes(encodeURIComponent(model))
  const sent = isObject(body) ? body : {}
  return { path: from.prefix + path, body: isInPath ? sent : { ...sent, model } }
}

function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>(
    (node, key) => (isObject(node) ? node[key] : undefined),
    value,
  )
}

const CONNECTION = new Set(['host', 'connection', 'content-length', 'transfer-encoding'])

/** The headers of a real request, without those of the connection. */
function headersOf(seen: SeenRequest): readonly (readonly [string, string])[] {
  return Object.entries(seen.headers).flatMap(([name, value]) =>
    CONNECTION.has(name) ? [] : [[name, String(value)] as const],
  )
}

/** A provider of each dialect, and one that is asked in the protocol of four that loses least. */
const targets = [...dialects.map(({ id }) => id), 'several']
const pairs = dialects.flatMap((from) =>
  targets.map((to) => ({ from, to, name: `${from.id} to ${to}` })),
)

describe.each(pairs)('$name', ({ from, to }) => {
  const fixtures = fixturesOf(from.id).filter(({ request }) => request !== undefined)

  it('sends what was explained, or is refused as was explained', async () => {
    expect(fixtures.length).toBeGreaterThan(5)
    for (const fixture of fixtures) {
      for (const policy of ['lenient', 'strict'] as const) {
        const { path: place, body: asked } = call(from, fixture, `${to}/tiny`)
        const explained = await explain({ path: place, body: asked, policy })
        expect({ case: fixture.name, status: explained.status }).toEqual({
          case: fixture.name,
          status: 200,
        })
        const before = upstream.requests.length
        const made = await post(place, JSON.stringify(asked), { 'x-patchbay-policy': policy })
        const seen = upstream.requests[before]
        const refusal = at(explained.json, 'refusal')
        expect({ case: fixture.name, sent: seen !== undefined }).toEqual({
          case: fixture.name,
          sent: refusal === undefined,
        })
        if (seen === undefined) {
          expect({ ...made, json: withoutId(made.json), text: '' }).toEqual({
            status: at(refusal, 'status'),
            json: withoutId(at(refusal, 'body')),
            text: '',
          })
          continue
        }
        const request = at(explained.json, 'request')
        const text = at(request, 'text') ?? JSON.stringify(at(request, 'body'))
        expect({ case: fixture.name, text: seen.text }).toEqual({ case: fixture.name, text })
        expect(at(request, 'method')).toBe(seen.method)
        expect(at(request, 'url')).toBe(upstream.url + seen.path)
        const masked = Object.fromEntries(
          headersOf(seen).map(([name, value]) => [
            name,
            value.includes(CANARY_KEY) || value === SECRET_HEADER ? '[secret]' : value,
          ]),
        )
        expect(at(request, 'headers')).toEqual(masked)
        expect(explained.text).not.toMatch(/canary/)
      }
    }
  })
})

/** Request ids differ from call to call. */
function withoutId(body: Json | undefined): Json | undefined {
  return tryParseJson(JSON.stringify(body ?? null).replaceAll(/req_[0-9a-f]+/g, 'req'))
}
