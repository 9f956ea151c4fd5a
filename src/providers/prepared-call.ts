// Everything about a call that is known before it is made, in one protocol of its provider; pure.
import type { JsonObject } from '../canonical/json.ts'
import type { Note } from '../canonical/note.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Profile } from '../dialects/dialect.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import type { WireRequest } from '../wire/message.ts'
import type { ModelFamily, Protocol } from './catalog-row.ts'
import type { LearnedFlags } from './learned-flags.ts'
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

/** What a provider says of itself to every call. */
export interface Preparing {
  /** The provider's name. */
  readonly name: string
  readonly wholeByStream: boolean
  /** Whether a client's own text may pass; absent: as the model's family has it. */
  readonly passThrough: boolean | undefined
  /** Of the config: they win over what is known of the host. */
  readonly flags: JsonObject
  /** What the host's own refusals have told. */
  readonly learned: LearnedFlags
}

export function prepareCall(
  exchange: ChatExchange,
  protocol: Protocol,
  preparing: Preparing,
): PreparedCall {
  const { dialect } = protocol
  const { model } = exchange.target
  const profile = profileOf(protocol, model, preparing)
  const { stream } = exchange.request
  const families = familiesOf(protocol, model)
  const streams = families.some((family) => family.wholeByStream === true)
  const passes = preparing.passThrough ?? families.every((family) => family.passThrough !== false)
  const enabled = stream.enabled || preparing.wholeByStream || streams
  const asked = { ...exchange.request, model, stream: { ...stream, enabled } }
  const { value: request, notes } = dialect.lower(asked, profile)
  const wire = dialect.request.encode(request, profile)
  return {
    protocol,
    request,
    profile,
    notes,
    wire,
    passage: passes ? passageOf(exchange.source, dialect, wire) : undefined,
  }
}

/** What the dialect is told of the target. */
export function profileOf(
  protocol: Protocol,
  model: string,
  { name, flags, learned }: Pick<Preparing, 'name' | 'flags' | 'learned'>,
): Profile {
  return {
    provider: name,
    model,
    flags: { ...flagsFor(protocol, model), ...learned.of(protocol, model), ...flags },
  }
}

/** The flags of the protocol, then those of each of the model's families. */
function flagsFor(protocol: Protocol, model: string): JsonObject {
  const families = familiesOf(protocol, model)
  return Object.assign({}, protocol.flags, ...families.map((family) => family.flags))
}

function familiesOf({ families = [] }: Protocol, model: string): readonly ModelFamily[] {
  return families.filter(({ pattern }) => pattern.test(model))
}
