// What an operation is answered with: the types cannot say it across a chain of middleware, so it is checked where the chain ends.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatReply, CountReply, EmbedReply, Reply } from './exchange.ts'

export function chatReply(reply: Reply): ChatReply {
  switch (reply.kind) {
    case 'whole':
    case 'stream':
    case 'bytes':
      return reply
    default:
      throw mistaken('a chat', reply)
  }
}

export function embedReply(reply: Reply): EmbedReply {
  if (reply.kind === 'vectors') return reply
  throw mistaken('embeddings', reply)
}

export function countReply(reply: Reply): CountReply {
  if (reply.kind === 'count') return reply
  throw mistaken('a count of tokens', reply)
}

function mistaken(asked: string, { kind }: Reply): GatewayError {
  return new GatewayError(
    'internal',
    `A middleware or provider answered ${asked} with a reply of the kind "${kind}", which belongs to another operation.`,
    { code: 'mistaken_reply' },
  )
}
