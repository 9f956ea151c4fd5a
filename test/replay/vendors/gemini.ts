// Google's Gemini, as an upstream that plays scenarios. Like the newest generation it signs its first call, and gives no ids.
import { compact } from '../../../src/canonical/compact.ts'
import type { JsonObject } from '../../../src/wire/json.ts'
import type { Answer, Counts, FailureKind } from '../answer.ts'
import { pieces } from '../answer.ts'
import { fieldsOf, itemsOf, textOf } from '../json-walk.ts'
import { checkGemini, geminiModel, signatureOf } from '../strict/gemini.ts'
import { BROKEN_TEXT, FAILURE_TEXT, type Facts, type Vendor, jsonReply, sse } from '../vendor.ts'

const ENDINGS = { stop: 'STOP', length: 'MAX_TOKENS', tools: 'STOP', filter: 'SAFETY' }

const FAILURES: Readonly<Record<FailureKind, readonly [number, string, readonly JsonObject[]]>> = {
  invalid: [400, 'INVALID_ARGUMENT', []],
  auth: [
    400,
    'INVALID_ARGUMENT',
    [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
      },
    ],
  ],
  'rate-limit': [
    429,
    'RESOURCE_EXHAUSTED',
    [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }],
  ],
  internal: [500, 'INTERNAL', []],
  overloaded: [503, 'UNAVAILABLE', []],
}

export const geminiVendor: Vendor = {
  id: 'gemini',
  provider: (url) => ({
    providerType: 'google',
    name: 'google',
    baseUrl: `${url}/v1beta`,
    apiKey: 'AIza-replay',
  }),
  family: 'gemini-3-pro',
  modelsPath: '/v1beta/models',
  contentType: 'text/event-stream',
  check: checkGemini,
  facts,
  whole: (answer, model) => chunk(answer, { model, parts: partsOf(answer), last: 'last' }),
  stream: (answer, model) => {
    const parts = begunParts(answer)
    return parts.map((part, at) =>
      frame(
        chunk(answer, {
          model,
          parts: [part],
          last: at === parts.length - 1 ? 'last' : 'more',
        }),
      ),
    )
  },
  begun,
  broken: (answer, model) => [
    ...begun(answer, model),
    frame({ error: { code: 503, message: BROKEN_TEXT, status: 'UNAVAILABLE' } }),
  ],
  violation: ({ message }) => failure(400, 'INVALID_ARGUMENT', { message, details: [] }),
  failure: (kind) => {
    const [status, word, details] = FAILURES[kind]
    return failure(status, word, { message: FAILURE_TEXT[kind], details })
  },
  models: (names) => ({
    models: names.map((name) => ({
      name: `models/${name}`,
      version: '001',
      displayName: name,
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    })),
  }),
  sealOf: ({ calls: [first] = [] }) =>
    first === undefined
      ? undefined
      : signatureOf({ functionCall: { name: first.name, args: first.input } }),
  tells: { filter: true, cached: true, thinkingCount: true },
}

interface Told {
  readonly message: string
  readonly details: readonly JsonObject[]
}

function failure(code: number, status: string, told: Told): ReturnType<Vendor['failure']> {
  const { message, details } = told
  return jsonReply(code, {
    error: { code, message, status, ...(details.length === 0 ? {} : { details }) },
  })
}

function facts({ json, path }: Parameters<Vendor['facts']>[0]): Facts {
  const body = fieldsOf(json)
  const turns = itemsOf(body['contents']).map(({ role, parts }) => ({
    role: role ?? 'user',
    parts: itemsOf(parts),
  }))
  const question = turns.findLastIndex(
    ({ role, parts }) =>
      role !== 'model' && parts.every((part) => part['functionResponse'] === undefined),
  )
  const config = fieldsOf(body['generationConfig'])
  const schema = config['responseJsonSchema'] ?? config['responseSchema']
  const responses = (turns.at(-1)?.parts ?? []).flatMap((part) =>
    part['functionResponse'] === undefined ? [] : [fieldsOf(part['functionResponse'])],
  )
  return {
    model: geminiModel(path) ?? '',
    stream: path.includes(':streamGenerateContent'),
    // Contents of the model that follow one another are one turn.
    turn: turns
      .slice(question + 1)
      .filter(({ role }, at, loop) => role === 'model' && loop[at - 1]?.role !== 'model').length,
    results: responses.map(({ response }) => resultText(fieldsOf(response))),
    callIds: [],
    system: itemsOf(fieldsOf(body['systemInstruction'])['parts'])
      .map((part) => textOf(part['text']))
      .join('\n'),
    images: turns.flatMap(({ parts }) =>
      parts.flatMap((part) =>
        part['inlineData'] === undefined ? [] : [textOf(fieldsOf(part['inlineData'])['data'])],
      ),
    ),
    seals: turns.flatMap(({ parts }) =>
      parts.flatMap((part) =>
        part['thoughtSignature'] === undefined ? [] : [textOf(part['thoughtSignature'])],
      ),
    ),
    tools: itemsOf(body['tools']).flatMap((tool) =>
      itemsOf(tool['functionDeclarations']).map(({ name }) => textOf(name)),
    ),
    ...(schema === undefined ? {} : { schema: fieldsOf(schema) }),
  }
}

/** What a function gave: the documented `output` key, or the whole object. */
function resultText(response: JsonObject): string {
  const { output } = response
  return typeof output === 'string' ? output : JSON.stringify(output ?? response)
}

function partsOf({ thinking, text, calls = [] }: Answer): readonly JsonObject[] {
  return [
    ...(thinking === undefined ? [] : [{ text: thinking, thought: true }]),
    ...(text === undefined ? [] : [{ text }]),
    ...calls.map(({ name, input }, at) => {
      const part = { functionCall: { name, args: input } }
      return at === 0 ? { ...part, thoughtSignature: signatureOf(part) } : part
    }),
  ]
}

/** Text in pieces; calls whole; an empty text at the end. */
function begunParts(answer: Answer): readonly JsonObject[] {
  return [
    ...partsOf(answer).flatMap((part) =>
      part['text'] === undefined
        ? [part]
        : pieces(textOf(part['text'])).map((text) => ({ ...part, text })),
    ),
    { text: '' },
  ]
}

interface Piece {
  readonly model: string
  readonly parts: readonly JsonObject[]
  readonly last: 'last' | 'more'
}

function chunk({ counts, ending }: Answer, { model, parts, last }: Piece): JsonObject {
  const finish = last === 'last' ? { finishReason: ENDINGS[ending] } : {}
  return {
    candidates: [{ content: { parts, role: 'model' }, index: 0, ...finish }],
    usageMetadata: usageOf(counts),
    modelVersion: model,
    responseId: 'replay',
  }
}

function usageOf({ input, output, cached, thinking }: Counts): JsonObject {
  return compact({
    promptTokenCount: input,
    cachedContentTokenCount: cached,
    candidatesTokenCount: output - (thinking ?? 0),
    thoughtsTokenCount: thinking,
    totalTokenCount: input + output,
  })
}

/** Its streams have the line ends of HTTP. */
function frame(value: JsonObject): string {
  return sse(value).replaceAll('\n', '\r\n')
}

function begun(answer: Answer, model: string): readonly string[] {
  return begunParts(answer)
    .slice(0, -1)
    .map((part) => frame(chunk(answer, { model, parts: [part], last: 'more' })))
}
