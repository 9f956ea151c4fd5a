// Seals on calls, which most clients' wires have no room for: each travels in redacted thinking before its call, and goes back to it.
import type { ChatEvent } from '../../canonical/event.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part, ReasoningPart, Sealed, ToolCallPart } from '../../canonical/part.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import type { Frame } from '../../wire/frame.ts'
import type { StreamCodec, StreamEncoder } from '../dialect.ts'
import type { Pass } from './pass.ts'
import { flatMapSame, mapSame, withParts, withTurns } from './rewrite.ts'

/**
 * When a client gets carriers: always, or only in answers that have thinking anyway, since some clients do not read
 * content of several kinds where they have not asked for thinking.
 */
export type CarrierRule = 'always' | 'beside-thinking'

/** A whole answer for a client of `dialect`, whose calls have no room for a seal. */
export function withCarriers(
  response: ChatResponse,
  dialect: string,
  rule: CarrierRule = 'always',
): ChatResponse {
  const candidates = mapSame(response.candidates, (candidate) => {
    const thinks = candidate.parts.some((part) => part.type === 'reasoning')
    if (rule === 'beside-thinking' && !thinks) return candidate
    const parts = flatMapSame(candidate.parts, (part) => carried(part, dialect))
    return parts === candidate.parts ? candidate : { ...candidate, parts }
  })
  return candidates === response.candidates ? response : { ...response, candidates }
}

/** The same for a stream. */
export function carryingSeals(
  dialect: string,
  encoder: StreamCodec['encoder'],
  rule: CarrierRule = 'always',
): StreamCodec['encoder'] {
  return (context) => new CarryingEncoder(dialect, encoder(context), rule)
}

/** Gives carried seals back to their calls, in a request to the vendor that made them. */
export const restoredSeals: Pass = (request) => {
  const notes: Note[] = []
  let waiting: readonly Sealed[] = []
  const turns = flatMapSame(request.turns, (turn, at) => {
    // A client may keep a carrier and its call as turns of their own.
    if (turn.role !== 'assistant') {
      if (waiting.length > 0) notes.push(lost(at))
      waiting = []
      return [turn]
    }
    const parts = flatMapSame(turn.parts, (part): readonly Part[] => {
      if (isCarrying(part)) {
        const { seal, redacted: _, ...thinking } = part
        waiting = [...waiting, { ...seal, format: seal.format.slice(0, -OF_CALL.length) }]
        // A client may have run it together with the thinking before it.
        return thinking.text === '' ? [] : [thinking]
      }
      const [seal] = waiting
      if (part.type !== 'tool-call' || part.seal !== undefined || seal === undefined) return [part]
      waiting = waiting.slice(1)
      return [{ ...part, seal }]
    })
    if (parts === turn.parts) return [turn]
    return parts.length === 0 ? [] : [withParts(turn, parts)]
  })
  return { value: withTurns(request, turns), notes }
}

/** What the format of a seal ends in while it is away from its call. */
const OF_CALL = '@call'

type Carrying = ReasoningPart & Required<Pick<ReasoningPart, 'seal'>>

function isCarrying(part: Part): part is Carrying {
  return part.type === 'reasoning' && part.seal?.format.endsWith(OF_CALL) === true
}

function carried(part: Part, dialect: string): readonly Part[] {
  return isSealedCall(part, dialect) ? [carrierOf(part.seal), part] : [part]
}

function isSealedCall(
  part: Part,
  dialect: string,
): part is ToolCallPart & Required<Pick<ToolCallPart, 'seal'>> {
  return (
    part.type === 'tool-call' && part.seal !== undefined && part.seal.origin.dialect !== dialect
  )
}

function carrierOf(seal: Sealed): ReasoningPart {
  const format = `${seal.format}${OF_CALL}`
  return { type: 'reasoning', text: '', redacted: true, seal: { ...seal, format } }
}

function lost(turn: number): Note {
  return {
    action: 'dropped',
    feature: 'reasoning_state',
    path: `turns[${turn}]`,
    weight: 2,
    reason: 'the call that this signature belongs to is not in the conversation any more',
  }
}

/** Parts after a carrier have higher numbers than the provider gave them. */
class CarryingEncoder implements StreamEncoder {
  readonly #dialect: string
  readonly #inner: StreamEncoder
  readonly #numbers = new Map<number, number>()
  #carriers = 0
  #carries: boolean

  constructor(dialect: string, inner: StreamEncoder, rule: CarrierRule) {
    this.#dialect = dialect
    this.#inner = inner
    this.#carries = rule === 'always'
  }

  get notes(): readonly Note[] {
    return this.#inner.notes
  }

  write(event: ChatEvent): readonly Frame[] {
    return this.#renumbered(event).flatMap((one) => this.#inner.write(one))
  }

  finish(): readonly Frame[] {
    return this.#inner.finish()
  }

  keepAlive(): Frame | undefined {
    return this.#inner.keepAlive()
  }

  #renumbered(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case 'part-start': {
        this.#carries ||= event.part.type === 'reasoning'
        const carrier =
          this.#carries && isSealedCall(event.part, this.#dialect)
            ? this.#carrier(event.part.seal, event)
            : []
        const index = event.index + this.#carriers
        this.#numbers.set(event.index, index)
        return [...carrier, { ...event, index }]
      }
      case 'part-delta':
      case 'part-end':
        return [{ ...event, index: this.#numbers.get(event.index) ?? event.index }]
      default:
        return [event]
    }
  }

  #carrier(
    seal: Sealed,
    { index, candidate }: { readonly index: number; readonly candidate: number },
  ): readonly ChatEvent[] {
    const place = index + this.#carriers
    this.#carriers += 1
    return [
      { type: 'part-start', index: place, candidate, part: carrierOf(seal) },
      { type: 'part-end', index: place },
    ]
  }
}
