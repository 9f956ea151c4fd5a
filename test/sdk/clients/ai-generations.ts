// The AI SDK in its current and its previous major, with the providers of each.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createMistral } from '@ai-sdk/mistral'
import { createOpenResponses } from '@ai-sdk/open-responses'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import * as ai from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'
import { type AiFactories, aiKinds } from './ai-providers.ts'
import { type AiProvider, type AiSdk, aiClient, aiWords } from './ai-sdk.ts'
import type { ClientKind } from './client.ts'
import { as } from './older.ts'

const ollama: AiProvider = {
  model: ({ url, key }, name) =>
    createOllama({ baseURL: `${url}/api`, headers: { authorization: `Bearer ${key}` } })(name),
  thinking: { ollama: { think: true } },
}

const current: AiFactories = {
  createAnthropic,
  createGoogleGenerativeAI,
  createMistral,
  createOpenResponses,
  createOpenAI,
  createOpenAICompatible,
}

export const aiClients: readonly ClientKind[] = [
  ...aiKinds({ major: 7, load: async () => ({ sdk: ai, make: current }) }),
  {
    name: 'ai 7, ollama-ai-provider-v2',
    words: { ...aiWords, filter: 'stop' },
    busy: 503,
    // Its schema of an error is OpenAI's, and it passes over lines that it does not know.
    blind: ['models', 'cached', 'seals', 'refusals', 'breaks'],
    connect: (access) => aiClient(ai, ollama, access),
  },
]

async function previous(): Promise<AiFactories> {
  return as<AiFactories>(
    {
      ...(await import('ai-sdk-anthropic-v3')),
      ...(await import('ai-sdk-google-v3')),
      ...(await import('ai-sdk-mistral-v3')),
      ...(await import('ai-sdk-open-responses-v1')),
      ...(await import('ai-sdk-openai-compatible-v2')),
      ...(await import('ai-sdk-openai-v3')),
    },
    ['createAnthropic', 'createGoogleGenerativeAI', 'createMistral', 'createOpenResponses'],
  )
}

export const previousAiClients: readonly ClientKind[] = aiKinds({
  major: 6,
  blind: {
    '@ai-sdk/google': ['seals'],
    '@ai-sdk/open-responses': ['thinking', 'seals', 'breaks'],
  },
  load: async () => ({
    sdk: as<AiSdk>(await import('ai-v6'), ['generateText', 'streamText', 'Output', 'tool']),
    make: await previous(),
  }),
})
