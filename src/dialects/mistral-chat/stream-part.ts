// One part of an answer as deltas: texts and thinking as they come, everything else whole once it has ended.
import { compact } from '../../canonical/compact.ts'
import type { ChatEvent, PartDelta } from '../../canonical/event.ts'
import type { Part, ReasoningPart, Sealed, ToolCallPart } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import { encodeChunk } from './chunk.ts'
import { overlay } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { encodeSeal, encodeThinking, listOf } from './thinking.ts'
import { encodeToolCall } from './tool-call.ts'

type PartStart = Extract<ChatEvent, { readonly type: 'part-start' }>
type Delta = Extract<ChatEvent, { readonly type: 'part-delta' }>
type PartEnd = Extract<ChatEvent, { readonly type: 'part-end' }>

/** Each method gives a delta, or undefined where there is nothing to say. */
export class SpokenPart {
  readonly candidate: number
  /** The number of this call within its choice. */
  readonly #call: number
  #part: Part
  #seal: Sealed | undefined
  #silent = true

  constructor({ candidate, part }: PartStart, call: number) {
    this.candidate = candidate
    this.#part = part
    this.#call = call
    this.#seal = part.seal
  }

  start(): JsonObject | undefined {
    return this.#begun(this.#part)
  }

  delta(event: Delta): JsonObject | undefined {
    const { delta } = event
    const part = this.#part
    if (delta.kind === 'seal') this.#seal = delta.seal
    if (delta.kind === 'media') this.#part = withData(part, delta)
    if (delta.kind !== 'text' || delta.text === '') return undefined
    if (part.type === 'tool-call') {
      const text = part.arguments.text + delta.text
      this.#part = { ...part, arguments: { text } }
      return undefined
    }
    if (part.type === 'reasoning') return this.#said(thought(delta.text, leftovers.fieldsOf(event)))
    const spoken = part.type === 'text' || part.type === 'refusal'
    return spoken ? this.#said({ content: delta.text }) : undefined
  }

  /** The vendor's own copy is told where the pieces told nothing. */
  end(event: PartEnd): JsonObject | undefined {
    const part = event.part?.type === this.#part.type ? event.part : this.#part
    switch (part.type) {
      case 'text':
      case 'refusal':
        return this.#silent ? this.#begun(part) : undefined
      case 'reasoning':
        return this.#thoughtOut(part, event)
      case 'tool-call':
        return { tool_calls: [wholeCall(part, this.#call, event)] }
      default:
        return { content: [encodeChunk(part)] }
    }
  }

  #begun(part: Part): JsonObject | undefined {
    switch (part.type) {
      case 'text':
      case 'refusal':
        if (Object.keys(leftovers.fieldsOf(part)).length > 0)
          return this.#said({ content: [encodeChunk(part)] })
        return part.text === '' ? undefined : this.#said({ content: part.text })
      case 'reasoning': {
        if (part.text === '' || hasOwnList(part)) return undefined
        const list = { type: 'thinking', thinking: listOf(part.text) }
        return this.#said({ content: [leftovers.printed(part, list)] })
      }
      default:
        return undefined
    }
  }

  /** Tells the seal, and that the thinking is over; Mistral itself says neither unless it did. */
  #thoughtOut(part: ReasoningPart, event: PartEnd): JsonObject | undefined {
    const seal = part.seal ?? this.#seal
    if (this.#silent && hasOwnList(part)) {
      return { content: [encodeThinking({ ...part, ...compact({ seal }) })] }
    }
    const whole = this.#silent ? this.#begun(part) : undefined
    const closed = leftovers.shapeOf(event)['closed'] ?? leftovers.shapeOf(part)['closed'] ?? true
    const signature = encodeSeal(seal)
    const said = compact({ signature, closed: closed === 'absent' ? undefined : closed })
    const over = Object.keys(said).length === 0 ? [] : [{ type: 'thinking', thinking: [], ...said }]
    const before = whole === undefined ? [] : chunksOf(whole)
    const content = [...before, ...over]
    return content.length === 0 ? undefined : { content }
  }

  #said(delta: JsonObject): JsonObject {
    this.#silent = false
    return delta
  }
}

/** A list of more than texts, which is told whole. */
function hasOwnList(part: ReasoningPart): boolean {
  return leftovers.shapeOf(part)['list'] !== undefined
}

function chunksOf({ content }: JsonObject): readonly JsonObject[] {
  return Array.isArray(content) ? content : []
}

function thought(text: string, fields: JsonObject): JsonObject {
  return { content: [overlay(fields, { type: 'thinking', thinking: listOf(text) })] }
}

/** The SDK wants the name as a text and the arguments whole. */
function wholeCall(part: ToolCallPart, at: number, event: PartEnd): JsonObject {
  const { text } = part.arguments
  const call = { ...part, arguments: { text: text.trim() === '' ? '{}' : text } }
  return overlay(encodeToolCall(call, at), { ...leftovers.fieldsOf(event), index: at })
}

function withData(part: Part, { data = '' }: Extract<PartDelta, { kind: 'media' }>): Part {
  if ((part.type !== 'image' && part.type !== 'audio') || part.source.kind !== 'base64') return part
  return { ...part, source: { ...part.source, data: part.source.data + data } }
}
