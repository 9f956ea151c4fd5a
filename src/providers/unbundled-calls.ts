// Takes calls that came in one bundle apart, in a whole answer or while it streams.
import type { ChatEvent } from '../canonical/event.ts'
import type { Part, ToolCallPart } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { isBundle, unbundled } from '../dialects/lowering/bundled-calls.ts'

/** For one answer. */
export class UnbundledCalls {
  readonly #request: Pick<ChatRequest, 'tools'>
  /** Bundles by the upstream's index: what is in them is known at their end. */
  readonly #held = new Map<number, { readonly candidate: number; readonly part: ToolCallPart }>()
  /** The upstream's indexes, where they are no longer the client's. */
  readonly #indexes = new Map<number, number>()
  #given = 0

  constructor(request: Pick<ChatRequest, 'tools'>) {
    this.#request = request
  }

  parts(parts: readonly Part[]): readonly Part[] {
    return parts.flatMap((part): readonly Part[] =>
      this.#isBundle(part) ? unbundled(part) : [part],
    )
  }

  /** Whether events of that index stay as they are. */
  keeps(index: number): boolean {
    return !this.#held.has(index) && this.#indexOf(index) === index
  }

  event(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case 'part-start': {
        const { candidate, part } = event
        if (this.#isBundle(part)) {
          this.#held.set(event.index, { candidate, part })
          return []
        }
        const index = this.#given++
        this.#indexes.set(event.index, index)
        return [{ ...event, index }]
      }
      case 'part-delta': {
        const held = this.#held.get(event.index)
        if (held === undefined) return [{ ...event, index: this.#indexOf(event.index) }]
        if (event.delta.kind !== 'text') return []
        const text = held.part.arguments.text + event.delta.text
        this.#held.set(event.index, { ...held, part: { ...held.part, arguments: { text } } })
        return []
      }
      case 'part-end': {
        const held = this.#held.get(event.index)
        if (held === undefined) return [{ ...event, index: this.#indexOf(event.index) }]
        this.#held.delete(event.index)
        const whole = event.part?.type === 'tool-call' ? event.part : held.part
        return unbundled(whole).flatMap((part): readonly ChatEvent[] => {
          const index = this.#given++
          return [
            { type: 'part-start', index, candidate: held.candidate, part },
            { type: 'part-end', index },
          ]
        })
      }
      default:
        return [event]
    }
  }

  #isBundle(part: Part): part is ToolCallPart {
    return part.type === 'tool-call' && isBundle(part, this.#request.tools)
  }

  #indexOf(index: number): number {
    return this.#indexes.get(index) ?? index
  }
}
