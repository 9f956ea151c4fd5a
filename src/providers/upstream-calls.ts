// Calls to an upstream with one short answer: texts to vectors, the count of a request's tokens.
import { compact } from '../canonical/compact.ts'
import type { EmbedRequest, EmbedResponse } from '../canonical/embedding.ts'
import { GatewayError, UNSUPPORTED_OPERATION } from '../canonical/errors.ts'
import type { Patchable, Profile } from '../dialects/dialect.ts'
import type { EmbeddingsCodec } from '../dialects/embeddings.ts'
import type { TokenCountCodec } from '../dialects/token-counting.ts'
import type {
  CountExchange,
  CountReply,
  EmbedExchange,
  EmbedReply,
  Exchange,
  PassedText,
} from '../exchange/exchange.ts'
import type { Timeouts } from '../transport/transport.ts'
import type { WireRequest } from '../wire/message.ts'
import type { Protocol } from './catalog-row.ts'
import { type Passage, passageOf } from './passage.ts'
import { assertTranslatable } from './refused-translation.ts'
import type { UpstreamAnswer } from './upstream-answer.ts'
import type { Upstream, UpstreamMessage } from './upstream.ts'

/** Who is asked, and in which of its protocols. */
export interface UpstreamPlace {
  readonly protocol: Protocol
  readonly profile: Profile
  readonly upstream: Upstream
  readonly timeouts: Timeouts
}

export async function embedAt(
  place: UpstreamPlace,
  codec: EmbeddingsCodec,
  exchange: EmbedExchange,
): Promise<EmbedReply> {
  const { profile, upstream } = place
  const asked = { ...exchange.request, model: exchange.target.model }
  const { value: request, notes } = codec.lower(asked, profile)
  assertTranslatable(profile.provider, exchange.policy, notes)
  const { patchable } = codec
  const wire = codec.request.encode(request, profile)
  const answered = await send(place, { exchange, patchable, wire })
  try {
    const response = codec.response.decode(answered.message.wire, { request, profile })
    assertComplete(profile.provider, request, response)
    // Not every host heeds the encoding that its client asks for.
    const isFit = codec.isAsAsked?.(response, exchange.request) !== false
    const told = { notes, askedIn: askedIn(place, answered) }
    return { kind: 'vectors', response, ...told, ...(isFit ? passedOf(answered) : {}) }
  } catch (thrown) {
    throw upstream.failed(thrown)
  }
}

export async function countAt(
  place: UpstreamPlace,
  codec: TokenCountCodec,
  exchange: CountExchange,
): Promise<CountReply> {
  const { protocol, profile, upstream } = place
  const chat = { ...exchange.request, model: exchange.target.model, stream: { enabled: false } }
  const { value: request, notes } = protocol.dialect.lower(chat, profile)
  assertTranslatable(profile.provider, exchange.policy, notes)
  const { patchable } = codec
  const wire = codec.request.encode(request, profile)
  const answered = await send(place, { exchange, patchable, wire }).catch((thrown: unknown) => {
    throw isNoSuchPath(thrown) ? uncounted(profile.provider, thrown) : thrown
  })
  try {
    const count = codec.response.decode(answered.message.wire)
    const told = { notes, askedIn: askedIn(place, answered) }
    return { kind: 'count', count, ...told, ...passedOf(answered) }
  } catch (thrown) {
    throw upstream.failed(thrown)
  }
}

/** What is asked, as the upstream's own protocol has it. */
interface Asked {
  readonly exchange: Exchange
  readonly patchable: readonly Patchable[] | undefined
  readonly wire: WireRequest
}

interface Answered {
  readonly answer: UpstreamAnswer
  readonly message: UpstreamMessage
  readonly passage: Passage | undefined
}

async function send(place: UpstreamPlace, { exchange, patchable, wire }: Asked): Promise<Answered> {
  const { protocol, upstream, timeouts } = place
  const { source, signal, target } = exchange
  const { credential } = target
  const passage = passageOf(source, { id: protocol.dialect.id, ...compact({ patchable }) }, wire)
  const text = passage?.text
  const answer = await upstream.send({ wire, text, timeouts, signal, credential })
  return { answer, message: await upstream.message(answer), passage }
}

function askedIn(
  { protocol }: UpstreamPlace,
  { passage }: Answered,
): NonNullable<EmbedReply['askedIn']> {
  return {
    dialect: protocol.dialect.id,
    reason: passage === undefined ? 'preferred' : 'untouched',
  }
}

function passedOf({ answer, message, passage }: Answered): { readonly passed?: PassedText } {
  if (passage === undefined) return {}
  const { lane } = passage
  const type = answer.headers['content-type'] ?? ''
  const contentType = /^application\/json\s*(?:;|$)/i.test(type) ? type : 'application/json'
  return { passed: { lane, contentType, text: message.text } }
}

/** A path that a host does not know; a model that it does not know has a code or says so. */
function isNoSuchPath(thrown: unknown): boolean {
  if (!(thrown instanceof GatewayError) || thrown.origin !== 'upstream') return false
  const { upstream, code, message } = thrown
  if (upstream?.status === 405 || upstream?.status === 501) return true
  return upstream?.status === 404 && code !== 'model_not_found' && !/model/i.test(message)
}

function uncounted(provider: string, cause: unknown): GatewayError {
  return new GatewayError('unsupported', `Provider "${provider}" does not count tokens.`, {
    code: UNSUPPORTED_OPERATION,
    cause,
  })
}

function assertComplete(name: string, { inputs }: EmbedRequest, { vectors }: EmbedResponse): void {
  if (vectors.length === inputs.length) return
  throw new GatewayError(
    'upstream',
    `Provider "${name}" answered ${inputs.length} inputs with ${vectors.length} vectors.`,
    { origin: 'upstream', code: 'upstream_bad_response' },
  )
}
