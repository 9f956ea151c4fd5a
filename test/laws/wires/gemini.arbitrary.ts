// What is schema-valid on the wire of the Gemini API.
import fc from 'fast-check'
import { type JsonObject, parseJson } from '../../../src/wire/json.ts'
import {
  type Fields,
  type Pair,
  type WireFailure,
  type WireGrammar,
  count,
  flag,
  free,
  list,
  nullable,
  object,
  one,
  schema,
  script,
  sentence,
  sprinkled,
  word,
} from './grammar.ts'

const signature = { thoughtSignature: one('EpYB', 'CsMB-_') }
const part = (fields: Fields): fc.Arbitrary<JsonObject> => object(fields, signature)
const inline = object({
  mimeType: one('image/png', 'audio/wav', 'application/pdf', 'text/plain'),
  data: one('AAAA'),
})

const text = fc.oneof(part({ text: word }), part({ text: word, thought: flag }))
const made = fc.oneof(
  text,
  part({ inlineData: inline }),
  part({ functionCall: object({ name: one('f', 'g.h') }, { id: one('a', 'b'), args: free }) }),
  part({ executableCode: object({ code: word, language: one('PYTHON') }) }),
  part({
    codeExecutionResult: object({ outcome: one('OUTCOME_OK', 'UNHEARD_OF') }, { output: word }),
  }),
)
const heard = fc.oneof(
  made,
  part({
    fileData: object(
      { fileUri: one('https://a.example/b') },
      { mimeType: one('video/mp4', 'image/png') },
    ),
  }),
  part({
    functionResponse: object(
      {
        name: one('f'),
        response: fc.oneof(
          free,
          object({ output: word }),
          object({ error: word }),
          object({ result: word }),
        ),
      },
      { id: one('a', 'b'), parts: list(part({ inlineData: inline })), willContinue: flag },
    ),
  }),
)

const content = object(
  {},
  { role: one('user', 'model', 'function'), parts: fc.oneof(list(heard, 3), heard) },
)
const openApi = fc.constantFrom<JsonObject>(
  { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } } },
  { type: 'object' },
)

const config = object(
  {},
  {
    candidateCount: one(1, 2),
    enableEnhancedCivicAnswers: flag,
    frequencyPenalty: one(0, 1),
    logprobs: fc.nat(20),
    maxOutputTokens: nullable(count),
    mediaResolution: one('MEDIA_RESOLUTION_LOW'),
    presencePenalty: one(0, 1),
    responseJsonSchema: schema,
    responseLogprobs: flag,
    responseMimeType: one('text/plain', 'application/json', 'text/x.enum'),
    responseModalities: list(one('TEXT', 'IMAGE', 'AUDIO')),
    responseSchema: openApi,
    seed: nullable(count),
    speechConfig: free,
    stopSequences: list(word, 3),
    temperature: nullable(fc.double({ min: 0, max: 2, noNaN: true })),
    thinkingConfig: object(
      {},
      {
        includeThoughts: flag,
        thinkingBudget: one(-1, 0, 512),
        thinkingLevel: one('LOW', 'HIGH', 'UNHEARD_OF'),
      },
    ),
    topK: count,
    topP: one(0, 1),
  },
)

const request = object(
  {},
  {
    cachedContent: one('cachedContents/1'),
    contents: fc.oneof(list(content, 4), content),
    generationConfig: nullable(config),
    model: one('models/m', 'm', 'models/other'),
    safetySettings: list(
      object({ category: one('HARM_CATEGORY_HARASSMENT'), threshold: one('BLOCK_NONE', 'OFF') }),
    ),
    serviceTier: one('flex'),
    store: flag,
    systemInstruction: nullable(
      object({ parts: fc.oneof(list(text), text) }, { role: one('system', 'user') }),
    ),
    toolConfig: object(
      {},
      {
        functionCallingConfig: object(
          {},
          {
            mode: one('AUTO', 'ANY', 'NONE', 'VALIDATED', 'UNHEARD_OF'),
            allowedFunctionNames: list(one('f')),
          },
        ),
        retrievalConfig: free,
      },
    ),
    tools: list(
      object(
        {},
        {
          codeExecution: object({}),
          functionDeclarations: list(
            object(
              { name: one('f', 'g') },
              {
                description: word,
                parameters: openApi,
                parametersJsonSchema: schema,
                response: openApi,
              },
            ),
          ),
          googleSearch: free,
        },
      ),
    ),
  },
)

