// The words of the wire: this dialect's id and the JSON objects that its encoders write.
import type { Json, JsonObject } from '../../wire/json.ts'

export const OPENAI_CHAT = 'openai-chat'

export type WireErrorBody = {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | null
    readonly [key: string]: Json
  }
}

export type WireChoice = {
  readonly index: number
  readonly delta: JsonObject
  readonly logprobs: Json
  readonly finish_reason: string | null
  readonly [key: string]: Json
}

export type WireChunk = {
  readonly id: string
  readonly object: 'chat.completion.chunk'
  readonly created: number
  readonly model: string
  readonly choices: readonly JsonObject[]
  readonly [key: string]: Json | undefined
}

/** What ends every stream, after an error too. */
export const DONE = '[DONE]'

export const PLAIN_REASONING = ['reasoning_content', 'reasoning'] as const
