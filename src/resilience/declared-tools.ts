// Tool calls that nobody asked for: a provider, or who stands between, could have a client run what it never offered. All are told of; a strict caller does not get them.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Policy } from '../canonical/note.ts'
import type { Part } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { Middleware } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import { watched } from '../exchange/watched-steps.ts'

export interface DeclaredToolsOptions {
  readonly tell: Tell
}

export function declaredTools({ tell }: DeclaredToolsOptions): Middleware {
  return (next) => async (exchange) => {
    const reply = await next(exchange)
    const names = exchange.operation === 'chat' ? ownNames(exchange.request) : undefined
    if (names === undefined) return reply
    const { target = exchange.target } = reply
    const watch = new Watch(names, exchange.policy, (name) => {
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
}

/** The names of the functions of a request; undefined where a vendor's own tools are among them, whose calls have names of the vendor's. */
function ownNames({ tools = [] }: ChatRequest): ReadonlySet<string> | undefined {
  const names = tools.flatMap((tool) =>
    tool.kind === 'function' || tool.kind === 'custom' ? [tool.name] : [],
  )
  return names.length < tools.length ? undefined : new Set(names)
}

class Watch {
  readonly #names: ReadonlySet<string>
  readonly #isStrict: boolean
  readonly #tell: (name: string) => void
  readonly #seen = new Set<string>()

  constructor(names: ReadonlySet<string>, policy: Policy, tell: (name: string) => void) {
    this.#names = names
    this.#isStrict = policy === 'strict'
    this.#tell = tell
  }

  events(events: readonly ChatEvent[]): void {
    for (const event of events) if (event.type === 'part-start') this.parts([event.part])
  }

  parts(parts: readonly Part[]): void {
    for (const part of parts) if (part.type === 'tool-call') this.#call(part.name)
  }

  #call(name: string): void {
    if (name === '' || this.#names.has(name) || this.#seen.has(name)) return
    this.#seen.add(name)
    this.#tell(name)
    if (!this.#isStrict) return
    throw new GatewayError(
      'upstream',
      'The answer calls a tool that the request does not declare, which the policy "strict" does not pass on.',
      { origin: 'upstream', code: 'undeclared_tool_call' },
    )
  }
}
