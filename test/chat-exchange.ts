// A chat on its way, for the tests of what stands on that way.
import type { ChatEvent } from '../src/canonical/event.ts'
import type { ChatExchange, Reply } from '../src/exchange/exchange.ts'
import { singly } from '../src/exchange/singly.ts'

const TARGET = { provider: 'a', model: 'm' }

export function chatExchange(more: Partial<ChatExchange> = {}): ChatExchange {
  return {
    operation: 'chat',
    id: 'req_1',
    request: {
      origin: { dialect: 'library' },
      model: 'm',
      turns: [],
      sampling: {},
      stream: { enabled: true },
    },
    target: TARGET,
    policy: 'default',
    signal: new AbortController().signal,
    ...more,
  }
}

/** The same for an answer that comes whole. */
export function wholeExchange(more: Partial<ChatExchange> = {}): ChatExchange {
  const { request, ...rest } = chatExchange(more)
  return { ...rest, request: { ...request, stream: { enabled: false } } }
}

/** A whole answer with nothing in it. */
export function wholeReply(): Reply {
  return {
    kind: 'whole',
    response: { origin: { dialect: 'library' }, model: 'm', candidates: [] },
    notes: [],
  }
}

/** A stream that stays open until it is told to end. */
export class OpenStream {
  readonly #end = Promise.withResolvers<void>()

  end(): void {
    this.#end.resolve()
  }

  reply(): Reply {
    return { kind: 'stream', notes: [], events: singly(this.#events()) }
  }

  async *#events(): AsyncGenerator<ChatEvent> {
    yield { type: 'response-start', origin: { dialect: 'test' }, model: 'm' }
    await this.#end.promise
    yield { type: 'response-end' }
  }
}

/** Reads a stream to its end. */
export async function readReply(reply: Reply): Promise<void> {
  if (reply.kind !== 'stream') return
  for await (const _ of reply.events) continue
}
