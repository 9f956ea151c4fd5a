// An HTTP message after its body has been read and parsed, on either side of the gateway.
import type { Json } from './json.ts'

/** Names are lower case. */
export type WireHeaders = Readonly<Record<string, string>>

export interface WireRequest {
  readonly method: string
  /** From the root of the dialect's base URL, such as `/chat/completions`; percent-encoded. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers: WireHeaders
  readonly body?: Json
}

export interface WireResponse {
  readonly status: number
  readonly headers: WireHeaders
  /** Absent where the body was not JSON; then `text` has it. */
  readonly body?: Json
  readonly text?: string
}
