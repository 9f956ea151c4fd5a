// What of a chat's body a call that only counts takes: clients of the same protocol are left their own, others have what concerns the count.
import type { ChatRequest } from '../canonical/request.ts'
import { type Json, isObject } from '../wire/json.ts'

export interface CountedKeys {
  readonly dialect: string
  readonly keys: readonly string[]
  /** What `lower` adds to any request, and the call does not take. */
  readonly added?: readonly string[]
}

export function countedBody(
  body: Json | undefined,
  request: ChatRequest,
  { dialect, keys, added = [] }: CountedKeys,
): Json {
  if (!isObject(body)) return {}
  const isOwn = request.origin.dialect === dialect
  const isTaken = (key: string): boolean => (isOwn ? !added.includes(key) : keys.includes(key))
  return Object.fromEntries(Object.entries(body).filter(([key]) => isTaken(key)))
}
