// Tool calls that nobody asked for: a provider, or who stands between, could have a client run what it never offered. All are told of; a strict caller does not get them.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Part } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatExchange, Middleware, Reply } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { watched } from '../exchange/watched-steps.ts'

export interface DeclaredToolsOptions {
  readonly tell: Tell
}

export function declaredTools({ tell }: DeclaredToolsOptions): Middleware {
  return (next) => {
    const looked = async (exchange: ChatExchange): Promise<Reply> =>
      lookedAt(await next(exchange), exchange, tell)
    return (exchange) =>
      exchange.operation === 'chat' && !offersVendors(exchange.request)
        ? looked(exchange)
        : next(exchange)
  }
}

function lookedAt(reply: Reply, exchange: ChatExchange, tell: Tell): Reply {
  const { target = exchange.target } = reply
  const watch = new Watch(exchange, (name) => {
    tell({ type: 'undeclared-tool', id: exchange.id, target, name })
  })
  switch (reply.kind) {
    case 'whole': {
      const { response } = reply
      for (const { parts } of response.candidates) watch.parts(parts)
      return reply
    }
    case 'stream':
    case 'bytes':
      return watched(reply, {
        see: (events = []) => {
          watch.events(events)
          return undefined
        },
      })
    default:
      return reply
  }
}

/** Whether a vendor's own tools are among a request's, whose calls have names of the vendor's. */
function offersVendors({ tools = [] }: ChatRequest): boolean {
  return tools.some(({ kind }) => kind === 'native')
}

/** The names of the functions of a request. */
function ownNames({ tools = [] }: ChatRequest): Set<string> {
  return new Set(tools.flatMap((tool) => (tool.kind === 'native' ? [] : [tool.name])))
}

class Watch {
  readonly #exchange: ChatExchange
  readonly #tell: (name: string) => void
  /** Those that are declared, and those that were told of; gathered at the first call. */
  #known: Set<string> | undefined

  constructor(exchange: ChatExchange, tell: (name: string) => void) {
    this.#exchange = exchange
    this.#tell = tell
  }

  events(events: readonly ChatEvent[]): void {
    for (const event of events) if (event.type === 'part-start') this.parts([event.part])
  }

  parts(parts: readonly Part[]): void {
    for (const part of parts) if (part.type === 'tool-call') this.#call(part.name)
  }

  #call(name: string): void {
    this.#known ??= ownNames(this.#exchange.request)
    if (name === '' || this.#known.has(name)) return
    this.#known.add(name)
    this.#tell(name)
    if (this.#exchange.policy !== 'strict') return
    throw new GatewayError(
      'upstream',
      'The answer calls a tool that the request does not declare, which the policy "strict" does not pass on.',
      { origin: 'upstream', code: 'undeclared_tool_call' },
    )
  }
}
