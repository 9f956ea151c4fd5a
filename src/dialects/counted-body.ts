// What of a chat's body a call that only counts takes: clients of the same protocol are left their own, others have what concerns the count.
import type { ChatRequest } from '../canonical/request.ts'
import { type Json, isObject } from '../wire/json.ts'

export interface CountedKeys {
  readonly dialect: string
  readonly keys: readonly string[]
}

export function countedBody(
  body: Json | undefined,
  request: ChatRequest,
  { dialect, keys }: CountedKeys,
): Json {
  if (!isObject(body)) return {}
  if (request.origin.dialect === dialect) return body
  return Object.fromEntries(Object.entries(body).filter(([key]) => keys.includes(key)))
}
