// The AI SDK in its current major, with the providers of the same age.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createMistral } from '@ai-sdk/mistral'
import { createOpenResponses } from '@ai-sdk/open-responses'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import * as sdk from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'
import { aiKinds } from './ai-providers.ts'
import type { ClientKind } from './client.ts'

export const aiClients: readonly ClientKind[] = aiKinds({
  major: 7,
  sdk,
  make: {
    createAnthropic,
    createGoogleGenerativeAI,
    createMistral,
    createOllama,
    createOpenResponses,
    createOpenAI,
    createOpenAICompatible,
  },
})
