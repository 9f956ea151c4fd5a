// Chatting without a server: the library in this process.
import { compact } from '../../canonical/compact.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import { type Usage, mergeUsage, totalTokens } from '../../canonical/usage.ts'
import type { Target } from '../../exchange/exchange.ts'
import type { ProviderManager } from '../../providers/manager.ts'
import type { Answer, Partner, Question } from './partner.ts'

interface AskedName {
  readonly model: string
  readonly provider?: string
}

export interface LibraryPartnerOptions {
  readonly manager: ProviderManager
  /** The target that a name means; empty is the default. */
  readonly resolve: (asked: AskedName, signal: AbortSignal) => Promise<Target>
  readonly close: () => Promise<void>
}

export class LibraryPartner implements Partner {
  readonly #options: LibraryPartnerOptions

  constructor(options: LibraryPartnerOptions) {
    this.#options = options
  }

  async ask({ lines, signal, onText, ...asked }: Question): Promise<Answer> {
    const { manager, resolve } = this.#options
    const startedAt = Date.now()
    const { provider, model } = await resolve({ ...asked, model: asked.model ?? '' }, signal)
    const told = new Told(onText)
    for await (const event of manager.stream(lines, { provider, model, signal })) told.hear(event)
    return compact({
      content: told.content,
      provider,
      model,
      finishReason: told.finishReason,
      tokens: totalTokens(told.usage),
      latencyMs: Date.now() - startedAt,
    })
  }

  async close(): Promise<void> {
    await this.#options.close()
  }
}

/** What has been said so far, event by event; only text is said aloud. */
class Told {
  readonly #onText: (text: string) => void
  readonly #spoken = new Set<number>()
  content = ''
  finishReason: string | undefined
  usage: Usage | undefined

  constructor(onText: (text: string) => void) {
    this.#onText = onText
  }

  hear(event: ChatEvent): void {
    switch (event.type) {
      case 'part-start':
        if (event.part.type !== 'text' && event.part.type !== 'refusal') return
        this.#spoken.add(event.index)
        this.#say(event.part.text)
        return
      case 'part-delta':
        if (event.delta.kind === 'text' && this.#spoken.has(event.index))
          this.#say(event.delta.text)
        return
      case 'usage-update':
        this.usage = mergeUsage(this.usage, event.usage)
        return
      case 'candidate-end':
        this.finishReason = event.finish.reason
        return
      case 'error':
        throw event.error
      default:
    }
  }

  #say(text: string): void {
    if (text === '') return
    this.content += text
    this.#onText(text)
  }
}
