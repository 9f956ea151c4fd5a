// Events to response: what a stream amounts to once it has ended.
import { compact } from './compact.ts'
import type { ChatEvent, PartDelta } from './event.ts'
import type { Json, JsonObject } from './json.ts'
import type { Extension, Extensions } from './extensions.ts'
import { GatheredText } from './gathered-text.ts'
import type { Part, TokenLogprob } from './part.ts'
import type { Candidate, ChatResponse } from './response.ts'
import { type Usage, mergeUsage } from './usage.ts'

/** One part as it comes. */
class Slot {
  readonly candidate: number
  #part: Part
  /** Text that the part has not been given yet: it comes in many pieces, and few ask between them. */
  #more: GatheredText | undefined

  constructor(candidate: number, part: Part) {
    this.candidate = candidate
    this.#part = part
  }

  get part(): Part {
    const more = this.#more
    if (more !== undefined) {
      this.#more = undefined
      this.#part = applyDelta(this.#part, { kind: 'text', text: more.toString() })
    }
    return this.#part
  }

  set part(part: Part) {
    this.#part = part
    this.#more = undefined
  }

  add(event: Extract<ChatEvent, { readonly type: 'part-delta' }>): void {
    const { delta, extensions } = event
    if (delta.kind === 'text' && extensions === undefined) {
      this.#more ??= new GatheredText()
      this.#more.add(delta.text)
    } else this.part = extended(applyDelta(this.part, delta), event)
  }
}

/** Folds events one by one; `response()` may be asked at any time and holds what has come so far. */
export class Collector {
  #response: ChatResponse
  #slots = new Map<number, Slot>()
  #candidates = new Map<number, Omit<Candidate, 'parts'>>()
  #usage: Usage | undefined

  constructor(empty: Pick<ChatResponse, 'origin' | 'model'>) {
    this.#response = { ...empty, candidates: [] }
  }

  add(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start': {
        const { type: _, ...start } = event
        this.#response = { ...this.#response, ...start, model: event.model ?? this.#response.model }
        return
      }
      case 'part-start':
        this.#slots.set(event.index, new Slot(event.candidate, event.part))
        this.#candidate(event.candidate)
        return
      case 'part-delta':
        this.#slots.get(event.index)?.add(event)
        return
      case 'part-end': {
        const slot = this.#slots.get(event.index)
        if (slot !== undefined) slot.part = settled(extended(event.part ?? slot.part, event))
        return
      }
      case 'logprobs': {
        const candidate = this.#candidate(event.candidate)
        const logprobs: readonly TokenLogprob[] = [...(candidate.logprobs ?? []), ...event.logprobs]
        this.#candidates.set(event.candidate, { ...candidate, logprobs })
        return
      }
      case 'candidate-end':
        this.#candidates.set(event.candidate, {
          ...extended(this.#candidate(event.candidate), event),
          finish: event.finish,
        })
        return
      case 'usage-update':
        this.#usage = mergeUsage(this.#usage, event.usage)
        return
      case 'response-end':
        this.#response = extended(this.#response, event)
        return
      case 'error':
        this.#response = { ...this.#response, error: event.error }
        // What was counted until then is all there will be.
        if (this.#usage !== undefined) this.#usage = { ...this.#usage, partial: true }
        return
      case 'ping':
      case 'native':
        return
    }
  }

  response(): ChatResponse {
    const slots = [...this.#slots.entries()].toSorted(([left], [right]) => left - right)
    const candidates = [...this.#candidates.values()]
      .toSorted((left, right) => left.index - right.index)
      .map((candidate) => ({
        ...candidate,
        parts: slots
          .filter(([, slot]) => slot.candidate === candidate.index)
          .map(([, slot]) => settled(slot.part)),
      }))
    return { ...this.#response, ...compact({ candidates, usage: this.#usage }) }
  }

  #candidate(index: number): Omit<Candidate, 'parts'> {
    const known = this.#candidates.get(index)
    if (known !== undefined) return known
    const fresh = { index }
    this.#candidates.set(index, fresh)
    return fresh
  }
}

/** All events at once. */
export function collect(
  empty: Pick<ChatResponse, 'origin' | 'model'>,
  events: Iterable<ChatEvent>,
): ChatResponse {
  const collector = new Collector(empty)
  for (const event of events) collector.add(event)
  return collector.response()
}

/** The part with what a delta adds to it; a delta that does not fit its part adds nothing. */
export function applyDelta(part: Part, delta: PartDelta): Part {
  switch (delta.kind) {
    case 'text':
      if (part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning') {
        return { ...part, text: part.text + delta.text }
      }
      if (part.type === 'tool-call') {
        return { ...part, arguments: { text: part.arguments.text + delta.text } }
      }
      return part
    case 'citation':
      if (part.type !== 'text') return part
      return { ...part, citations: [...(part.citations ?? []), delta.citation] }
    case 'seal':
      return { ...part, seal: delta.seal }
    case 'media': {
      if (part.type !== 'audio' && part.type !== 'image') return part
      const before = part.source.kind === 'base64' ? part.source.data : ''
      const mediaType = part.source.kind === 'base64' ? part.source.mediaType : undefined
      const data = before + (delta.data ?? '')
      const transcript =
        delta.transcript === undefined
          ? part.transcript
          : (part.transcript ?? '') + delta.transcript
      const source = { kind: 'base64' as const, ...compact({ data, mediaType }) }
      return { ...part, ...compact({ source, transcript }) }
    }
  }
}

/** A finished part: argument text that parses gets its JSON beside it. */
function settled(part: Part): Part {
  if (part.type !== 'tool-call' || part.kind !== 'function' || part.arguments.json !== undefined) {
    return part
  }
  const json = parsed(part.arguments.text)
  return json === undefined ? part : { ...part, arguments: { text: part.arguments.text, json } }
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

function extended<T extends { readonly extensions?: Extensions }>(
  node: T,
  more: { readonly extensions?: Extensions },
): T {
  if (more.extensions === undefined) return node
  const extensions: Record<string, Extension | undefined> = { ...node.extensions }
  for (const [dialect, extension] of Object.entries(more.extensions)) {
    const before = extensions[dialect]
    extensions[dialect] = compact({
      fields: joined(before?.fields, extension?.fields),
      shape: joined(before?.shape, extension?.shape),
    })
  }
  return { ...node, extensions }
}

function joined(
  before: JsonObject | undefined,
  after: JsonObject | undefined,
): JsonObject | undefined {
  return before === undefined || after === undefined ? (after ?? before) : { ...before, ...after }
}
