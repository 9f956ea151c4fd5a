// How each protocol of the gateway chats, and where its errors stand.
import type { JsonObject } from '../src/wire/json.ts'
import { type Answer, errorOf } from './staffed-gateway.ts'

export const messages = [{ role: 'user', content: 'ping' }] as const

interface ChatProtocol {
  readonly name: string
  readonly path: (model: string) => string
  readonly body: (model: string) => JsonObject
  readonly textOf: (answer: Answer) => unknown
  readonly messageOf: (answer: Answer) => unknown
}

export const protocols: readonly ChatProtocol[] = [
  {
    name: 'Chat Completions',
    path: () => '/v1/chat/completions',
    body: (model: string) => ({ model, messages }),
    textOf: ({ json }: Answer) => JSON.stringify(json['choices']),
    messageOf: (answer: Answer) => errorOf(answer)['message'],
  },
  {
    name: 'Responses',
    path: () => '/v1/responses',
    body: (model: string) => ({ model, input: 'ping' }),
    textOf: ({ json }: Answer) => JSON.stringify(json['output']),
    messageOf: (answer: Answer) => errorOf(answer)['message'],
  },
  {
    name: 'Messages',
    path: () => '/v1/messages',
    body: (model: string) => ({ model, messages, max_tokens: 5 }),
    textOf: ({ json }: Answer) => JSON.stringify(json['content']),
    messageOf: (answer: Answer) =>
      answer.json['type'] === 'error' ? errorOf(answer)['message'] : undefined,
  },
  {
    name: 'Gemini',
    path: (model: string) => `/v1beta/models/${model}:generateContent`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: 'ping' }] }] }),
    textOf: ({ json }: Answer) => JSON.stringify(json['candidates']),
    messageOf: (answer: Answer) =>
      typeof errorOf(answer)['status'] === 'string' ? errorOf(answer)['message'] : undefined,
  },
  {
    name: 'Mistral',
    path: () => '/mistral/v1/chat/completions',
    body: (model: string) => ({ model, messages }),
    textOf: ({ json }: Answer) => JSON.stringify(json['choices']),
    messageOf: ({ json }: Answer) => (json['object'] === 'error' ? json['message'] : undefined),
  },
  {
    name: 'Ollama chat',
    path: () => '/api/chat',
    body: (model: string) => ({ model, messages, stream: false }),
    textOf: ({ json }: Answer) => JSON.stringify(json['message']),
    messageOf: ({ json }: Answer) => json['error'],
  },
  {
    name: 'Ollama generate',
    path: () => '/api/generate',
    body: (model: string) => ({ model, prompt: 'ping', stream: false }),
    textOf: ({ json }: Answer) => json['response'],
    messageOf: ({ json }: Answer) => json['error'],
  },
  {
    name: 'chat/multi',
    path: () => '/api/chat/multi',
    body: (model: string) => ({ model, messages }),
    textOf: ({ json }: Answer) => json['response'],
    messageOf: (answer: Answer) => errorOf(answer)['message'],
  },
  {
    name: 'the facade',
    path: () => '/api/chat',
    body: (model: string) => ({ model, message: 'ping' }),
    textOf: ({ json }: Answer) => json['response'],
    // Before the body has been read its path belongs to the other protocol there, whose errors are text.
    messageOf: (answer: Answer) => errorOf(answer)['message'] ?? answer.json['error'],
  },
]
