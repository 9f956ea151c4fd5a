// The AI SDK in its previous major, with the providers of the same age.
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createMistral } from '@ai-sdk/mistral'
import { createOpenResponses } from '@ai-sdk/open-responses'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import * as ai from 'ai'
import { createOllama } from 'ollama-ai-provider-v2'
import { type AiFactories, aiKinds } from '../clients/ai-providers.ts'
import type { AiSdk } from '../clients/ai-sdk.ts'
import type { ClientKind } from '../clients/client.ts'
import { as } from './older.ts'

export const previousAiClients: readonly ClientKind[] = aiKinds({
  major: 6,
  blind: {
    '@ai-sdk/google': ['seals'],
    '@ai-sdk/open-responses': ['thinking', 'seals', 'breaks'],
  },
  sdk: as<AiSdk>(ai, ['generateText', 'streamText', 'Output', 'tool', 'APICallError']),
  make: as<AiFactories>(
    {
      createAnthropic,
      createGoogleGenerativeAI,
      createMistral,
      createOllama,
      createOpenResponses,
      createOpenAI,
      createOpenAICompatible,
    },
    ['createAnthropic', 'createOllama'],
  ),
})
