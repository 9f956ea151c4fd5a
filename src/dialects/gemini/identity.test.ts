// What this wire's own clients and servers say comes back as it was, known or not, however its keys are spelled.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../wire/json.ts'
import {
  collected,
  decodeFrames,
  emptyRequest,
  encodeStream,
  essence,
  jsonOf,
  plain,
} from '../dialect.contract.ts'
import { assembleChunks } from './assembled-chunks.contract.ts'
import { gemini } from './dialect.ts'
import { snakeCase } from './spelling.ts'

const PROFILE = { provider: 'p', flags: {} }
const DECODING = { request: emptyRequest('gemini'), profile: PROFILE }
const ENCODING = { request: emptyRequest('gemini'), requestId: 'r', now: () => 0 }

const word = fc.string({ unit: 'grapheme', maxLength: 8 })
const unknown = fc.dictionary(fc.constantFrom('xNew', 'x_old', 'zap'), fc.jsonValue(), {
  maxKeys: 2,
})

/** A key is left out, or there; with unknown keys beside it. */
function object(known: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(fc.record(known, { requiredKeys: [] }), unknown)
    .map(([own, more]): JsonObject => JSON.parse(JSON.stringify({ ...more, ...own })))
}

/** An object whose one key says what it is. */
function part(key: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(value, object({ thoughtSignature: fc.constantFrom('EpYB', 'CsMB-_', '') }))
    .map(([inside, more]): JsonObject => JSON.parse(JSON.stringify({ ...more, [key]: inside })))
}

const args = fc.dictionary(word, fc.jsonValue(), { maxKeys: 2 })
const inline = fc
  .tuple(object({ mimeType: fc.constantFrom('image/png', 'audio/wav', 'text/plain') }), word)
  .map(([more, data]) => ({ ...more, data }))
const named = (more: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(fc.constantFrom('f', 'g.h'), object({ id: fc.constantFrom('a', 'b', ''), ...more }))
    .map(([name, rest]) => ({ ...rest, name }))

const text = fc
  .tuple(part('text', word), fc.constantFrom(true, false, undefined))
  .map(([value, thought]): JsonObject => (thought === undefined ? value : { ...value, thought }))
const answerPart = fc.oneof(
  text,
  part('inlineData', inline),
  part('functionCall', named({ args })),
  part('executableCode', object({ code: word, language: fc.constant('PYTHON') })),
  unknown.filter((value) => Object.keys(value).length > 0),
)
const requestPart = fc.oneof(
  answerPart,
  part(
    'fileData',
    object({ mimeType: word }).map((more) => ({ ...more, fileUri: 'https://a.b/c' })),
  ),
  part(
    'functionResponse',
    named({
      response: fc.oneof(args, fc.record({ output: word }), fc.record({ error: word })),
      parts: fc.array(part('inlineData', inline), { maxLength: 2 }),
    }),
  ),
)

const content = object({
  role: fc.constantFrom('user', 'model', 'function'),
  parts: fc.oneof(fc.array(requestPart, { maxLength: 3 }), requestPart),
})
const schema = fc.constantFrom(
  { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } },
  { type: 'object', $schema: 'x' },
)
const declaration = object({ description: word, parameters: schema, behavior: word }).map(
  (more): JsonObject => ({ ...more, name: 'f' }),
)
const config = object({
  temperature: fc.oneof(fc.constant(null), fc.double({ min: 0, max: 2, noNaN: true })),
  stopSequences: fc.array(word, { maxLength: 2 }),
  candidateCount: fc.constantFrom(1, 2),
  responseMimeType: fc.constantFrom('text/plain', 'application/json', 'text/x.enum'),
  responseSchema: schema,
  responseJsonSchema: schema,
  responseModalities: fc.subarray(['TEXT', 'Image']),
  thinkingConfig: object({
    thinkingBudget: fc.constantFrom(-1, 0, 512),
    thinkingLevel: fc.constantFrom('LOW', 'high', 'EXTREME'),
    includeThoughts: fc.boolean(),
  }),
  speechConfig: unknown,
})
const body = object({
  model: fc.constantFrom('m', 'models/m', 'models/other'),
  contents: fc.oneof(fc.array(content, { maxLength: 4 }), content),
  systemInstruction: fc.oneof(
    fc.constant(null),
    object({ role: word, parts: fc.array(text, { maxLength: 2 }) }),
  ),
  tools: fc.array(
    object({
      functionDeclarations: fc.array(declaration, { maxLength: 2 }),
      googleSearch: unknown,
      codeExecution: fc.constant({}),
    }),
    { maxLength: 3 },
  ),
  toolConfig: object({
    functionCallingConfig: object({
      mode: fc.constantFrom('AUTO', 'any', 'NONE', 'VALIDATED', 'NEWER'),
      allowedFunctionNames: fc.array(fc.constant('f'), { maxLength: 1 }),
    }),
    retrievalConfig: unknown,
  }),
  generationConfig: config,
  safetySettings: fc.array(unknown, { maxLength: 1 }),
  serviceTier: word,
  store: fc.boolean(),
})

