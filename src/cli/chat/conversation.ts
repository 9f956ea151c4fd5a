// A conversation: what was said, with whom, and who answers next.
import { compact } from '../../canonical/compact.ts'
import type { Answer, Line, Partner } from './partner.ts'

export interface ConversationOptions {
  readonly partner: Partner
  readonly provider?: string
  readonly model?: string
  readonly system?: string
}

export class Conversation {
  readonly #partner: Partner
  readonly #system: readonly Line[]
  #said: readonly Line[] = []
  readonly #provider: string | undefined
  /** Absent: the default one. */
  model: string | undefined

  constructor({ partner, provider, model, system }: ConversationOptions) {
    this.#partner = partner
    this.#system = system === undefined ? [] : [{ role: 'system', content: system }]
    this.#provider = provider
    this.model = model
  }

  /** Forgets everything but the system prompt. */
  reset(): void {
    this.#said = []
  }

  /** Asks and remembers both sides; a question that got no whole answer is forgotten. */
  async say(
    content: string,
    options: { readonly signal: AbortSignal; readonly onText: (text: string) => void },
  ): Promise<Answer> {
    const question: Line = { role: 'user', content }
    const answer = await this.#partner.ask({
      lines: [...this.#system, ...this.#said, question],
      ...options,
      ...compact({ provider: this.#provider, model: this.model }),
    })
    this.#said = [...this.#said, question, { role: 'assistant', content: answer.content }]
    return answer
  }
}
