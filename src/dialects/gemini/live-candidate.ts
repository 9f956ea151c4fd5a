// One candidate of a stream as it comes: chunks of text run on, every other part is whole.
import type { Node } from '../../canonical/extensions.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import { type Item, type Json, type JsonObject, equalJson } from '../../wire/json.ts'
import type { ReadCandidate } from './candidate.ts'
import { AnswerCalls, decodeAnswerPart } from './decode-parts.ts'
import { leftovers } from './extension.ts'
import { readFinish } from './finish.ts'
import { decodeCitations } from './grounding.ts'
import { GroundedWork } from './grounded-work.ts'
import { decodeLogprobs } from './logprobs.ts'
import { PartialCall } from './partial-call.ts'
import { GEMINI } from './wire-types.ts'

/** Text and thoughts run on over chunks, unless a signature seals what has been said. */
interface OpenPart {
  readonly index: number
  readonly part: Part
}

/** Gives the parts of a whole stream their numbers. */
export interface PartNumbers {
  next(): number
}

export class LiveCandidate {
  readonly index: number
  readonly #calls: AnswerCalls
  readonly #numbers: PartNumbers
  readonly #partial = new PartialCall()
  #open: OpenPart | undefined
  #text = ''
  #called = false
  readonly #grounded = new GroundedWork()
  #finish: Json | undefined
  #end: Node = {}

  /** `seed` names the answer. */
  constructor(index: number, seed: string, numbers: PartNumbers) {
    this.index = index
    this.#calls = new AnswerCalls(`${seed}.${index}`)
    this.#numbers = numbers
  }

  /** Some servers give a reason with every chunk: only the end of the stream makes the last one count. */
  get finished(): boolean {
    return this.#finish !== undefined
  }

  chunk({ fields, items, shape }: ReadCandidate): readonly ChatEvent[] {
    const logprobs = decodeLogprobs(fields.peek('logprobsResult'))
    const word = fields.value('finishReason') ?? undefined
    const left = fields.left()
    const events = this.#items(items, fields.source)
    this.#grounded.read(fields.source)
    if (logprobs !== undefined) {
      events.push({ type: 'logprobs', candidate: this.index, logprobs })
    }
    if (word === undefined) return [...events, ...this.#native(left)]
    this.#finish = word
    const { index } = shape
    this.#end = leftovers.keptFields(left, {
      index,
      finishReason: typeof word === 'number' ? word : undefined,
    })
    return events
  }

  end(): readonly ChatEvent[] {
    const rest = this.#partial.rest()
    const cut = rest === undefined ? [] : this.#part({ value: rest, path: 'parts' })
    const finish = readFinish(this.#finish, this.#called) ?? { reason: 'other' }
    return [
      ...cut,
      ...this.#closing(),
      ...this.#grounded.parts().flatMap((part) => this.#whole(part)),
      { type: 'candidate-end', candidate: this.index, finish, ...this.#end },
    ]
  }

  /** Sources may come with a last empty part that only carries a signature: they are about the text before it. */
  #items(items: readonly Item[], source: JsonObject): ChatEvent[] {
    const before = this.#open
    const length = this.#text.length
    const said = items.flatMap((item) => this.#item(item))
    if (this.#text.length > length) return [...said, ...this.#citations(source, this.#open)]
    return [...this.#citations(source, before), ...said]
  }

  #item(item: Item): readonly ChatEvent[] {
    const value = this.#partial.take(item.value)
    return value === undefined ? [] : this.#part({ ...item, value })
  }

  #part(item: Item): readonly ChatEvent[] {
    const part = decodeAnswerPart(item, item.path, this.#calls)
    if (part.type === 'text' || part.type === 'reasoning') return this.#said(part)
    if (part.type === 'tool-call') this.#called = true
    this.#grounded.see(part)
    return [...this.#closing(), ...this.#whole(part)]
  }

  #whole(part: Part): readonly ChatEvent[] {
    const index = this.#numbers.next()
    return [
      { type: 'part-start', index, candidate: this.index, part },
      { type: 'part-end', index },
    ]
  }

  #said(part: Extract<Part, { readonly type: 'text' | 'reasoning' }>): readonly ChatEvent[] {
    const { text } = part
    if (isNothing(part)) return []
    if (part.type === 'text') this.#text += text
    if (this.#open !== undefined && runsOn(this.#open.part, part)) {
      return [{ type: 'part-delta', index: this.#open.index, delta: { kind: 'text', text } }]
    }
    const closing = this.#closing()
    const index = this.#numbers.next()
    this.#open = { index, part }
    return [...closing, { type: 'part-start', index, candidate: this.index, part }]
  }

  /** Offsets count within the whole text; the part that is open carries them. */
  #citations(source: JsonObject, open: OpenPart | undefined): readonly ChatEvent[] {
    if (open === undefined || open.part.type !== 'text') return []
    return decodeCitations(source, this.#text).map((citation) => ({
      type: 'part-delta',
      index: open.index,
      delta: { kind: 'citation', citation },
    }))
  }

  #native(left: JsonObject | undefined): readonly ChatEvent[] {
    if (left === undefined) return []
    const value = { candidates: [{ ...left, index: this.index }] }
    return [{ type: 'native', dialect: GEMINI, candidate: this.index, value }]
  }

  #closing(): readonly ChatEvent[] {
    const open = this.#open
    this.#open = undefined
    return open === undefined ? [] : [{ type: 'part-end', index: open.index }]
  }
}

/** The last chunk often holds an empty text, only to hold something. */
function isNothing(part: Extract<Part, { readonly text: string }>): boolean {
  const bare = Object.keys(leftovers.fieldsOf(part)).length === 0
  return part.text === '' && part.seal === undefined && bare
}

function runsOn(before: Part, part: Part): boolean {
  const sealed = before.seal !== undefined || part.seal !== undefined
  return !sealed && before.type === part.type && sameLeftovers(before, part)
}

function sameLeftovers(left: Node, right: Node): boolean {
  return equalJson(leftovers.fieldsOf(left), leftovers.fieldsOf(right))
}