/** The same object with its keys in the other spelling; what a user wrote inside stays. */
function snaked(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map((item: Json) => snaked(item))
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, Json] => [
      snakeCase(key),
      USERS.has(key) ? (inner ?? null) : snaked(inner),
    ]),
  )
}

const USERS = new Set(['args', 'response', 'parameters', 'responseSchema', 'responseJsonSchema'])

function decode(value: Json) {
  return gemini.request.decode({
    method: 'POST',
    path: '/v1beta/models/m:generateContent',
    headers: {},
    body: value,
  })
}

/** A request without what is kept for the way back. */
function meaning(value: Json): unknown {
  const bare = JSON.stringify(decode(value), (key: string, entry: unknown) =>
    key === 'extensions' || key === 'native' ? undefined : entry,
  )
  return JSON.parse(bare)
}

describe('a request of the same protocol', () => {
  it('comes back as it was, with what is not known on every level', () => {
    fc.assert(
      fc.property(body, (value) => {
        expect(plain(gemini.request.encode(decode(value), PROFILE).body)).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  it('comes back in the spelling it came in', () => {
    fc.assert(
      fc.property(body, (value) => {
        const spelled = snaked(value)
        expect(plain(gemini.request.encode(decode(spelled), PROFILE).body)).toEqual(spelled)
      }),
      { numRuns: 300 },
    )
  })

  it('means the same in either spelling', () => {
    fc.assert(
      fc.property(body, (value) => {
        expect(meaning(snaked(value))).toEqual(meaning(value))
      }),
    )
  })

  it('is nothing that its own lowering would change', () => {
    fc.assert(
      fc.property(body, (value) => {
        const request = decode(value)
        expect(gemini.lower(request, PROFILE)).toEqual({ value: request, notes: [] })
      }),
    )
  })
})

const candidate = object({
  content: object({
    role: fc.constantFrom('model', 'assistant'),
    parts: fc.array(answerPart, { maxLength: 4 }),
  }),
  finishReason: fc.constantFrom('STOP', 'MAX_TOKENS', 'SAFETY', 'UNHEARD_OF', 2),
  finishMessage: word,
  safetyRatings: fc.array(unknown, { maxLength: 1 }),
})
const usage = object({
  promptTokenCount: fc.nat(99),
  candidatesTokenCount: fc.nat(99),
  thoughtsTokenCount: fc.nat(99),
})
const answer = object({
  candidates: fc
    .array(candidate, { maxLength: 2 })
    .map((list) => list.map((one, index) => ({ ...one, index }))),
  usageMetadata: usage,
  modelVersion: word,
  responseId: fc.constantFrom('r1', 'r2'),
  promptFeedback: object({ blockReason: fc.constantFrom('SAFETY', 'OTHER') }),
  createTime: fc.constantFrom('2026-01-01T00:00:00.5Z', 'soon'),
})

describe('an answer of the same protocol', () => {
  it('comes back as it was, with what is not known on every level', () => {
    fc.assert(
      fc.property(answer, (value) => {
        const decoded = gemini.response.decode({ status: 200, headers: {}, body: value }, DECODING)
        expect(plain(gemini.response.encode(decoded, ENCODING).value.body)).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })
})

/** Chunks of one stream: what each says, then why each candidate ended. */
const chunks = fc
  .array(fc.tuple(fc.array(answerPart, { maxLength: 2 }), unknown, fc.option(usage)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((list) =>
    list.map(([parts, more, counts], at): JsonObject => {
      const last = at === list.length - 1
      const said = { ...more, content: { parts, role: 'model' }, index: 0 }
      return {
        ...(at === 0 ? { promptFeedback: { safetyRatings: [] } } : {}),
        candidates: [last ? { ...said, finishReason: 'STOP' } : said],
        ...(last || counts === null ? {} : { usageMetadata: counts }),
        modelVersion: 'm',
        responseId: 'r',
      }
    }),
  )

function frames(list: readonly JsonObject[]) {
  return list.map((chunk) => ({ data: JSON.stringify(chunk) }))
}

describe('a stream of the same protocol', () => {
  it('amounts to the same after it was decoded and encoded', () => {
    fc.assert(
      fc.property(chunks, (list) => {
        const events = decodeFrames(gemini, frames(list), DECODING)
        const again = jsonOf(encodeStream(gemini, events, ENCODING))
        expect(assembleChunks(again)).toEqual(assembleChunks(list))
      }),
      { numRuns: 300 },
    )
  })

  it('collects to the same answer when it is read again from its own chunks', () => {
    fc.assert(
      fc.property(chunks, (list) => {
        const events = decodeFrames(gemini, frames(list), DECODING)
        const again = decodeFrames(gemini, encodeStream(gemini, events, ENCODING), DECODING)
        expect(essence(collected(gemini, again))).toEqual(essence(collected(gemini, events)))
      }),
      { numRuns: 300 },
    )
  })
})
