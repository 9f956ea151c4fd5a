// Gives the client what it asked for: tools by its own names, free-text tools that the target saw as functions, calls that came in a bundle, JSON without a fence; and says whose sealed state is.
import { compact } from '../canonical/compact.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Part, ToolCallPart } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { restoreCustomCall } from '../dialects/lowering/custom-tools.ts'
import { restoreToolNames } from '../dialects/lowering/tool-names.ts'
import { tryParseJson } from '../wire/json.ts'
import { stampedEvent, stampedPart } from './stamped-seals.ts'
import { UnbundledCalls } from './unbundled-calls.ts'
import { Unfenced } from './unfenced.ts'

/** What lowering has left of the tools that the client offered. */
type Asked = Pick<ChatRequest, 'tools' | 'renamedTools' | 'wrappedTools' | 'instructedJson'>

/** For one answer to one lowered request. */
export class RestoredTools {
  readonly #request: Asked
  readonly #provider: string
  readonly #unbundled: UnbundledCalls
  /** Calls of free-text tools, by part index: their text stands inside JSON and is whole only at the end. */
  readonly #held = new Map<number, ToolCallPart>()
  /** Texts that were asked to be JSON, by part index. */
  readonly #fenced = new Map<number, Unfenced>()

  /** `provider` is whose answer it is. */
  constructor(request: Asked, provider: string) {
    this.#request = request
    this.#provider = provider
    this.#unbundled = new UnbundledCalls(request)
  }

  response(response: ChatResponse): ChatResponse {
    const candidates = response.candidates.map((candidate) => ({
      ...candidate,
      parts: this.#unbundled
        .parts(candidate.parts)
        .map((part) => stampedPart(this.#whole(part), this.#provider)),
    }))
    return { ...response, candidates }
  }

  event(event: ChatEvent): readonly ChatEvent[] {
    // Most events are a piece of a text that is what the client asked for.
    const isText = event.type === 'part-delta' && event.delta.kind === 'text'
    if (isText && this.#isPlain(event.index)) return [event]
    return this.#unbundled
      .event(event)
      .flatMap((one) => this.#restored(one))
      .flatMap((one) => this.#unfenced(one))
      .map((one) => stampedEvent(one, this.#provider))
  }

  #isPlain(index: number): boolean {
    return this.#unbundled.keeps(index) && !this.#held.has(index) && !this.#fenced.has(index)
  }

  #restored(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case 'part-start': {
        const part = restoreToolNames(event.part, this.#request.renamedTools)
        if (part.type !== 'tool-call' || !this.#isWrapped(part)) return [{ ...event, part }]
        this.#held.set(event.index, part)
        return [{ ...event, part: { ...part, kind: 'custom', arguments: { text: '' } } }]
      }
      case 'part-delta': {
        const held = this.#held.get(event.index)
        if (held === undefined || event.delta.kind !== 'text') return [event]
        const text = held.arguments.text + event.delta.text
        this.#held.set(event.index, { ...held, arguments: { text } })
        return []
      }
      case 'part-end': {
        const held = this.#held.get(event.index)
        const { part } = event
        if (held === undefined) {
          return [part === undefined ? event : { ...event, part: this.#whole(part) }]
        }
        this.#held.delete(event.index)
        const whole = this.#whole(part ?? held)
        const text = whole.type === 'tool-call' ? whole.arguments.text : ''
        return [
          { type: 'part-delta', index: event.index, delta: { kind: 'text', text } },
          part === undefined ? event : { ...event, part: whole },
        ]
      }
      default:
        return [event]
    }
  }

  #unfenced(event: ChatEvent): readonly ChatEvent[] {
    if (this.#request.instructedJson !== true) return [event]
    if (event.type === 'part-start' && event.part.type === 'text') {
      const fence = new Unfenced()
      this.#fenced.set(event.index, fence)
      return [{ ...event, part: { ...event.part, text: fence.write(event.part.text) } }]
    }
    const fence = 'index' in event ? this.#fenced.get(event.index) : undefined
    if (fence === undefined) return [event]
    if (event.type === 'part-delta' && event.delta.kind === 'text') {
      return grown(event.index, fence.write(event.delta.text))
    }
    if (event.type !== 'part-end') return [event]
    const { part } = event
    const end = part === undefined ? event : { ...event, part: this.#whole(part) }
    return [...grown(event.index, fence.finish()), end]
  }

  #isWrapped(part: ToolCallPart): boolean {
    return this.#request.wrappedTools?.includes(part.name) === true
  }

  #whole(part: Part): Part {
    const named = restoreToolNames(part, this.#request.renamedTools)
    if (named.type === 'text' && this.#request.instructedJson === true) {
      const fence = new Unfenced()
      return { ...named, text: fence.write(named.text) + fence.finish() }
    }
    if (named.type !== 'tool-call' || !this.#isWrapped(named)) return named
    const { text } = named.arguments
    const json = named.arguments.json ?? tryParseJson(text)
    const parsed = { ...named, arguments: compact({ text, json }) }
    return restoreCustomCall(parsed, this.#request.wrappedTools)
  }
}

function grown(index: number, text: string): readonly ChatEvent[] {
  return text === '' ? [] : [{ type: 'part-delta', index, delta: { kind: 'text', text } }]
}
