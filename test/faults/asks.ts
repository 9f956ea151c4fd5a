// One short question in each of the six protocols, whole or streamed, as a client sends it.
import type { JsonObject } from '../../src/wire/json.ts'
import type { Id } from '../bugs/protocols.ts'
import { post } from '../raw-client.ts'

export interface Ask {
  /** As a client names it. */
  readonly model: string
  readonly shape: 'whole' | 'stream'
}

interface Placed {
  readonly path: string
  readonly body: JsonObject
}

export function askIn(id: Id, { model, shape }: Ask): Placed {
  const stream = shape === 'stream'
  const messages = [{ role: 'user', content: 'Go on.' }]
  switch (id) {
    case 'openai-chat':
      return { path: '/openai/v1/chat/completions', body: { model, stream, messages } }
    case 'mistral-chat':
      return { path: '/mistral/v1/chat/completions', body: { model, stream, messages } }
    case 'openai-responses':
      return {
        path: '/openai/v1/responses',
        body: { model, stream, store: false, input: 'Go on.' },
      }
    case 'anthropic-messages':
      return {
        path: '/anthropic/v1/messages',
        body: { model, stream, max_tokens: 100, messages },
      }
    case 'ollama':
      return { path: '/ollama/api/chat', body: { model, stream, messages } }
    case 'gemini': {
      const verb = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      return {
        path: `/gemini/v1beta/models/${model}:${verb}`,
        body: { contents: [{ role: 'user', parts: [{ text: 'Go on.' }] }] },
      }
    }
  }
}

/** The bytes of the request. */
export function requestIn(id: Id, ask: Ask, headers: readonly string[] = []): string {
  const { path, body } = askIn(id, ask)
  return post(path, body, headers)
}
