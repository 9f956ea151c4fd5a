// The words of the wire: this dialect's id, its enumerations, and the JSON objects that its encoders write.
import type { Json } from '../../wire/json.ts'

export const GEMINI = 'gemini'

export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' } as const

export type WireErrorBody = {
  readonly error: {
    /** The HTTP status again. */
    readonly code: number
    readonly message: string
    /** The word of google.rpc.Code. */
    readonly status: string
    readonly details?: readonly Json[]
    readonly [key: string]: Json | undefined
  }
}

/** In the order of their numbers: some clients have enumerations written as numbers. */
export const FINISH_REASONS = [
  'FINISH_REASON_UNSPECIFIED',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'IMAGE_SAFETY',
] as const

/** In the order of their numbers. */
export const SCHEMA_TYPES = [
  'TYPE_UNSPECIFIED',
  'STRING',
  'NUMBER',
  'INTEGER',
  'BOOLEAN',
  'ARRAY',
  'OBJECT',
  'NULL',
] as const
