// The providers of the AI SDK in their current majors, each at its own place of the gateway.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createMistral } from '@ai-sdk/mistral'
import { createOpenResponses } from '@ai-sdk/open-responses'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import * as ai from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'
import { type AiProvider, aiClient, aiWords } from './ai-sdk.ts'
import type { ClientKind } from './client.ts'

const effort = { reasoningEffort: 'medium' } as const

const openaiChat: AiProvider = {
  model: ({ url, key }, name) => createOpenAI({ baseURL: `${url}/v1`, apiKey: key }).chat(name),
  thinking: { openai: effort },
}

// By itself it counts on the server's memory and sends back the ids of items only.
const stateless = { openai: { store: false } }

const openaiResponses: AiProvider = {
  always: stateless,
  model: ({ url, key }, name) => createOpenAI({ baseURL: `${url}/v1`, apiKey: key })(name),
  thinking: {
    openai: {
      ...stateless.openai,
      ...effort,
      reasoningSummary: 'auto',
      forceReasoning: true,
      include: ['reasoning.encrypted_content'],
    },
  },
}

const anthropic: AiProvider = {
  model: ({ url, key }, name) => createAnthropic({ baseURL: `${url}/v1`, apiKey: key })(name),
  // It does not know our names of models, and would force a tool instead of a format.
  always: { anthropic: { structuredOutputMode: 'outputFormat' } },
  thinking: {
    anthropic: {
      structuredOutputMode: 'outputFormat',
      thinking: { type: 'enabled', budgetTokens: 2048 },
    },
  },
}

const google: AiProvider = {
  model: ({ url, key }, name) =>
    createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: key })(name),
  thinking: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } },
}

const mistral: AiProvider = {
  model: ({ url, key }, name) => createMistral({ baseURL: `${url}/mistral/v1`, apiKey: key })(name),
  thinking: { mistral: { reasoningEffort: 'high' } },
}

const compatible: AiProvider = {
  model: ({ url, key }, name) =>
    createOpenAICompatible({
      name: 'patchbay',
      baseURL: `${url}/v1`,
      apiKey: key,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })(name),
  thinking: { patchbay: effort },
}

const openResponses: AiProvider = {
  model: ({ url, key }, name) =>
    createOpenResponses({ name: 'patchbay', url: `${url}/v1/responses`, apiKey: key })(name),
  thinking: { patchbay: { ...effort, reasoningSummary: 'auto' } },
}

const ollama: AiProvider = {
  model: ({ url, key }, name) =>
    createOllama({ baseURL: `${url}/api`, headers: { authorization: `Bearer ${key}` } })(name),
  thinking: { ollama: { think: true } },
}

function kind(name: string, provider: AiProvider, more: Partial<ClientKind> = {}): ClientKind {
  return {
    name: `ai 7, ${name}`,
    words: aiWords,
    busy: 503,
    connect: (access) => aiClient(ai, provider, access),
    ...more,
    blind: ['models', ...(more.blind ?? [])],
  }
}

export const aiClients: readonly ClientKind[] = [
  kind('@ai-sdk/openai, Chat Completions', openaiChat, { blind: ['thinking', 'seals'] }),
  kind('@ai-sdk/openai, Responses', openaiResponses),
  kind('@ai-sdk/anthropic', anthropic, { busy: 529 }),
  kind('@ai-sdk/google', google, {
    result: (name, text) => JSON.stringify({ name, content: text }),
  }),
  kind('@ai-sdk/mistral', mistral, {
    words: { ...aiWords, filter: 'stop' },
    blind: ['seals', 'broken'],
  }),
  kind('@ai-sdk/openai-compatible', compatible, { blind: ['seals'] }),
  // Its schema of an error wants texts where OpenAI says null.
  kind('@ai-sdk/open-responses', openResponses, { blind: ['refusals'] }),
  // Its schema of an error is OpenAI's, and it passes over lines that it does not know.
  kind('ollama-ai-provider-v2', ollama, {
    words: { ...aiWords, filter: 'stop' },
    blind: ['cached', 'seals', 'refusals', 'breaks'],
  }),
]
