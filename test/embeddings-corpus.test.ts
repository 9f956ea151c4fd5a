// Recorded embeddings and counts of tokens: the same on their own wire, and the same vectors for a client of any other.
import { describe, expect, it } from 'vitest'
import { numbersOf } from '../src/canonical/vector.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { codecOf } from '../src/dialects/embeddings.contract.ts'
import { dialects } from '../src/dialects/registry.ts'
import type { Json } from '../src/wire/json.ts'
import {
  type CapturedRequest,
  type CorpusCase,
  capturedRequests,
  corpusCases,
  hasCorpus,
} from './corpus.ts'

const PROFILE = { provider: 'p', model: 'm', flags: {} }

const FOLDERS: Readonly<Record<string, string>> = {
  'openai-other': 'openai-chat',
  'openai-compatible': 'openai-chat',
  'openai-responses': 'openai-responses',
  'anthropic-messages': 'anthropic-messages',
  gemini: 'gemini',
  mistral: 'mistral-chat',
  ollama: 'ollama',
}

interface Recorded extends CorpusCase {
  readonly dialect: Dialect
}

function recorded(api: RegExp): readonly Recorded[] {
  return Object.entries(FOLDERS).flatMap(([folder, id]) => {
    const dialect = dialects.find((one) => one.id === id)
    if (dialect === undefined) throw new Error(`there is no dialect ${id}`)
    return corpusCases(folder)
      .filter((one) => api.test(one.api))
      .map((one) => ({ ...one, dialect }))
  })
}

function postOf(
  path: string,
  body: Json | undefined,
): { method: string; path: string; headers: {}; body: Json } {
  return { method: 'POST', path, headers: {}, body: body ?? {} }
}

/** A recording without its request: any that such an answer could follow. */
function requestOf({ path, request }: Recorded): ReturnType<typeof postOf> {
  return postOf(path.replace('{model}', 'm'), request)
}

const embedded = recorded(/^(?:embeddings|embed|embedContent|batchEmbedContents)$/)
const answered = embedded.filter(({ status }) => status === 200)
const clients = dialects.filter(({ embeddings }) => embeddings !== undefined)

/** Hosts that answer in base64 of other numbers than float32, which only their own clients can know. */
const OTHER_NUMBERS = /perplexity|vllm/

