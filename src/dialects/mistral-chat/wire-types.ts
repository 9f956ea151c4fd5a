// The words of the wire: this dialect's id and the JSON objects that its encoders write.
import type { Json } from '../../wire/json.ts'

export const MISTRAL_CHAT = 'mistral-chat'

/** What ends a stream that went well. */
export const DONE = '[DONE]'

/** The one form of errors, in bodies and in streams. */
export type WireErrorBody = {
  readonly object: 'error'
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
  readonly [key: string]: Json
}

/** Counts that the SDKs want as numbers. */
export type WireUsage = {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly [key: string]: Json | undefined
}
