// Calls to an upstream with one short answer: texts to vectors, the count of a request's tokens.
import { compact } from '../canonical/compact.ts'
import type { EmbedRequest, EmbedResponse } from '../canonical/embedding.ts'
import { GatewayError, UNSUPPORTED_OPERATION } from '../canonical/errors.ts'
import type { Dialect, Patchable, Profile } from '../dialects/dialect.ts'
import type { EmbeddingsCodec } from '../dialects/embeddings.ts'
import type {
  CountExchange,
  CountReply,
  EmbedExchange,
  EmbedReply,
  Exchange,
  PassedText,
} from '../exchange/exchange.ts'
import type { Timeouts, TransportResponse } from '../transport/transport.ts'
import type { WireRequest } from '../wire/message.ts'
import { type Passage, passageOf } from './passage.ts'
import { assertTranslatable } from './refused-translation.ts'
import type { Upstream, UpstreamMessage } from './upstream.ts'

export interface UpstreamCallsOptions {
  /** The provider's name. */
  readonly name: string
  readonly upstream: Upstream
  readonly timeouts: Timeouts
}

/** What is asked, as the upstream's own protocol has it. */
interface Asked {
  readonly exchange: Exchange
  readonly dialect: Dialect
  readonly patchable: readonly Patchable[] | undefined
  readonly wire: WireRequest
}

interface Answered {
  readonly response: TransportResponse
  readonly message: UpstreamMessage
  readonly passage: Passage | undefined
}

export class UpstreamCalls {
  readonly #options: UpstreamCallsOptions

  constructor(options: UpstreamCallsOptions) {
    this.#options = options
  }

  async embed(
    exchange: EmbedExchange,
    {
      dialect,
      codec,
      profile,
    }: { readonly dialect: Dialect; readonly codec: EmbeddingsCodec; readonly profile: Profile },
  ): Promise<EmbedReply> {
    const { name, upstream } = this.#options
    const asked = { ...exchange.request, model: exchange.target.model }
    const { value: request, notes } = codec.lower(asked, profile)
    assertTranslatable(name, exchange.policy, notes)
    const { patchable } = codec
    const wire = codec.request.encode(request, profile)
    const answered = await this.#send({ exchange, dialect, patchable, wire })
    try {
      const response = codec.response.decode(answered.message.wire, { request, profile })
      assertComplete(name, request, response)
      // Not every host heeds the encoding that its client asks for.
      const isFit = codec.isAsAsked?.(response, exchange.request) !== false
      return { kind: 'vectors', response, notes, ...(isFit ? passedOf(answered) : {}) }
    } catch (thrown) {
      throw upstream.failed(thrown)
    }
  }

  async count(
    exchange: CountExchange,
    { dialect, profile }: { readonly dialect: Dialect; readonly profile: Profile },
  ): Promise<CountReply> {
    const { name, upstream } = this.#options
    const { tokenCount: codec } = dialect
    if (codec === undefined) throw this.#unserved()
    const chat = { ...exchange.request, model: exchange.target.model, stream: { enabled: false } }
    const { value: request, notes } = dialect.lower(chat, profile)
    assertTranslatable(name, exchange.policy, notes)
    const { patchable } = codec
    const wire = codec.request.encode(request, profile)
    const answered = await this.#send({ exchange, dialect, patchable, wire }).catch(
      (thrown: unknown) => {
        throw isNoSuchPath(thrown) ? this.#unserved(thrown) : thrown
      },
    )
    try {
      const count = codec.response.decode(answered.message.wire)
      return { kind: 'count', count, notes, ...passedOf(answered) }
    } catch (thrown) {
      throw upstream.failed(thrown)
    }
  }

  async #send({ exchange, dialect, patchable, wire }: Asked): Promise<Answered> {
    const { upstream, timeouts } = this.#options
    const { source, signal } = exchange
    const passage = passageOf(source, { id: dialect.id, ...compact({ patchable }) }, wire)
    const response = await upstream.send(compact({ wire, text: passage?.text, timeouts, signal }))
    return { response, message: await upstream.message(response), passage }
  }

  #unserved(cause?: unknown): GatewayError {
    return new GatewayError(
      'unsupported',
      `Provider "${this.#options.name}" does not count tokens.`,
      { code: UNSUPPORTED_OPERATION, cause },
    )
  }
}

function passedOf({ response, message, passage }: Answered): { readonly passed?: PassedText } {
  if (passage === undefined) return {}
  const { lane } = passage
  const type = response.headers['content-type'] ?? ''
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

function assertComplete(name: string, { inputs }: EmbedRequest, { vectors }: EmbedResponse): void {
  if (vectors.length === inputs.length) return
  throw new GatewayError(
    'upstream',
    `Provider "${name}" answered ${inputs.length} inputs with ${vectors.length} vectors.`,
    { origin: 'upstream', code: 'upstream_bad_body' },
  )
}
