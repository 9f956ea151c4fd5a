// The providers of the AI SDK, each at its own place of the gateway.
import type { createAnthropic } from '@ai-sdk/anthropic'
import type { createGoogleGenerativeAI } from '@ai-sdk/google'
import type { createMistral } from '@ai-sdk/mistral'
import type { createOpenResponses } from '@ai-sdk/open-responses'
import type { createOpenAI } from '@ai-sdk/openai'
import type { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { createOllama } from 'ollama-ai-provider-v2'
import { type AiProvider, type AiSdk, aiClient, aiWords } from './ai-sdk.ts'
import type { Blindness, ClientKind } from './client.ts'

/** What makes the providers, in one of their majors. */
export interface AiFactories {
  readonly createAnthropic: typeof createAnthropic
  readonly createGoogleGenerativeAI: typeof createGoogleGenerativeAI
  readonly createMistral: typeof createMistral
  readonly createOllama: typeof createOllama
  readonly createOpenResponses: typeof createOpenResponses
  readonly createOpenAI: typeof createOpenAI
  readonly createOpenAICompatible: typeof createOpenAICompatible
}

const effort = { reasoningEffort: 'medium' } as const

const openaiChat = (make: AiFactories): AiProvider => ({
  model: ({ url, key }, name) =>
    make.createOpenAI({ baseURL: `${url}/v1`, apiKey: key }).chat(name),
  thinking: { openai: effort },
})

// By itself it counts on the server's memory and sends back the ids of items only.
const stateless = { openai: { store: false } }

const openaiResponses = (make: AiFactories): AiProvider => ({
  always: stateless,
  model: ({ url, key }, name) => make.createOpenAI({ baseURL: `${url}/v1`, apiKey: key })(name),
  thinking: {
    openai: {
      ...stateless.openai,
      ...effort,
      reasoningSummary: 'auto',
      forceReasoning: true,
      include: ['reasoning.encrypted_content'],
    },
  },
})

const anthropic = (make: AiFactories): AiProvider => ({
  model: ({ url, key }, name) => make.createAnthropic({ baseURL: `${url}/v1`, apiKey: key })(name),
  // It does not know our names of models, and would force a tool instead of a format.
  always: { anthropic: { structuredOutputMode: 'outputFormat' } },
  thinking: {
    anthropic: {
      structuredOutputMode: 'outputFormat',
      thinking: { type: 'enabled', budgetTokens: 2048 },
    },
  },
})

const google = (make: AiFactories): AiProvider => ({
  model: ({ url, key }, name) =>
    make.createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: key })(name),
  thinking: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } },
})

const mistral = (make: AiFactories): AiProvider => ({
  model: ({ url, key }, name) =>
    make.createMistral({ baseURL: `${url}/mistral/v1`, apiKey: key })(name),
  thinking: { mistral: { reasoningEffort: 'high' } },
})

const compatible = (make: AiFactories): AiProvider => ({
  model: ({ url, key }, name) =>
    make.createOpenAICompatible({
      name: 'patchbay',
      baseURL: `${url}/v1`,
      apiKey: key,
      includeUsage: true,
      supportsStructuredOutputs: true,
    })(name),
  thinking: { patchbay: effort },
})

const openResponses = (make: AiFactories): AiProvider => ({
  model: ({ url, key }, name) =>
    make.createOpenResponses({ name: 'patchbay', url: `${url}/v1/responses`, apiKey: key })(name),
  thinking: { patchbay: { ...effort, reasoningSummary: 'auto' } },
})

const ollama = (make: AiFactories): AiProvider => ({
  model: ({ url, key }, name) =>
    make.createOllama({ baseURL: `${url}/api`, headers: { authorization: `Bearer ${key}` } })(name),
  thinking: { ollama: { think: true } },
})

/** The SDK in one of its majors, with providers of the same age. */
export interface AiGeneration {
  readonly major: number
  /** What this generation of a provider cannot show beyond what none can. */
  readonly blind?: Readonly<Record<string, readonly Blindness[]>>
  readonly sdk: AiSdk
  readonly make: AiFactories
}

interface Named {
  readonly name: string
  readonly provider: (make: AiFactories) => AiProvider
  readonly more?: Partial<ClientKind>
}

const PROVIDERS: readonly Named[] = [
  {
    name: '@ai-sdk/openai, Chat Completions',
    provider: openaiChat,
    more: { blind: ['thinking', 'seals'] },
  },
  { name: '@ai-sdk/openai, Responses', provider: openaiResponses },
  { name: '@ai-sdk/anthropic', provider: anthropic, more: { busy: 529 } },
  {
    name: '@ai-sdk/google',
    provider: google,
    more: { result: (name, text) => JSON.stringify({ name, content: text }) },
  },
  {
    name: '@ai-sdk/mistral',
    provider: mistral,
    more: { words: { ...aiWords, filter: 'stop' }, blind: ['seals', 'broken'] },
  },
  { name: '@ai-sdk/openai-compatible', provider: compatible, more: { blind: ['seals'] } },
  // Its schema of an error wants texts where OpenAI says null.
  { name: '@ai-sdk/open-responses', provider: openResponses, more: { blind: ['refusals'] } },
  {
    name: 'ollama-ai-provider-v2',
    provider: ollama,
    more: {
      words: { ...aiWords, filter: 'stop' },
      // Its schema of an error is OpenAI's, and it passes over lines that it does not know.
      blind: ['cached', 'seals', 'refusals', 'breaks'],
    },
  },
]

export function aiKinds({ major, sdk, make, blind = {} }: AiGeneration): readonly ClientKind[] {
  return PROVIDERS.map(({ name, provider, more = {} }) => ({
    name: `ai ${major}, ${name}`,
    words: aiWords,
    busy: 503,
    connect: (access) => aiClient(sdk, provider(make), access),
    ...more,
    blind: ['models', ...(more.blind ?? []), ...(blind[name] ?? [])],
  }))
}
