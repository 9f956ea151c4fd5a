// One plain question in each protocol, as a client would send it.
import type { JsonObject } from '../../src/wire/json.ts'
import type { Id } from '../bugs/protocols.ts'

const messages = [{ role: 'user', content: 'ping' }]

export const PING: Readonly<Record<Id, JsonObject>> = {
  'openai-chat': { messages },
  'openai-responses': { input: 'ping' },
  'anthropic-messages': { messages },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'ping' }] }] },
  'mistral-chat': { messages },
  ollama: { messages },
}
