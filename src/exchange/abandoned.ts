// A reply that nobody wants any more: its upstream is told, whether or not anybody has begun to read.
import type { Reply } from './exchange.ts'

export function abandon(reply: Reply): void {
  const steps = stepsOf(reply)
  if (steps === undefined) return
  // What fails while it is given up is nobody's.
  steps.return?.().catch(() => undefined)
}

function stepsOf(reply: Reply): AsyncIterator<unknown> | undefined {
  switch (reply.kind) {
    case 'stream':
      return reply.events[Symbol.asyncIterator]()
    case 'bytes':
      return reply.pieces[Symbol.asyncIterator]()
    case 'whole':
    case 'vectors':
    case 'count':
      return undefined
  }
}
