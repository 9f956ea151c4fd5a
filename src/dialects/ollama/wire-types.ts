// What Ollama's wire looks like where Patchbay prints it (api/types.go of ollama 0.24), and the words that name it.
import type { JsonObject } from '../../wire/json.ts'
import type { WireHeaders } from '../../wire/message.ts'

export const DIALECT = 'ollama'
export const CHAT_PATH = '/api/chat'
export const GENERATE_PATH = '/api/generate'
export const EMBED_PATH = '/api/embed'
export const LEGACY_EMBED_PATH = '/api/embeddings'

/**
 * What `/api/version` answers. Clients compare it: Copilot refuses anything below 0.6.4, and later ones gate thinking
 * and tool streaming on it. 0.24.0 is the release whose API this dialect speaks.
 */
export const OLLAMA_VERSION = '0.24.0'

export const JSON_HEADERS: WireHeaders = { 'content-type': 'application/json; charset=utf-8' }

/** `arguments` is an object here, never text. */
export interface WireToolCall extends JsonObject {
  readonly id?: string
  readonly function: JsonObject
}

/** The keys that a chat message and a generate answer share. */
export interface WireParts extends JsonObject {
  readonly thinking?: string
  readonly images?: readonly string[]
  readonly tool_calls?: readonly WireToolCall[]
}