const usage = object(
  {},
  {
    cachedContentTokenCount: count,
    candidatesTokenCount: count,
    promptTokenCount: count,
    promptTokensDetails: list(object({ modality: one('TEXT', 'IMAGE'), tokenCount: count })),
    thoughtsTokenCount: count,
    toolUsePromptTokenCount: count,
    totalTokenCount: count,
  },
)

const FINISH = [
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'MALFORMED_FUNCTION_CALL',
  'OTHER',
  'UNHEARD_OF',
] as const
const candidate = object(
  {},
  {
    avgLogprobs: one(-0.5),
    citationMetadata: object({
      citationSources: list(object({ uri: word }, { startIndex: count, endIndex: count })),
    }),
    content: object({}, { role: one('model'), parts: list(made, 4) }),
    finishMessage: word,
    finishReason: one(...FINISH),
    safetyRatings: list(
      object({ category: one('HARM_CATEGORY_HARASSMENT'), probability: one('LOW') }),
    ),
    tokenCount: count,
  },
)

const about = { modelVersion: word, responseId: one('r1', 'r2') }
const response = object(
  {},
  {
    ...about,
    candidates: list(candidate).map((candidates) =>
      candidates.map((entry, index) => ({ ...entry, index })),
    ),
    createTime: one('2026-01-01T00:00:00.5Z'),
    modelStatus: free,
    promptFeedback: object(
      {},
      { blockReason: one('SAFETY', 'UNHEARD_OF'), safetyRatings: list(free) },
    ),
    usageMetadata: usage,
  },
)

const stream = fc
  .record({
    about: object({ modelVersion: one('m'), responseId: one('r1') }),
    chunks: list(fc.tuple(list(made), fc.option(usage)), 4),
    last: list(made),
    finish: one(...FINISH),
    usage,
  })
  .map(({ about, chunks, last, finish, usage }): readonly JsonObject[] => [
    ...chunks.map(([parts, counts]): JsonObject => ({
      candidates: [{ content: { parts, role: 'model' }, index: 0 }],
      ...(counts === null ? {} : { usageMetadata: counts }),
      ...about,
    })),
    {
      candidates: [{ content: { parts: last, role: 'model' }, finishReason: finish, index: 0 }],
      usageMetadata: usage,
      ...about,
    },
  ])

function joined(pieces: readonly string[], more: JsonObject): readonly JsonObject[] {
  return pieces.length === 0 ? [] : [{ text: pieces.join(''), ...more }]
}

const pair = fc.tuple(script, usage).map(([{ thinking, text, calls }, counts]): Pair => {
  const about = { modelVersion: 'm', responseId: 'r1' }
  const answer = (parts: readonly JsonObject[], last: boolean): JsonObject => ({
    candidates: [
      { content: { role: 'model', parts }, index: 0, ...(last ? { finishReason: 'STOP' } : {}) },
    ],
    usageMetadata: counts,
    ...about,
  })
  const called = calls.map(({ id, name, pieces }): JsonObject => ({
    functionCall: { id, name, args: parseJson(pieces.join('')) },
    thoughtSignature: 'EpYB',
  }))
  return {
    whole: answer([...joined(thinking, { thought: true }), ...joined(text, {}), ...called], true),
    stream: [
      ...thinking.map((piece) => answer([{ text: piece, thought: true }], false)),
      ...text.map((piece) => answer([{ text: piece }], false)),
      ...called.map((part) => answer([part], false)),
      answer([], true),
    ],
  }
})

const row = (
  code: number,
  status: string,
  details: readonly JsonObject[] = [],
): fc.Arbitrary<WireFailure> =>
  sentence.map((message) => ({
    status: code,
    body: { error: { code, message, status, ...(details.length === 0 ? {} : { details }) } },
  }))

export const geminiWire: WireGrammar = {
  requests: sprinkled(request),
  responses: sprinkled(response),
  streams: stream,
  pairs: pair,
  modelLists: object({
    models: list(
      sprinkled(
        object(
          { name: one('models/a', 'tunedModels/b') },
          {
            displayName: word,
            version: word,
            inputTokenLimit: count,
            outputTokenLimit: count,
            supportedGenerationMethods: list(one('generateContent', 'embedContent')),
            thinking: flag,
          },
        ),
      ),
    ),
  }),
  errors: fc.oneof(
    row(400, 'INVALID_ARGUMENT'),
    row(404, 'NOT_FOUND'),
    row(409, 'ABORTED'),
    row(429, 'RESOURCE_EXHAUSTED', [
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' },
    ]),
    row(500, 'INTERNAL'),
    row(503, 'UNAVAILABLE'),
    row(504, 'DEADLINE_EXCEEDED'),
  ),
}
