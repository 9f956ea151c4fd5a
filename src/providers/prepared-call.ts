// Everything about a call that is known before it is made, in one protocol of its provider; pure.
import type { Note } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Profile } from '../dialects/dialect.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import type { WireRequest } from '../wire/message.ts'
import type { Protocol } from './catalog-row.ts'
import type { ModelProfiles } from './model-profiles.ts'
import { type Passage, passageOf } from './passage.ts'

/** A call on its way out: as the target can take it, and what that cost. */
export interface PreparedCall {
  readonly protocol: Protocol
  readonly request: ChatRequest
  readonly profile: Profile
  readonly notes: readonly Note[]
  readonly wire: WireRequest
  /** Undefined where the client's own text cannot pass. */
  readonly passage: Passage | undefined
}

export function prepareCall(
  exchange: ChatExchange,
  protocol: Protocol,
  profiles: ModelProfiles,
): PreparedCall {
  const { dialect } = protocol
  const { model } = exchange.target
  const { profile, wholeByStream, passThrough } = profiles.of(protocol, model)
  const { stream } = exchange.request
  const enabled = stream.enabled || wholeByStream
  const asked = { ...exchange.request, model, stream: { ...stream, enabled } }
  const { value: request, notes } = dialect.lower(asked, profile)
  const wire = dialect.request.encode(request, profile)
  return {
    protocol,
    request,
    profile,
    notes,
    wire,
    passage: passThrough ? passageOf(exchange.source, dialect, wire) : undefined,
  }
}
