// The part of a wire protocol that turns texts into vectors: the same promises as for chat.
import type { EmbedRequest, EmbedResponse } from '../canonical/embedding.ts'
import type { Lowered } from '../canonical/note.ts'
import type { WireRequest, WireResponse } from '../wire/message.ts'
import type { Patchable } from './patchable.ts'
import type { Profile } from './profile.ts'
import type { FieldNames } from './field-names.ts'

/** For reading an answer: what was asked, and of whom. */
export interface EmbedDecodeContext {
  readonly request: EmbedRequest
  readonly profile: Profile
}

/** For writing an answer to a client. */
export interface EmbedEncodeContext {
  /** The client's own request, as its dialect decoded it: it says which shape the client wants. */
  readonly request: EmbedRequest
  /** Seeds ids that the client's wire needs and the upstream did not give. */
  readonly requestId: string
}

export interface EmbeddingsCodec {
  /** What its clients call the places that an error can point at. */
  readonly fieldNames: FieldNames
  readonly patchable?: readonly Patchable[]
  readonly request: {
    decode(wire: WireRequest): EmbedRequest
    encode(request: EmbedRequest, profile: Profile): WireRequest
  }
  readonly response: {
    decode(wire: WireResponse, context: EmbedDecodeContext): EmbedResponse
    encode(response: EmbedResponse, context: EmbedEncodeContext): Lowered<WireResponse>
  }
  /** Whether an answer of this wire is of the form that its client asked for; absent: there is one form only. */
  isAsAsked?(response: EmbedResponse, request: EmbedRequest): boolean
  /** Pure, idempotent, and the identity on this dialect's own requests. */
  lower(request: EmbedRequest, profile: Profile): Lowered<EmbedRequest>
}
