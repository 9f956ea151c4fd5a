// The words of the wire: this dialect's id and the JSON objects that its encoders write.
import type { Json } from '../../wire/json.ts'

export const OPENAI_RESPONSES = 'openai-responses'

export type WireErrorBody = {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string | null
    readonly [key: string]: Json
  }
}

/** What some hosts end their streams with; OpenAI itself does not. */
export const DONE = '[DONE]'
