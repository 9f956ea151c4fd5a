// The words of the wire: this dialect's id and the JSON objects that its encoders write.
import type { Json } from '../../wire/json.ts'

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

/** What ends every stream, after an error too. */
export const DONE = '[DONE]'

/** Where hosts put thinking as plain text; the first is what we write. */
export const PLAIN_REASONING = ['reasoning_content', 'reasoning'] as const
