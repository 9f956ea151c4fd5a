// The official SDKs in their previous majors: the same adapters, with older code behind the same names.
import type * as Anthropic from '@anthropic-ai/sdk'
import type * as AnthropicZod from '@anthropic-ai/sdk/helpers/zod'
import type * as Google from '@google/genai'
import type * as Mistral from '@mistralai/mistralai'
import type * as MistralErrors from '@mistralai/mistralai/models/errors'
import type * as Ollama from 'ollama'
import type * as Openai from 'openai'
import type * as OpenaiZod from 'openai/helpers/zod'
import { anthropicClient, messagesWords } from './anthropic.ts'
import { as } from './older.ts'
import type { ClientKind } from './client.ts'
import { geminiClient, geminiWords } from './gemini.ts'
import { mistralClient, mistralWords } from './mistral.ts'
import { ollamaClient, ollamaWords } from './ollama.ts'
import { chatWords, openaiChatClient } from './openai-chat.ts'
import { openaiResponsesClient, responsesWords } from './openai-responses.ts'

async function openai(): Promise<typeof Openai & typeof OpenaiZod> {
  return {
    ...as<typeof Openai>(await import('openai-v6'), ['OpenAI']),
    ...as<typeof OpenaiZod>(await import('openai-v6/helpers/zod'), ['zodTextFormat']),
  }
}

export const previousClients: readonly ClientKind[] = [
  {
    name: 'openai 6, Chat Completions',
    words: chatWords,
    busy: 503,
    connect: async (access) => openaiChatClient(await openai(), access),
  },
  {
    name: 'openai 6, Responses',
    words: responsesWords,
    busy: 503,
    connect: async (access) => openaiResponsesClient(await openai(), access),
  },
  {
    name: '@anthropic-ai/sdk 0',
    words: messagesWords,
    busy: 529,
    connect: async (access) =>
      anthropicClient(
        {
          ...as<typeof Anthropic>(await import('anthropic-sdk-v0'), ['Anthropic']),
          ...as<typeof AnthropicZod>(await import('anthropic-sdk-v0/helpers/zod'), [
            'zodOutputFormat',
          ]),
        },
        access,
      ),
  },
  {
    name: '@google/genai 2',
    words: geminiWords,
    busy: 503,
    connect: async (access) =>
      geminiClient(as<typeof Google>(await import('google-genai-v2'), ['GoogleGenAI']), access),
  },
  {
    name: '@mistralai/mistralai 1',
    words: mistralWords,
    busy: 503,
    // Its schemas have no place for an error in a stream, for a signature, nor for cached tokens.
    blind: ['broken', 'cached', 'seals'],
    connect: async (access) =>
      mistralClient(
        {
          zod: 3,
          ...as<typeof Mistral>(await import('mistralai-v1'), ['Mistral']),
          errors: as<typeof MistralErrors>(await import('mistralai-v1/models/errors/index.js'), [
            'MistralError',
          ]),
        },
        access,
      ),
  },
  {
    name: 'ollama 0.5',
    words: ollamaWords,
    busy: 503,
    blind: ['cached', 'seals'],
    connect: async (access) =>
      ollamaClient(as<typeof Ollama>(await import('ollama-v05'), ['Ollama']), access),
  },
]
