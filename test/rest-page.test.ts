// docs/rest-api.md is true: its requests, sent in order to a real server, have the answers that it shows.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GatewayError, type ErrorKind } from '../src/canonical/errors.ts'
import { ScriptedProvider } from '../src/testing.ts'
import { type Json, ObjectReader, isArray, isObject, parseJson } from '../src/wire/json.ts'
import { examplesOf, placeOf } from './documentation.ts'
import { type Shown, isAnswer, readExample } from './http-example.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { ROOT } from './packed.ts'

const PAGE = 'docs/rest-api.md'
const page = readFileSync(join(ROOT, PAGE), 'utf8')
const blocks = examplesOf(PAGE).filter(({ language }) => language === 'http')
const requests = blocks.filter(({ text }) => !isAnswer(text))

let server: OpenGateway

beforeAll(async () => {
  const usage = { input: { total: 13 }, output: { total: 8 } }
  const local = new ScriptedProvider({
    providerType: 'local',
    name: 'local',
    models: ['smollm2-135m'],
    settings: { local: true },
    replies: [{ content: 'Hello! How can I help you?', usage }],
  })
  server = await openGateway({ providers: [local] })
})

afterAll(async () => server.close())

async function send(request: Shown): Promise<Response> {
  const [method = '', path = ''] = request.head.split(' ')
  const keys: Readonly<Record<string, string>> = {
    $PATCHBAY_KEY: server.clientKey,
    $PATCHBAY_ADMIN_TOKEN: server.adminToken,
  }
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    value.replace(/\$\w+/, (variable) => keys[variable] ?? ''),
  ])
  return fetch(`${server.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...Object.fromEntries(headers) },
    body: request.body === '' ? null : request.body,
  })
}

/** Each by itself, so that a new kind cannot be forgotten here. */
const KINDS: { readonly [Kind in ErrorKind]: Kind } = {
  invalid_request: 'invalid_request',
  unsupported: 'unsupported',
  auth: 'auth',
  permission: 'permission',
  not_found: 'not_found',
  conflict: 'conflict',
  request_too_large: 'request_too_large',
  context_length: 'context_length',
  rate_limit: 'rate_limit',
  quota: 'quota',
  content_policy: 'content_policy',
  overloaded: 'overloaded',
  timeout: 'timeout',
  upstream: 'upstream',
  internal: 'internal',
  cancelled: 'cancelled',
}

/** What differs from call to call. */
const VOLATILE = new Set(['latency_ms', 'last_latency_ms', 'checked_at', 'since', 'request_id'])

function settled(value: Json | undefined): Json | undefined {
  if (isArray(value)) return value.map((entry) => settled(entry) ?? null)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      VOLATILE.has(name) ? typeof entry : settled(entry),
    ]),
  )
}

function bodyOf(text: string): readonly (Json | undefined)[] {
  const events = [...text.matchAll(/^data: (.*)$/gm)].map((match) => match[1] ?? '')
  return (events.length === 0 ? [text] : events).map((json) => settled(parseJson(json)))
}

describe('the examples', () => {
  it('are there', () => {
    expect(requests.length).toBeGreaterThan(10)
  })

  for (const request of requests) {
    const shown = readExample(request)
    it(`${shown.head} (${placeOf(request)}) is answered as shown`, async () => {
      const response = await send(shown)
      const text = await response.text()
      const next = blocks[blocks.indexOf(request) + 1]
      if (next === undefined || !isAnswer(next.text)) {
        // Told in words: every word of its keys is on the page.
        expect(response.status).toBe(200)
        expect(wordsOf(parseJson(text)).filter((word) => !page.includes(`\`${word}\``))).toEqual([])
        return
      }
      const promised = readExample(next)
      expect(promised.head).toContain(` ${response.status} `)
      expect(bodyOf(text)).toEqual(bodyOf(promised.body))
    })
  }
})

/** The keys of the answer and of what its providers have counted. */
function wordsOf(value: Json): readonly string[] {
  const answer = ObjectReader.of(value, 'status')
  const [provider = {}] = answer.items('providers').map((item) => item.value)
  const stats = ObjectReader.of(provider, 'provider').object('stats')
  return [...Object.keys(answer.source), ...Object.keys(stats.source)]
}

describe('the lists', () => {
  it('have every call of this API', async () => {
    const response = await fetch(`${server.url}/openapi.json`)
    const paths = ObjectReader.of(parseJson(await response.text()), 'openapi').object('paths')
    const own = Object.keys(paths.source).flatMap((path) =>
      Object.keys(paths.object(path).source)
        .filter((method) => {
          const [tag = ''] = paths.object(path).object(method).optionalStrings('tags') ?? []
          return ['chat', 'contents', 'models', 'providers', 'routes', 'server', 'usage'].includes(
            tag,
          )
        })
        .map((method) => `\`${method.toUpperCase()} ${path}\``),
    )
    expect(own.length).toBeGreaterThanOrEqual(12)
    expect(own.filter((call) => !page.includes(call))).toEqual([])
  })

  it.each(Object.values(KINDS))(
    'have the kind %s with its status and whether to come again',
    (kind) => {
      const { status, retryable } = new GatewayError(kind, '')
      const row = page
        .split('\n')
        .find((line) => line.startsWith('|') && line.includes(`\`${kind}\``))
      expect(row).toMatch(new RegExp(`\\| ${status} \\| ${retryable ? 'yes' : 'no'}`))
    },
  )
})
