// The official Google Gen AI SDK: its chat, which keeps the history itself, whole and streamed.
import type * as Sdk from '@google/genai'
import { isObject } from '../../../src/wire/json.ts'
import {
  type Access,
  type Ask,
  type Client,
  type Reply,
  type Words,
  jsonSchema,
  lasting,
  plain,
  told,
} from './client.ts'

export interface GoogleSdk {
  readonly GoogleGenAI: typeof Sdk.GoogleGenAI
  readonly ApiError: typeof Sdk.ApiError
}

export const geminiWords: Words = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  tools: 'STOP',
  filter: 'SAFETY',
}

export function geminiClient(sdk: GoogleSdk, { url, key }: Access): Client {
  const google = new sdk.GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } })
  return {
    open(ask) {
      const chat = google.chats.create({ model: ask.model, config: configOf(ask) })
      let message: Sdk.Part[] = opening(ask)
      let last: Sdk.GenerateContentResponse | undefined
      return {
        async next(mode) {
          last =
            mode === 'whole'
              ? await chat.sendMessage({ message })
              : assembled(await Array.fromAsync(await chat.sendMessageStream({ message })))
          return replyOf(last)
        },
        give(results) {
          message = callsOf(last).map(({ name = '', id }, at) => ({
            functionResponse: {
              name,
              response: { output: results[at] ?? '' },
              ...(id === undefined ? {} : { id }),
            },
          }))
        },
      }
    },
    async leave(ask) {
      const leaving = new AbortController()
      const stream = await google.models.generateContentStream({
        model: ask.model,
        contents: opening(ask),
        config: { ...configOf(ask), abortSignal: leaving.signal },
      })
      for await (const chunk of stream) if ((chunk.text ?? '') !== '') leaving.abort()
    },
    async models() {
      const models = await Array.fromAsync(await google.models.list())
      return models.map(({ name = '' }) => name.replace(/^models\//, ''))
    },
    failure(error) {
      const native = error instanceof sdk.ApiError
      return { native, message: told(error), ...(native ? { status: error.status } : {}) }
    },
  }
}

function configOf({ system, tools, schema, thinks }: Ask): Sdk.GenerateContentConfig {
  return {
    systemInstruction: system,
    ...(tools === undefined
      ? {}
      : {
          tools: [
            {
              functionDeclarations: tools.map(({ name, description, parameters }) => ({
                name,
                description,
                parametersJsonSchema: jsonSchema(parameters),
              })),
            },
          ],
        }),
    ...(schema === undefined
      ? {}
      : { responseMimeType: 'application/json', responseJsonSchema: jsonSchema(schema) }),
    ...(thinks === true ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } : {}),
  }
}

function opening({ question, image }: Ask): Sdk.Part[] {
  const picture = { inlineData: { mimeType: 'image/png', data: image ?? '' } }
  return image === undefined ? [{ text: question }] : [{ text: question }, picture]
}

/** Some chunks are of other candidates only. */
function firstOf(response: Sdk.GenerateContentResponse | undefined): Sdk.Candidate | undefined {
  return response?.candidates?.find(({ index = 0 }) => index === 0)
}

function partsOf(response: Sdk.GenerateContentResponse | undefined): readonly Sdk.Part[] {
  return firstOf(response)?.content?.parts ?? []
}

function callsOf(response: Sdk.GenerateContentResponse | undefined): readonly Sdk.FunctionCall[] {
  return partsOf(response).flatMap(({ functionCall }) =>
    functionCall === undefined ? [] : [functionCall],
  )
}

/** This SDK has no accumulator: parts follow one another, and texts of one kind run on. */
function assembled(
  chunks: readonly Sdk.GenerateContentResponse[],
): Sdk.GenerateContentResponse | undefined {
  const last = chunks.at(-1)
  const candidate = last?.candidates?.[0]
  if (last === undefined || candidate === undefined) return last
  const parts: Sdk.Part[] = []
  for (const part of chunks.flatMap((chunk) => partsOf(chunk))) {
    const before = parts.at(-1)
    const runsOn =
      before?.text !== undefined &&
      part.text !== undefined &&
      before.thought === part.thought &&
      before.thoughtSignature === undefined
    if (part.text === '' && part.thoughtSignature === undefined) continue
    if (runsOn) parts[parts.length - 1] = { ...before, ...part, text: `${before.text}${part.text}` }
    else parts.push(part)
  }
  candidate.content = { role: 'model', parts }
  return last
}

function replyOf(response: Sdk.GenerateContentResponse | undefined): Reply {
  const usage = response?.usageMetadata
  const texts = partsOf(response).filter((part) => part.text !== undefined)
  return {
    text: texts.map((part) => (part.thought === true ? '' : part.text)).join(''),
    thinking: texts.map((part) => (part.thought === true ? part.text : '')).join(''),
    calls: callsOf(response).flatMap(({ name = '', args }) => {
      const input = plain(args ?? {})
      return isObject(input) ? [{ name, input }] : []
    }),
    finish: firstOf(response)?.finishReason ?? response?.promptFeedback?.blockReason ?? '',
    usage: {
      input: (usage?.promptTokenCount ?? -1) + (usage?.toolUsePromptTokenCount ?? 0),
      output: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
      cached: usage?.cachedContentTokenCount ?? 0,
    },
    final: lasting(response),
  }
}
