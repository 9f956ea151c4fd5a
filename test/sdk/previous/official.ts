// The official SDKs in their previous majors: the same adapters, with the older code that is installed in this folder.
import * as anthropic from '@anthropic-ai/sdk'
import * as anthropicZod from '@anthropic-ai/sdk/helpers/zod'
import * as google from '@google/genai'
import * as mistral from '@mistralai/mistralai'
import * as mistralErrors from '@mistralai/mistralai/models/errors/index.js'
import * as ollama from 'ollama'
import * as openai from 'openai'
import * as openaiZod from 'openai/helpers/zod'
import { type AnthropicSdk, anthropicClient, messagesWords } from '../clients/anthropic.ts'
import type { ClientKind } from '../clients/client.ts'
import { type GoogleSdk, geminiClient, geminiWords } from '../clients/gemini.ts'
import { type MistralSdk, mistralClient, mistralWords } from '../clients/mistral.ts'
import { type OllamaSdk, ollamaClient, ollamaWords } from '../clients/ollama.ts'
import { type OpenaiSdk, chatWords, openaiChatClient } from '../clients/openai-chat.ts'
import {
  type ResponsesSdk,
  openaiResponsesClient,
  responsesWords,
} from '../clients/openai-responses.ts'
import { as } from './older.ts'

export const previousClients: readonly ClientKind[] = [
  {
    name: 'openai 6, Chat Completions',
    words: chatWords,
    busy: 503,
    connect: (access) =>
      openaiChatClient(
        as<OpenaiSdk>({ ...openai, ...openaiZod }, ['OpenAI', 'zodResponseFormat']),
        access,
      ),
  },
  {
    name: 'openai 6, Responses',
    words: responsesWords,
    busy: 503,
    connect: (access) =>
      openaiResponsesClient(
        as<ResponsesSdk>({ ...openai, ...openaiZod }, ['OpenAI', 'zodTextFormat']),
        access,
      ),
  },
  {
    name: '@anthropic-ai/sdk 0',
    words: messagesWords,
    busy: 529,
    connect: (access) =>
      anthropicClient(
        as<AnthropicSdk>({ ...anthropic, ...anthropicZod }, ['Anthropic', 'zodOutputFormat']),
        access,
      ),
  },
  {
    name: '@google/genai 2',
    words: geminiWords,
    busy: 503,
    connect: (access) => geminiClient(as<GoogleSdk>(google, ['GoogleGenAI', 'ApiError']), access),
  },
  {
    name: '@mistralai/mistralai 1',
    words: mistralWords,
    busy: 503,
    // Its schemas have no place for an error in a stream, for a signature, nor for cached tokens.
    blind: ['broken', 'cached', 'seals'],
    connect: (access) =>
      mistralClient(
        {
          ...as<Pick<MistralSdk, 'Mistral'>>(mistral, ['Mistral']),
          errors: as<MistralSdk['errors']>(mistralErrors, ['MistralError']),
          zod: 3,
        },
        access,
      ),
  },
  {
    name: 'ollama 0.5',
    words: ollamaWords,
    busy: 503,
    blind: ['cached', 'seals'],
    connect: (access) => ollamaClient(as<OllamaSdk>(ollama, ['Ollama']), access),
  },
]
