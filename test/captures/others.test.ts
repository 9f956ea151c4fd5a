// What captured clients ask beside chats: lists, counts, vectors, greetings, and what a gateway does not serve, each in their own words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Json, isArray, isObject, tryParseJson } from '../../src/wire/json.ts'
import { capturedRequests, hasCorpus } from '../corpus.ts'
import {
  type FakeUpstream,
  type ScriptedReply,
  type SeenRequest,
  openUpstream,
} from '../fake-upstream.ts'
import { type OpenGateway, openGateway } from '../open-gateway.ts'
import { type Answer, send } from './send.ts'
import { chatFront, modelsOf, pathOf } from './wire-front.ts'

const captures = capturedRequests()
const others = captures
  .filter((capture) => chatFront(capture) === undefined)
  .map((capture) => ({ name: capture.name, capture }))

interface Expected {
  readonly asked: RegExp
  readonly status: number
  /** What the answer must say, as JSON; absent where it has no body. */
  readonly says?: object
}

const list = expect.arrayContaining([expect.anything()])
const unknown = /There is (?:nothing at|no such call)/
const inOpenAi = {
  error: expect.objectContaining({
    message: expect.stringMatching(unknown),
    type: 'invalid_request_error',
  }),
}
const inGemini = {
  error: { code: 404, message: expect.stringMatching(unknown), status: 'NOT_FOUND' },
}

/** The first that fits is meant. */
const EXPECTED: readonly Expected[] = [
  { asked: /^HEAD \/api\/hello$/, status: 200 },
  {
    asked: /^GET \/v1\/responses$/,
    status: 426,
    says: { error: expect.objectContaining({ code: 'upgrade_refused' }) },
  },
  {
    asked: /^GET \/v1\/responses\/resp_x$/,
    status: 404,
    says: { error: expect.objectContaining({ code: 'response_not_found' }) },
  },
  {
    asked: /^POST \/v1\/messages\/count_tokens$/,
    status: 200,
    says: { input_tokens: expect.any(Number) },
  },
  {
    asked: /^POST \/v1\/responses\/input_tokens$/,
    status: 200,
    says: { object: 'response.input_tokens', input_tokens: expect.any(Number) },
  },
  {
    asked: /^POST \/v1(?:beta)?\/models\/[^/]+:countTokens$/,
    status: 200,
    says: { totalTokens: expect.any(Number) },
  },
  {
    asked: /^POST \/v1(?:beta)?\/models\/[^/]+:batchEmbedContents$/,
    status: 200,
    says: expect.objectContaining({ embeddings: list }),
  },
  {
    asked: /^POST \/v1\/embeddings$/,
    status: 200,
    says: expect.objectContaining({ object: 'list', data: list }),
  },
  {
    asked: /^POST \/api\/embed$/,
    status: 200,
    says: expect.objectContaining({ embeddings: list }),
  },
  {
    asked: /^POST \/api\/embeddings$/,
    status: 200,
    says: expect.objectContaining({ embedding: list }),
  },
  { asked: /^GET \/v1(?:beta)?\/models$/, status: 200, says: expect.toSatisfy(isList) },
  { asked: /^GET \/v1(?:beta)?\/models\/[^/]+$/, status: 200, says: expect.toSatisfy(isCard) },
  { asked: /^GET \/api\/tags$/, status: 200, says: { models: list } },
  { asked: /^GET \/api\/ps$/, status: 200, says: { models: [] } },
  { asked: /^GET \/api\/version$/, status: 200, says: { version: expect.stringMatching(/^\d/) } },
  {
    asked: /^POST \/api\/show$/,
    status: 200,
    says: expect.objectContaining({ capabilities: list }),
  },
  { asked: /^POST \/api\/pull$/, status: 501, says: { error: expect.any(String) } },
  {
    asked: /^POST \/v1\/conversations$/,
    status: 400,
    says: {
      error: expect.objectContaining({ message: expect.stringContaining('previous_response_id') }),
    },
  },
  {
    asked: /^POST \/v1\/messages\/batches$/,
    status: 404,
    says: expect.objectContaining({ type: 'error' }),
  },
  // Not served, or asked where only that client's own test server was.
  {
    asked: /^POST \/v1(?:beta)?\/(?:interactions|tunedModels\/foo:generateContent)$/,
    status: 404,
    says: inGemini,
  },
  {
    asked: /^POST \/gem\/v1(?:beta)?\/models\/[^/]+:generateContent$/,
    status: 404,
    says: inGemini,
  },
  {
    asked:
      /^POST \/v1\/(?:completions|moderations|audio\/transcriptions|agents\/completions|fim\/completions)$/,
    status: 404,
    says: inOpenAi,
  },
  {
    asked: /^(?:GET|POST) (?:\/mcp|\/envv1\/models)$/,
    status: 404,
    says: { error: expect.objectContaining({ message: expect.stringMatching(unknown) }) },
  },
]

function isList(value: Json): boolean {
  const items = isObject(value) ? (value['data'] ?? value['models']) : undefined
  return isArray(items) && items.length > 20
}

function isCard(value: Json): boolean {
  return isObject(value) && typeof (value['id'] ?? value['name']) === 'string'
}

describe.skipIf(!hasCorpus())('captured requests that are no chats', () => {
  let opened: OpenGateway
  let upstream: FakeUpstream
  beforeAll(async () => {
    upstream = await openUpstream()
    upstream.answer(vectors)
    const models = [...new Set(captures.flatMap((capture) => modelsOf(capture)))]
    opened = await openGateway({
      providers: [
        { providerType: 'custom', name: 'upstream', baseUrl: `${upstream.url}/v1`, models },
      ],
    })
  })
  afterAll(async () => {
    await opened.close()
    await upstream.close()
  })

  it('are there', () => {
    expect(others.length).toBeGreaterThan(80)
  })

  it.each(others)('$name is answered in its own words', async ({ capture }) => {
    const asked = `${capture.method} ${pathOf(capture)}`
    const expected = EXPECTED.find((one) => one.asked.test(asked))
    expect({ asked, ...toldOf(await send(opened.url, capture)) }).toEqual({
      asked,
      status: expected?.status,
      ...(expected?.says === undefined ? {} : { says: expected.says, type: 'application/json' }),
    })
  })
})

function toldOf({ status, headers, text }: Answer): object {
  const says = tryParseJson(text)
  const [type] = String(headers['content-type']).split(';')
  return says === undefined ? { status } : { status, says, type }
}

/** An upstream with two numbers for every text. */
function vectors({ method, json }: SeenRequest): ScriptedReply {
  const input = isObject(json) ? json['input'] : undefined
  const texts = isArray(input) ? input : [input]
  const data = texts.map((_, index) => ({ object: 'embedding', index, embedding: [0.5, index] }))
  const usage = { prompt_tokens: 1, total_tokens: 1 }
  const answer = { object: 'list', data: method === 'GET' ? [] : data, model: 'm', usage }
  return { chunks: [JSON.stringify(answer)] }
}