describe.skipIf(!hasCorpus())('recorded embeddings', () => {
  it('are there', () => {
    expect(embedded.length).toBeGreaterThanOrEqual(15)
    expect(answered.length).toBeGreaterThanOrEqual(8)
  })

  it.each(embedded.filter(({ request }) => request !== undefined))(
    '$name: the request is the same again',
    (one) => {
      const codec = codecOf(one.dialect)
      const request = codec.request.decode(requestOf(one))
      const lowered = codec.lower(request, PROFILE)
      expect(lowered.notes).toEqual([])
      expect(codec.request.encode(lowered.value, PROFILE).body).toEqual(one.request)
    },
  )

  it.each(answered)('$name: the answer is the same again', (one) => {
    const codec = codecOf(one.dialect)
    const request = codec.request.decode(requestOf(one))
    const wire = {
      status: 200,
      headers: {},
      ...(one.response === undefined ? {} : { body: one.response }),
    }
    const response = codec.response.decode(wire, { request, profile: PROFILE })
    expect(response.vectors.length).toBeGreaterThan(0)
    if (codec.isAsAsked?.(response, request) === false) return
    const { value } = codec.response.encode(
      response,
      // A host that answers in base64 without being asked is printed as it answered.
      { request: { ...request, encoding: response.vectors[0]?.type ?? 'numbers' }, requestId: 'r' },
    )
    expect(value.body).toEqual(one.response)
  })

  it.each(answered.filter(({ name }) => !OTHER_NUMBERS.test(name)))(
    '$name: a client of any protocol gets the same vectors and counts',
    (one) => {
      const codec = codecOf(one.dialect)
      const request = codec.request.decode(requestOf(one))
      const wire = {
        status: 200,
        headers: {},
        ...(one.response === undefined ? {} : { body: one.response }),
      }
      const response = codec.response.decode(wire, { request, profile: PROFILE })
      const numbers = response.vectors.map((vector) => numbersOf(vector) ?? [])
      expect(numbers.every((vector) => vector.length > 100)).toBe(true)
      for (const { id, embeddings } of clients) {
        if (embeddings === undefined) continue
        for (const encoding of ['numbers', 'base64'] as const) {
          const asked = { ...request, origin: { dialect: id }, encoding, extensions: {} }
          const { value } = embeddings.response.encode(response, { request: asked, requestId: 'r' })
          const again = embeddings.response.decode(value, { request: asked, profile: PROFILE })
          const read = again.vectors.map((vector) => numbersOf(vector) ?? [])
          for (const [at, vector] of numbers.entries()) {
            expect(read[at]?.map((one) => Math.fround(one))).toEqual(
              vector.map((one) => Math.fround(one)),
            )
          }
          if (id !== 'mistral-chat')
            expect(again.usage?.input?.total).toBe(response.usage?.input?.total)
        }
      }
    },
  )

  it.each(embedded.filter(({ status }) => status >= 400))(
    '$name: the error is told to a client of any protocol',
    (one) => {
      const { status, responseHeaders: headers, response, responseText } = one
      const error = one.dialect.error.decode({
        status,
        headers,
        ...(response === undefined ? { text: responseText ?? '' } : { body: response }),
      })
      for (const { error: codec } of dialects) {
        expect(JSON.stringify(codec.encode(error, 'r').body)).toContain(error.message.slice(0, 20))
      }
    },
  )

  it('read of other numbers than float32 is refused rather than guessed at', () => {
    const one = answered.find(({ name }) => name.includes('perplexity'))
    if (one?.response === undefined) throw new Error('the recording is gone')
    const codec = codecOf(one.dialect)
    const request = codec.request.decode(requestOf(one))
    const wire = { status: 200, headers: {}, body: one.response }
    const response = codec.response.decode(wire, { request, profile: PROFILE })
    expect(response.vectors.map((vector) => numbersOf(vector))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe.skipIf(!hasCorpus())('recorded counts of tokens', () => {
  const counted = recorded(/^(?:countTokens|count_tokens|responses\.input_tokens)$/)

  it('are there', () => {
    expect(counted).toHaveLength(3)
  })

  it.each(counted)('$name: request and answer are the same again', (one) => {
    const { tokenCount: codec, id } = one.dialect
    if (codec === undefined) throw new Error(`${id} does not count`)
    const request = codec.request.decode(requestOf(one))
    const { value } = one.dialect.lower(request, PROFILE)
    expect(codec.request.encode(value, PROFILE).body).toEqual(one.request)
    const wire = {
      status: 200,
      headers: {},
      ...(one.response === undefined ? {} : { body: one.response }),
    }
    const count = codec.response.decode(wire)
    expect(count.inputTokens).toBeGreaterThan(30)
    expect(codec.response.encode(count).body).toEqual(one.response)
  })
})

const ASKED = /\/(?:embeddings|embed)$|:(?:batchEmbedContents|embedContent)$/

function clientOf({ name, path }: CapturedRequest): Dialect | undefined {
  const id = /mistral/.test(name)
    ? 'mistral-chat'
    : path.includes(':')
      ? 'gemini'
      : path.includes('/api/')
        ? 'ollama'
        : 'openai-chat'
  return dialects.find((one) => one.id === id)
}

describe.skipIf(!hasCorpus())('captured requests for embeddings', () => {
  const captures = capturedRequests().filter(({ path }) => ASKED.test(path))

  it('are there', () => {
    expect(captures.length).toBeGreaterThanOrEqual(14)
  })

  it.each(captures)('$name is the same again, and goes to every other protocol', (capture) => {
    const dialect = clientOf(capture)
    if (dialect === undefined) throw new Error('nobody serves it')
    const codec = codecOf(dialect)
    const request = codec.request.decode(postOf(capture.path, capture.body))
    expect(codec.request.encode(request, PROFILE).body).toEqual(capture.body)
    for (const { embeddings } of clients) {
      const { value, notes } = embeddings?.lower(request, PROFILE) ?? { value: request, notes: [] }
      expect(notes.filter(({ weight }) => weight > 2)).toEqual([])
      expect(embeddings?.request.encode(value, PROFILE).method).toBe('POST')
    }
  })
})
