// Clients of the six protocols as raw requests, and what each of them hears: read by the plain readers, not by our decoders.
import type { Json, JsonObject } from '../src/wire/json.ts'
import { messagesHeard } from './second-opinion/anthropic-messages.ts'
import { generateHeard } from './second-opinion/gemini.ts'
import { type Heard, objectsIn, textAt } from './second-opinion/heard.ts'
import { ollamaHeard } from './second-opinion/ollama.ts'
import { chatHeard } from './second-opinion/openai-chat.ts'
import { responsesHeard } from './second-opinion/openai-responses.ts'

interface Question {
  readonly model: string
  readonly text: string
  readonly streamed: boolean
}

export interface WireClient {
  readonly name: string
  /** The dialect's id. */
  readonly dialect: string
  readonly path: (question: Question) => string
  readonly body: (question: Question) => JsonObject
  readonly hear: (bytes: string) => Heard
  /** What a client that waits is told; every protocol has a way. */
  readonly waiting: RegExp
}

const chat = ({ model, text, streamed }: Question): JsonObject => ({
  model,
  messages: [{ role: 'user', content: text }],
  stream: streamed,
})

const generate = ({ text }: Question): JsonObject => ({
  contents: [{ role: 'user', parts: [{ text }] }],
})

const WAITING = /^: patchbay waiting\n/

export const wireClients: readonly WireClient[] = [
  {
    name: 'Chat Completions',
    dialect: 'openai-chat',
    path: () => '/v1/chat/completions',
    body: chat,
    hear: chatHeard,
    waiting: WAITING,
  },
  {
    name: 'Responses',
    dialect: 'openai-responses',
    path: () => '/v1/responses',
    body: ({ model, text, streamed }) => ({ model, input: text, stream: streamed, store: false }),
    hear: streamedResponsesHeard,
    waiting: WAITING,
  },
  {
    name: 'Messages',
    dialect: 'anthropic-messages',
    path: () => '/v1/messages',
    body: (question) => ({ ...chat(question), max_tokens: 500 }),
    hear: messagesHeard,
    waiting: /^event: ping\ndata: \{"type":"ping"\}\n\n/,
  },
  {
    name: 'generateContent',
    dialect: 'gemini',
    path: ({ model, streamed }) =>
      `/v1beta/models/${model}:${streamed ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: generate,
    hear: generateHeard,
    waiting: WAITING,
  },
  {
    name: 'generateContent as an array',
    dialect: 'gemini',
    path: ({ model, streamed }) =>
      `/v1beta/models/${model}:${streamed ? 'streamGenerateContent' : 'generateContent'}`,
    body: generate,
    hear: generateHeard,
    waiting: /^\n/,
  },
  {
    name: 'Mistral',
    dialect: 'mistral-chat',
    path: () => '/mistral/v1/chat/completions',
    body: chat,
    hear: chatHeard,
    waiting: WAITING,
  },
  {
    name: 'Ollama',
    dialect: 'ollama',
    path: () => '/ollama/api/chat',
    body: chat,
    hear: ollamaHeard,
    waiting:
      /^\{"model":"[^"]+","created_at":"[^"]+","message":\{"role":"assistant","content":""\},"done":false\}\n/,
  },
]

/** The failure that a stream tells of in band; undefined where it tells of none. */
export function failureIn(bytes: string): Json | undefined {
  for (const value of objectsIn(bytes)) {
    if (value['error'] !== undefined && value['error'] !== null) return value['error']
    if (value['type'] === 'response.failed' || value['object'] === 'error') return value
  }
  return undefined
}

/** Tokens that name their call and their place: `17.0 17.1 ...`. */
export function tokensIn(text: string): readonly string[] {
  return text.split(' ').filter((token) => token !== '')
}

/** What was said word by word stands also where no last event tells it all. */
function streamedResponsesHeard(bytes: string): Heard {
  const said = objectsIn(bytes).filter(({ type }) => type === 'response.output_text.delta')
  const heard = responsesHeard(bytes)
  if (said.length > 0) heard.text = said.map((one) => textAt(one, 'delta')).join('')
  return heard
}
