// Signatures on text and calls, for clients whose wire has a place for them on thinking only: an empty thought beside the part carries each.
import type { ChatEvent } from '../canonical/event.ts'
import type { Note } from '../canonical/note.ts'
import type { Part, ReasoningPart, Sealed } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'

/** What a carried seal signs: a call, a text, or an empty text that stood for itself. */
type Signed = 'call' | 'text' | 'empty'

const MARK = '#'

/**
 * When there are carriers: always, or only in answers that have thinking anyway, for a wire on which thinking turns a text
 * into a list, which not all of its clients read.
 */
export type CarrierRule = 'always' | 'beside-thinking'

/** An answer whose seals stand on thoughts. */
export function carrySeals(response: ChatResponse, rule: CarrierRule = 'always'): ChatResponse {
  if (!response.candidates.some(({ parts }) => parts.some((part) => isSigned(part)))) {
    return response
  }
  const candidates = response.candidates.map((candidate) => {
    const { parts } = candidate
    const carries = rule === 'always' || parts.some(({ type }) => type === 'reasoning')
    return { ...candidate, parts: carries ? parts.flatMap(carried) : parts.map(without) }
  })
  return { ...response, candidates }
}

/** What an answer loses under the rule. */
export function sealLosses(response: ChatResponse, rule: CarrierRule): readonly Note[] {
  return response.candidates.flatMap(({ index, parts }) => {
    const carries = rule === 'always' || parts.some(({ type }) => type === 'reasoning')
    if (carries) return []
    return parts.flatMap((part, at) =>
      isSigned(part) ? [lost(`candidates[${index}].parts[${at}].seal`)] : [],
    )
  })
}

function lost(path: string): Note {
  return {
    action: 'dropped',
    feature: 'reasoning_state',
    path,
    weight: 1,
    reason: 'clients of this protocol expect a place for signatures only where there is thinking',
  }
}

type SignedPart = Extract<Part, { readonly type: 'text' | 'tool-call' }>

function isSigned(part: Part): part is SignedPart {
  return (part.type === 'text' || part.type === 'tool-call') && part.seal !== undefined
}

function carried(part: Part): readonly Part[] {
  if (!isSigned(part) || part.seal === undefined) return [part]
  const carrier = carrierOf(part.seal, signedBy(part))
  return signedBy(part) === 'empty' ? [carrier] : [carrier, bare(part)]
}

function signedBy(part: SignedPart): Signed {
  if (part.type === 'tool-call') return 'call'
  return part.text === '' ? 'empty' : 'text'
}

function bare(part: SignedPart): Part {
  const { seal: _, ...rest } = part
  return rest
}

function carrierOf(seal: Sealed, signed: Signed): ReasoningPart {
  const format = `${seal.format}${MARK}${signed}`
  return { type: 'reasoning', text: '', redacted: true, seal: { ...seal, format } }
}

/** The seal that a thought carries for another part; undefined for a thought of its own. A client may have run the carrier together with thinking before it. */
export function carriedSeal(
  part: Part,
): { readonly seal: Sealed; readonly signed: Signed } | undefined {
  if (part.type !== 'reasoning' || part.seal === undefined) return undefined
  const at = part.seal.format.lastIndexOf(MARK)
  const word = part.seal.format.slice(at + 1)
  const signed = SIGNED.find((one) => one === word)
  if (at === -1 || signed === undefined) return undefined
  return { seal: { ...part.seal, format: part.seal.format.slice(0, at) }, signed }
}

const SIGNED = ['call', 'text', 'empty'] as const satisfies readonly Signed[]

/** The same for a stream. A seal that comes while its part is open follows it. */
export class SealCarriers {
  readonly #indexes = new Map<number, number>()
  readonly #open = new Map<number, { part: Part; readonly candidate: number }>()
  /** What has been lost under the rule. */
  readonly notes: Note[] = []
  #carries: boolean
  #next = 0

  constructor(rule: CarrierRule = 'always') {
    this.#carries = rule === 'always'
  }

  events(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case 'part-start':
        return this.#start(event)
      case 'part-delta':
        return this.#delta(event)
      case 'part-end':
        return this.#end(event)
      default:
        return [event]
    }
  }

  #start(event: Extract<ChatEvent, { readonly type: 'part-start' }>): readonly ChatEvent[] {
    const { candidate, part } = event
    this.#carries ||= part.type === 'reasoning'
    // An empty text may yet get words, so that its seal waits for the end.
    const waits = part.type === 'text' && part.text === ''
    const seal = isSigned(part) && !waits ? part.seal : undefined
    const before = seal === undefined ? [] : this.#carrier(seal, { part, candidate })
    this.#open.set(event.index, { part: seal === undefined ? part : without(part), candidate })
    const index = this.#fresh()
    this.#indexes.set(event.index, index)
    return [...before, { ...event, index, part: isSigned(part) ? bare(part) : part }]
  }

  #delta(event: Extract<ChatEvent, { readonly type: 'part-delta' }>): readonly ChatEvent[] {
    const { delta } = event
    const open = this.#open.get(event.index)
    if (open !== undefined && (open.part.type === 'text' || open.part.type === 'tool-call')) {
      if (delta.kind === 'seal') {
        open.part = { ...open.part, seal: delta.seal }
        return []
      }
      // Only whether there is a text matters to a seal.
      if (open.part.type === 'text' && delta.kind === 'text' && open.part.text === '') {
        open.part = { ...open.part, text: delta.text }
      }
    }
    const index = this.#indexOf(event.index)
    return [index === event.index ? event : { ...event, index }]
  }

  #end(event: Extract<ChatEvent, { readonly type: 'part-end' }>): readonly ChatEvent[] {
    const open = this.#open.get(event.index)
    this.#open.delete(event.index)
    const { part } = event
    const index = this.#indexOf(event.index)
    const closed: ChatEvent =
      part === undefined || !isSigned(part)
        ? { ...event, index }
        : { ...event, index, part: bare(part) }
    const late = open === undefined || !isSigned(open.part) ? undefined : open.part.seal
    return late === undefined || open === undefined
      ? [closed]
      : [closed, ...this.#carrier(late, open)]
  }

  #carrier(
    seal: Sealed,
    { part, candidate }: { readonly part: Part; readonly candidate: number },
  ): readonly ChatEvent[] {
    if (!this.#carries) {
      this.notes.push(lost(`parts[${this.#next}].seal`))
      return []
    }
    const index = this.#fresh()
    const signed = isSigned(part) ? signedBy(part) : 'text'
    return [
      { type: 'part-start', index, candidate, part: carrierOf(seal, signed) },
      { type: 'part-end', index },
    ]
  }

  #fresh(): number {
    const index = this.#next
    this.#next += 1
    return index
  }

  #indexOf(index: number): number {
    return this.#indexes.get(index) ?? index
  }
}

function without(part: Part): Part {
  return isSigned(part) ? bare(part) : part
}
