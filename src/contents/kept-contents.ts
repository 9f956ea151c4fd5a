// Keeps the texts of calls whose callers want it, once their answers are over; of all others it sees and keeps nothing.
import type { ChatEvent } from '../canonical/event.ts'
import type { Part } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatExchange, Middleware, Reply } from '../exchange/exchange.ts'
import { observed } from '../exchange/observed.ts'
import type { KeptContentPolicy } from '../canonical/content-policy.ts'
import { redacted } from './redaction.ts'

export interface KeptContent {
  readonly callId: string
  readonly at: number
  /** The public id of the caller's key. */
  readonly caller: string
  readonly provider: string
  readonly model: string
  /** What was asked, a turn an entry, as JSON: `[{"role","text"}]`. */
  readonly request: string
  readonly answer: string
  readonly expiresAt: number
}

export interface KeptContentsOptions {
  /** Undefined: nothing of it is kept. */
  readonly policyOf: (caller: string) => KeptContentPolicy | undefined
  readonly keep: (content: KeptContent) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const DAY = 86_400_000
/** Characters of one answer, and of one turn of a request. */
const LONGEST = 200_000
const CUT = '… [cut]'

export function keptContents({ policyOf, keep, now }: KeptContentsOptions): Middleware {
  return (next) => {
    const kept = async (exchange: ChatExchange, { caller, policy }: Keeping): Promise<Reply> => {
      const at = now()
      const said = new SaidText(exchange.target)
      const onEnd = (): void =>
        keep({
          callId: exchange.id,
          at,
          caller,
          provider: said.provider,
          model: said.model,
          request: requestText(exchange.request, policy),
          answer: redacted(said.text, policy),
          expiresAt: at + policy.retentionDays * DAY,
        })
      return observed(await next(exchange), onEnd, said)
    }
    return (exchange) => {
      const { caller, account } = exchange
      if (caller === undefined || exchange.operation !== 'chat') return next(exchange)
      // What the key itself says goes before what is configured for it.
      const policy = account?.content ?? policyOf(caller)
      return policy === undefined ? next(exchange) : kept(exchange, { caller, policy })
    }
  }
}

interface Keeping {
  readonly caller: string
  readonly policy: KeptContentPolicy
}

function requestText({ turns }: ChatRequest, policy: KeptContentPolicy): string {
  const texts = turns.map(({ role, parts }) => ({
    role,
    text: redacted(cut(parts.map((part) => partText(part)).join('\n')), policy),
  }))
  return JSON.stringify(texts)
}

/** Text as it is; of everything else its kind. */
function partText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return part.text
    case 'tool-call':
      return `[call of ${part.name}] ${part.arguments.text}`
    case 'tool-result':
      return `[result] ${part.content.map((inner) => partText(inner)).join('\n')}`
    default:
      return `[${part.type}]`
  }
}

class SaidText {
  provider: string
  model: string
  #text = ''

  constructor({ provider, model }: { readonly provider: string; readonly model: string }) {
    this.provider = provider
    this.model = model
  }

  hear(event: ChatEvent): void {
    if (event.type === 'response-start') {
      this.provider = event.origin.provider ?? this.provider
      this.model = event.model ?? this.model
    } else if (event.type === 'part-start') this.#add(partText(event.part))
    else if (event.type === 'part-delta' && event.delta.kind === 'text') this.#add(event.delta.text)
  }

  get text(): string {
    return cut(this.#text)
  }

  #add(text: string): void {
    if (this.#text.length <= LONGEST) this.#text += text
  }
}

function cut(text: string): string {
  return text.length > LONGEST ? text.slice(0, LONGEST) + CUT : text
}
