// A reply whose end is given on only once something else is done: what a client has seen whole is written down.
import type { Reply } from '../exchange/exchange.ts'
import { watched } from '../exchange/watched-steps.ts'

/** Undefined while there is nothing to wait for. */
type Pending = () => Promise<unknown> | undefined

export async function heldEnd(reply: Reply, pending: Pending): Promise<Reply> {
  switch (reply.kind) {
    case 'stream':
    case 'bytes':
      return watched(reply, { see: pending })
    default:
      await pending()
      return reply
  }
}
