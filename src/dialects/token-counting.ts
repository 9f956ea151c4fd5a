// The part of a wire protocol that tells how many tokens a chat would read.
import type { ChatRequest } from '../canonical/request.ts'
import type { TokenCount } from '../canonical/token-count.ts'
import type { WireRequest, WireResponse } from '../wire/message.ts'
import type { Patchable } from './patchable.ts'
import type { Profile } from './profile.ts'

export interface TokenCountCodec {
  readonly patchable?: readonly Patchable[]
  /** A chat request in the form in which its tokens are asked for. What it takes is what the dialect's `lower` leaves. */
  readonly request: {
    decode(wire: WireRequest): ChatRequest
    encode(request: ChatRequest, profile: Profile): WireRequest
  }
  readonly response: {
    decode(wire: WireResponse): TokenCount
    encode(count: TokenCount): WireResponse
  }
}
