// The chat models of LangChain.js, each at its own place of the gateway.
import { ChatAnthropic } from '@langchain/anthropic'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { ChatMistralAI } from '@langchain/mistralai'
import { ChatOllama } from '@langchain/ollama'
import { ChatOpenAI } from '@langchain/openai'
import { isObject } from '../../../src/wire/json.ts'
import { messagesWords } from './anthropic.ts'
import type { Access, Ask, ClientKind } from './client.ts'
import { geminiWords } from './gemini.ts'
import { type ChainModel, chainClient } from './langchain.ts'
import { mistralWords } from './mistral.ts'
import { ollamaWords } from './ollama.ts'
import { chatWords } from './openai-chat.ts'
import { responsesWords } from './openai-responses.ts'

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

const openaiChat: ChainModel = {
  model: (access, ask) =>
    new ChatOpenAI({
      ...openaiBase(access, ask),
      ...(ask.thinks === true ? { modelKwargs: { reasoning_effort: 'medium' } } : {}),
    }),
  finish: finish('finish_reason'),
  words: chatWords,
}

const openaiResponses: ChainModel = {
  model: (access, ask) =>
    new ChatOpenAI({
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
}

const anthropic: ChainModel = {
  model: ({ url, key }, { model, thinks }) =>
    new ChatAnthropic({
      model,
      apiKey: key,
      anthropicApiUrl: url,
      maxRetries: 0,
      maxTokens: 4096,
      ...(thinks === true ? { thinking: { type: 'enabled', budget_tokens: 2048 } } : {}),
    }),
  finish: finish('stop_reason'),
  words: messagesWords,
}

const google: ChainModel = {
  model: ({ url, key }, { model, thinks }) =>
    new ChatGoogleGenerativeAI({
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
}

const mistral: ChainModel = {
  model: ({ url, key }, { model }) =>
    new ChatMistralAI({ model, apiKey: key, serverURL: `${url}/mistral`, maxRetries: 0 }),
  finish: finish('finish_reason', 'finishReason'),
  words: mistralWords,
}

const ollama: ChainModel = {
  model: ({ url, key }, { model, thinks }) =>
    new ChatOllama({
      model,
      baseUrl: url,
      headers: { authorization: `Bearer ${key}` },
      maxRetries: 0,
      ...(thinks === true ? { think: true } : {}),
    }),
  finish: finish('done_reason'),
  words: ollamaWords,
}

function kind(name: string, model: ChainModel, more: Partial<ClientKind> = {}): ClientKind {
  return {
    name: `LangChain 1, ${name}`,
    words: model.words,
    busy: 503,
    connect: (access) => chainClient(model, access),
    ...more,
    blind: ['models', ...(more.blind ?? [])],
  }
}

export const chainClients: readonly ClientKind[] = [
  kind('ChatOpenAI, Chat Completions', openaiChat, { blind: ['seals'] }),
  kind('ChatOpenAI, Responses', openaiResponses),
  // It counts what a stream announces, which is nothing yet.
  kind('ChatAnthropic', anthropic, { busy: 529, blind: ['stream-counts'] }),
  // An old SDK of Google is inside.
  kind('ChatGoogleGenerativeAI', google, {
    result: (_, text) => JSON.stringify({ result: text }),
    blind: ['forges', 'images', 'ids', 'thinking', 'seals', 'stream-counts', 'breaks', 'leaving'],
  }),
  kind('ChatMistralAI', mistral, {
    blind: ['cached', 'schema', 'ids', 'thinking', 'thinking-loop', 'broken'],
  }),
  kind('ChatOllama', ollama, { blind: ['cached', 'ids', 'seals'] }),
]
