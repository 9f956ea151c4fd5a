// The official SDKs in their current majors.
import * as anthropic from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import * as google from '@google/genai'
import * as mistral from '@mistralai/mistralai'
import * as mistralErrors from '@mistralai/mistralai/models/errors'
import * as ollama from 'ollama'
import * as openai from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { anthropicClient, messagesWords } from './anthropic.ts'
import type { ClientKind } from './client.ts'
import { geminiClient, geminiWords } from './gemini.ts'
import { mistralClient, mistralWords } from './mistral.ts'
import { ollamaClient, ollamaWords } from './ollama.ts'
import { chatWords, openaiChatClient } from './openai-chat.ts'
import { openaiResponsesClient, responsesWords } from './openai-responses.ts'

export const officialClients: readonly ClientKind[] = [
  {
    name: 'openai 7, Chat Completions',
    words: chatWords,
    busy: 503,
    connect: (access) => openaiChatClient({ ...openai, zodResponseFormat }, access),
  },
  {
    name: 'openai 7, Responses',
    words: responsesWords,
    busy: 503,
    connect: (access) => openaiResponsesClient({ ...openai, zodTextFormat }, access),
  },
  {
    name: '@anthropic-ai/sdk 1',
    words: messagesWords,
    busy: 529,
    connect: (access) => anthropicClient({ ...anthropic, zodOutputFormat }, access),
  },
  {
    name: '@google/genai 3',
    words: geminiWords,
    busy: 503,
    connect: (access) => geminiClient(google, access),
  },
  {
    name: '@mistralai/mistralai 2',
    words: mistralWords,
    busy: 503,
    // Its schema of a chunk has no place for an error.
    blind: ['broken'],
    connect: (access) => mistralClient({ ...mistral, errors: mistralErrors, zod: 4 }, access),
  },
  {
    name: 'ollama 0.6',
    words: ollamaWords,
    busy: 503,
    blind: ['cached', 'seals'],
    connect: (access) => ollamaClient(ollama, access),
  },
]
