// What is kept of a call that was sent with an Idempotency-Key.
import type { WireHeaders } from '../wire/message.ts'
import { tryParseJson } from '../wire/json.ts'

/** An answer as it was given. */
export interface StoredOutbound {
  readonly status: number
  readonly headers: WireHeaders
  readonly body: string
}

/** `asked` is the same where two calls ask the same. */
export type KeptCall =
  | { readonly state: 'running'; readonly asked: string }
  | { readonly state: 'done'; readonly asked: string; readonly answer: StoredOutbound }

/** What nobody here wrote counts as nothing. */
export function keptCall(text: string | undefined): KeptCall | undefined {
  if (text === undefined) return undefined
  const value: unknown = tryParseJson(text)
  return isKeptCall(value) ? value : undefined
}

function isKeptCall(value: unknown): value is KeptCall {
  if (typeof value !== 'object' || value === null || !('asked' in value)) return false
  return 'state' in value && (value.state === 'running' || value.state === 'done')
}
