// One streamed block: from its start through its deltas to the part that it amounts to.
import { compact } from '../../canonical/compact.ts'
import type { ChatEvent, PartDelta } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import {
  type Json,
  type JsonObject,
  type ObjectReader,
  isObject,
  tryParseJson,
} from '../../wire/json.ts'
import { decodeCitation } from './citations.ts'
import { decodeBlock } from './decode-blocks.ts'
import { leftovers } from './extension.ts'
import { workOf } from './hosted-work.ts'
import { readSeal } from './seals.ts'
import { argumentsOf } from '../lowering/object-arguments.ts'
import { DIALECT, type DeltaType } from './wire-types.ts'

export class BlockReader {
  readonly #index: number
  readonly #part: Part
  /** A tool call's input that its start already held; it counts when no delta follows. */
  readonly #given: Json | undefined
  #json = ''
  #native: JsonObject | undefined

  constructor(block: Json, index: number) {
    const part = decodeBlock({ value: block, path: 'content_block' })
    this.#index = index
    this.#given = part.type === 'tool-call' ? part.arguments.json : undefined
    this.#part = part.type === 'tool-call' ? { ...part, arguments: { text: '' } } : part
    this.#native = part.type === 'opaque' && isObject(part.native) ? part.native : undefined
  }

  start(): ChatEvent {
    return { type: 'part-start', index: this.#index, candidate: 0, part: this.#part }
  }

  /** `event` is the reader of the whole `content_block_delta`. */
  delta(event: ObjectReader): ChatEvent {
    const reader = event.object('delta')
    const delta = this.#known(reader)
    event.value('type')
    event.value('index')
    if (delta === undefined) return this.#unknown(event.source, reader)
    const rest = leftovers.fieldsOf(leftovers.kept(event, { nested: { delta: reader } }))
    const extra = Object.keys(rest).length === 0 ? {} : { event: rest }
    // In the shape, since the fields of a delta become those of its part.
    return { type: 'part-delta', index: this.#index, delta, ...leftovers.keptFields({}, extra) }
  }

  end(): readonly ChatEvent[] {
    const part = this.#part
    const index = this.#index
    if (part.type === 'tool-call') return this.#endCall(part)
    if (part.type === 'opaque' && this.#native !== undefined) {
      const input = this.#json.trim() === '' ? undefined : tryParseJson(this.#json)
      const native = input === undefined ? this.#native : { ...this.#native, input }
      const { hosted: _, ...whole } = part
      const work = compact({ hosted: workOf(part.what, native) })
      return [{ type: 'part-end', index, part: { ...whole, ...work, native } }]
    }
    return [{ type: 'part-end', index }]
  }

  /** Empty input is `{}`; what a start gave whole is said as a delta, so that none who only add up deltas lose it. */
  #endCall(part: Extract<Part, { type: 'tool-call' }>): readonly ChatEvent[] {
    const index = this.#index
    if (this.#json.trim() !== '') return [{ type: 'part-end', index }]
    const whole = argumentsOf(this.#given ?? {})
    const end: ChatEvent = { type: 'part-end', index, part: { ...part, arguments: whole } }
    if (whole.text === '{}') return [end]
    return [{ type: 'part-delta', index, delta: { kind: 'text', text: whole.text } }, end]
  }

  #known(reader: ObjectReader): PartDelta | undefined {
    const type = reader.string('type')
    const slot = SLOTS.get(type)
    if (slot === undefined || slot !== this.#part.type) return undefined
    switch (type) {
      case 'text_delta':
        return { kind: 'text', text: reader.string('text') }
      case 'thinking_delta':
        return { kind: 'text', text: reader.string('thinking') }
      case 'input_json_delta': {
        const text = reader.string('partial_json')
        this.#json += text
        return { kind: 'text', text }
      }
      case 'citations_delta':
        return {
          kind: 'citation',
          citation: decodeCitation({ value: reader.value('citation') ?? null, path: 'citation' }),
        }
      case 'signature_delta':
        return this.#signature(reader)
      default:
        return undefined
    }
  }

  #signature(reader: ObjectReader): PartDelta | undefined {
    const signature = reader.string('signature')
    const seal = signature === '' ? undefined : readSeal(signature, 'anthropic.signature')
    return seal === undefined ? undefined : { kind: 'seal', seal }
  }

  /** Deltas of blocks that only this vendor reads, and kinds of delta that are not known. `index` is the part's. */
  #unknown(source: JsonObject, delta: ObjectReader): ChatEvent {
    if (delta.peek('type') === 'input_json_delta') this.#json += delta.string('partial_json')
    else if (this.#native !== undefined) this.#native = { ...this.#native, ...contentOf(delta) }
    return { type: 'native', dialect: DIALECT, value: { ...source, index: this.#index } }
  }
}

const SLOTS: ReadonlyMap<string, Part['type']> = new Map<DeltaType, Part['type']>([
  ['text_delta', 'text'],
  ['thinking_delta', 'reasoning'],
  ['signature_delta', 'reasoning'],
  ['citations_delta', 'text'],
  ['input_json_delta', 'tool-call'],
])

/** `compaction_delta` and its like hold the whole of what they are named after. */
function contentOf(delta: ObjectReader): JsonObject {
  return Object.fromEntries(Object.entries(delta.source).filter(([key]) => key !== 'type'))
}
