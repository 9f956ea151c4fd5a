// Calls with one short answer: texts to vectors, and the count of a request's tokens.
import { compact } from '../canonical/compact.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { EmbeddingsCodec } from '../dialects/embeddings.ts'
import { fieldName } from '../dialects/field-names.ts'
import type { TokenCountCodec } from '../dialects/token-counting.ts'
import type { Exchange, Reply } from '../exchange/exchange.ts'
import { countReply, embedReply } from '../exchange/expected.ts'
import { inOwnWords, sourceOf, targetsOf, wholeOutbound, wireRequest } from './asking.ts'
import { ownerOf } from './auth.ts'
import type { ChatDesk } from './chat.ts'
import type { ChatFront } from './chat-front.ts'
import { policyOf } from './keys/policy.ts'
import { KeptReader } from './kept-reader.ts'
import type { Outbound } from './message.ts'
import type { Call } from './route.ts'
import { Shelf } from './shelf.ts'
import { refused } from './validate.ts'

type SingleDesk = Pick<ChatDesk, 'directory' | 'handler' | 'answers'>

export interface Speaking<C> {
  readonly dialect: Dialect
  readonly codec: C
}

export async function answerEmbed(
  desk: SingleDesk,
  { dialect, codec }: Speaking<EmbeddingsCodec>,
  call: Call,
): Promise<Outbound> {
  const request = codec.request.decode(wireRequest(call))
  const envelope = await envelopeOf(desk, { dialect, model: request.model }, call)
  const exchange: Exchange = { operation: 'embed', request, ...envelope }
  const reply = embedReply(
    await answered(desk, exchange, (path) => fieldName(path, codec.fieldNames)),
  )
  const context = { request, requestId: call.id }
  return wholeOutbound(reply, envelope, () => codec.response.encode(reply.response, context))
}

export async function answerCount(
  desk: SingleDesk,
  { dialect, codec }: Speaking<TokenCountCodec>,
  call: Call,
): Promise<Outbound> {
  const decode = await countDecoder(desk, { dialect, codec }, call)
  const { request } = decode(wireRequest(call))
  const envelope = await envelopeOf(desk, { dialect, model: request.model }, call)
  const exchange: Exchange = { operation: 'count-tokens', request, ...envelope }
  const reply = countReply(
    await answered(desk, exchange, (path) => fieldName(path, dialect.fieldNames)),
  )
  const encode = (): ReturnType<Parameters<typeof wholeOutbound>[2]> => ({
    value: codec.response.encode(reply.count),
    notes: [],
  })
  return wholeOutbound(reply, envelope, encode)
}

/** What a request stands on counts too. */
async function countDecoder(
  { answers: store }: SingleDesk,
  { dialect: { keeping }, codec }: Speaking<TokenCountCodec>,
  call: Call,
): Promise<ChatFront['decode']> {
  const decode: ChatFront['decode'] = (wire) => {
    const request = codec.request.decode(wire)
    return { request, model: request.model }
  }
  if (keeping === undefined) return decode
  const shelf = new Shelf({ keeping, store, owner: ownerOf(call.caller) })
  const recalled = await shelf.recalled(call.body, keeping.recall(call.body))
  const reader = new KeptReader({ front: { decode }, keeping, recalled })
  return (wire) => reader.decode(wire)
}

async function envelopeOf(
  desk: SingleDesk,
  { dialect, model }: { readonly dialect: Dialect; readonly model: string },
  call: Call,
): Promise<Omit<Exchange, 'operation' | 'request'>> {
  const policy = policyOf(call)
  if (model.trim() === '') throw refused('model', 'The request names no model.')
  const resolution = await desk.directory.resolve({ model }, call.caller)
  const { id, signal } = call
  const source = sourceOf(dialect.id, call)
  return { id, policy, signal, ...targetsOf(resolution, call), ...compact({ source }) }
}

async function answered(
  desk: SingleDesk,
  exchange: Exchange,
  wordFor: (path: string) => string | undefined,
): Promise<Reply> {
  try {
    return await desk.handler(exchange)
  } catch (thrown) {
    throw inOwnWords(thrown, wordFor)
  }
}
