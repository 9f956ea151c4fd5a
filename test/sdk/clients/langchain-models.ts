// The chat models of LangChain.js, each at its own place of the gateway.
import type { ChatAnthropic } from '@langchain/anthropic'
import type { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import type { ChatMistralAI } from '@langchain/mistralai'
import type { ChatOllama } from '@langchain/ollama'
import type { ChatOpenAI } from '@langchain/openai'
import { isObject } from '../../../src/wire/json.ts'
import { messagesWords } from './anthropic.ts'
import type { Access, Ask, Blindness, ClientKind } from './client.ts'
import { geminiWords } from './gemini.ts'
import { type ChainMessages, type ChainModel, chainClient } from './langchain.ts'
import { mistralWords } from './mistral.ts'
import { ollamaWords } from './ollama.ts'
import { chatWords } from './openai-chat.ts'
import { responsesWords } from './openai-responses.ts'

/** The library and its chat models, in one of their majors. */
export interface ChainLibrary extends ChainMessages {
  readonly ChatAnthropic: typeof ChatAnthropic
  readonly ChatGoogleGenerativeAI: typeof ChatGoogleGenerativeAI
  readonly ChatMistralAI: typeof ChatMistralAI
  readonly ChatOllama: typeof ChatOllama
  readonly ChatOpenAI: typeof ChatOpenAI
}

type Of = (library: ChainLibrary) => ChainModel

const finish =
  (...keys: readonly string[]): ChainModel['finish'] =>
  (metadata) =>
    keys.map((key) => metadata[key]).find((value) => typeof value === 'string') ?? ''

const openaiBase = ({ url, key }: Access, { model }: Ask) => ({
  model,
  apiKey: key,
  maxRetries: 0,
  configuration: { baseURL: `${url}/v1` },
})

const openaiChat: Of = (library) => ({
  model: (access, ask) =>
    new library.ChatOpenAI({
      ...openaiBase(access, ask),
      ...(ask.thinks === true ? { modelKwargs: { reasoning_effort: 'medium' } } : {}),
    }),
  finish: finish('finish_reason'),
  words: chatWords,
})

const openaiResponses: Of = (library) => ({
  model: (access, ask) =>
    new library.ChatOpenAI({
      ...openaiBase(access, ask),
      useResponsesApi: true,
      zdrEnabled: true,
      ...(ask.thinks === true
        ? { modelKwargs: { reasoning: { effort: 'medium', summary: 'auto' } } }
        : {}),
    }),
  finish: ({ status, incomplete_details: details }) =>
    [status, ...(isObject(details) ? [details['reason']] : [])].join(' '),
  words: responsesWords,
})

const anthropic: Of = (library) => ({
  model: ({ url, key }, { model, thinks }) =>
    new library.ChatAnthropic({
      model,
      apiKey: key,
      anthropicApiUrl: url,
      maxRetries: 0,
      maxTokens: 4096,
      ...(thinks === true
        ? { temperature: 1, thinking: { type: 'enabled', budget_tokens: 2048 } }
        : {}),
    }),
  finish: finish('stop_reason'),
  words: messagesWords,
})

const google: Of = (library) => ({
  model: ({ url, key }, { model, thinks }) =>
    new library.ChatGoogleGenerativeAI({
      model,
      apiKey: key,
      baseUrl: url,
      maxRetries: 0,
      ...(thinks === true
        ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } }
        : {}),
    }),
  finish: finish('finishReason'),
  words: geminiWords,
})

const mistral: Of = (library) => ({
  model: ({ url, key }, { model }) =>
    new library.ChatMistralAI({ model, apiKey: key, serverURL: `${url}/mistral`, maxRetries: 0 }),
  finish: finish('finish_reason', 'finishReason'),
  words: mistralWords,
})

const ollama: Of = (library) => ({
  model: ({ url, key }, { model, thinks }) =>
    new library.ChatOllama({
      model,
      baseUrl: url,
      headers: { authorization: `Bearer ${key}` },
      maxRetries: 0,
      ...(thinks === true ? { think: true } : {}),
    }),
  finish: finish('done_reason'),
  words: ollamaWords,
})

interface Named {
  readonly name: string
  readonly model: Of
  readonly more?: Partial<ClientKind>
}

const MODELS: readonly Named[] = [
  { name: 'ChatOpenAI, Chat Completions', model: openaiChat, more: { blind: ['seals'] } },
  { name: 'ChatOpenAI, Responses', model: openaiResponses },
  // It counts what a stream announces, which is nothing yet.
  { name: 'ChatAnthropic', model: anthropic, more: { busy: 529, blind: ['stream-counts'] } },
  // An old SDK of Google is inside.
  {
    name: 'ChatGoogleGenerativeAI',
    model: google,
    more: {
      result: (_, text) => JSON.stringify({ result: text }),
      blind: ['forges', 'images', 'ids', 'thinking', 'seals', 'stream-counts', 'breaks', 'leaving'],
    },
  },
  {
    name: 'ChatMistralAI',
    model: mistral,
    more: { blind: ['cached', 'schema', 'ids', 'thinking', 'thinking-loop', 'broken'] },
  },
  { name: 'ChatOllama', model: ollama, more: { blind: ['cached', 'ids', 'seals'] } },
]

/** The library in one of its majors. */
export interface ChainGeneration {
  readonly major: string
  /** What this generation of a model cannot show beyond what none can. */
  readonly blind?: Readonly<Record<string, readonly Blindness[]>>
  readonly library: ChainLibrary
}

export function chainKinds({ major, library, blind = {} }: ChainGeneration): readonly ClientKind[] {
  return MODELS.map(({ name, model, more = {} }) => {
    const made = model(library)
    return {
      name: `LangChain ${major}, ${name}`,
      words: made.words,
      busy: 503,
      connect: (access) => chainClient(library, made, access),
      ...more,
      blind: ['models', ...(more.blind ?? []), ...(blind[name] ?? [])],
    }
  })
}
