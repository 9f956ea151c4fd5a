// State on a tool call, for clients whose calls have no place for it: it travels as sealed thinking right before the call.
import type { ChatEvent } from '../../canonical/event.ts'
import type { Note } from '../../canonical/note.ts'
import type { Part, ReasoningPart } from '../../canonical/part.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import type { Frame } from '../../wire/frame.ts'
import type { StreamEncoder } from '../dialect.ts'
import type { Pass } from './pass.ts'
import { flatMapSame, mapSame, withParts, withTurns } from './rewrite.ts'

/** `dialect` is the client's: its own state has its own places. */
export function withCarriedSeals(response: ChatResponse, dialect: string): ChatResponse {
  const candidates = mapSame(response.candidates, (candidate) => {
    const parts = flatMapSame(candidate.parts, (part) => {
      const carrier = carrierOf(part, dialect)
      return carrier === undefined ? [part] : [carrier, part]
    })
    return parts === candidate.parts ? candidate : { ...candidate, parts }
  })
  return candidates === response.candidates ? response : { ...response, candidates }
}

function carrierOf(part: Part, dialect: string): ReasoningPart | undefined {
  const { seal } = part
  if (part.type !== 'tool-call' || seal === undefined || seal.origin.dialect === dialect) {
    return undefined
  }
  return { type: 'reasoning', text: '', redacted: true, seal }
}

/** An encoder that is told of carried state as of parts of their own. */
export class CarryingEncoder implements StreamEncoder {
  readonly #encoder: StreamEncoder
  readonly #dialect: string
  /** Where parts stand once carriers stand before them. */
  readonly #places = new Map<number, number>()
  #carriers = 0

  constructor(encoder: StreamEncoder, dialect: string) {
    this.#encoder = encoder
    this.#dialect = dialect
  }

  get notes(): readonly Note[] {
    return this.#encoder.notes
  }

  write(event: ChatEvent): readonly Frame[] {
    return this.#carried(event).flatMap((one) => this.#encoder.write(one))
  }

  finish(): readonly Frame[] {
    return this.#encoder.finish()
  }

  keepAlive(): Frame | undefined {
    return this.#encoder.keepAlive()
  }

  #carried(event: ChatEvent): readonly ChatEvent[] {
    switch (event.type) {
      case 'part-start': {
        const carrier = carrierOf(event.part, this.#dialect)
        const before = event.index + this.#carriers
        if (carrier !== undefined) this.#carriers += 1
        const index = event.index + this.#carriers
        this.#places.set(event.index, index)
        const moved = { ...event, index }
        if (carrier === undefined) return [moved]
        return [
          { ...event, index: before, part: carrier },
          { type: 'part-end', index: before },
          moved,
        ]
      }
      case 'part-delta':
      case 'part-end':
        return [{ ...event, index: this.#places.get(event.index) ?? event.index }]
      default:
        return [event]
    }
  }
}

/** The way back, for the dialect that had made it: the state returns to the call behind it. */
export function returnedSeals(dialect: string): Pass {
  return (request) => {
    const turns = mapSame(request.turns, (turn) => {
      const parts = flatMapSame(turn.parts, (part, at): readonly Part[] => {
        const next = turn.parts[at + 1]
        if (isCarrier(part, dialect) && isBareCall(next)) return []
        const before = turn.parts[at - 1]
        if (!isBareCall(part) || before === undefined || !isCarrier(before, dialect)) return [part]
        return [{ ...part, seal: before.seal }]
      })
      return parts === turn.parts ? turn : withParts(turn, parts)
    })
    return { value: withTurns(request, turns), notes: [] }
  }
}

type Carrier = ReasoningPart & Required<Pick<ReasoningPart, 'seal'>>

function isCarrier(part: Part, dialect: string): part is Carrier {
  return (
    part.type === 'reasoning' && part.redacted === true && part.seal?.origin.dialect === dialect
  )
}

function isBareCall(part: Part | undefined): boolean {
  return part?.type === 'tool-call' && part.seal === undefined
}
