// A reply as the cache keeps it, and as it gives it again: in the same form, or in the other where nothing is lost by that.
import { costOfNano } from '../../canonical/cost.ts'
import { collect } from '../../canonical/collect.ts'
import { compact } from '../../canonical/compact.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import { explode } from '../../canonical/explode.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import type {
  BytesReply,
  ChatReply,
  PassedPiece,
  PassedText,
  WholeReply,
} from '../../exchange/exchange.ts'

/** A piece of passed bytes as text. */
export interface KeptPiece {
  readonly text: string
  readonly events: readonly ChatEvent[]
  readonly open?: true
}

type Head = Pick<WholeReply, 'notes' | 'askedIn' | 'target'>

export type KeptAnswer =
  | { readonly kind: 'whole'; readonly response: ChatResponse; readonly passed?: PassedText }
  | { readonly kind: 'stream'; readonly events: readonly ChatEvent[] }
  | ({ readonly kind: 'bytes'; readonly pieces: readonly KeptPiece[] } & Pick<
      BytesReply,
      'lane' | 'contentType'
    >)

export interface KeptReply {
  readonly version: 1
  /** In which form it was asked for: what was asked for in another is not given these very bytes. */
  readonly form: string
  /** Milliseconds of the clock when it was given. */
  readonly givenAtMs: number
  readonly head: Head
  readonly answer: KeptAnswer
}

/** The first version of this is all there is: what another program wrote is not read. */
export function readKept(text: string): KeptReply | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isKept(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isKept(value: unknown): value is KeptReply {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1
}

/** Undefined where it cannot be told in this form without losing something. */
export function replayed(
  kept: KeptReply,
  asked: { readonly form: string; readonly streams: boolean },
): ChatReply | undefined {
  const { head } = kept
  if (kept.form === asked.form) return asBefore(kept)
  if (asked.streams) return { ...head, kind: 'stream', events: stepsOf([eventsOf(kept.answer)]) }
  const response = responseOf(kept.answer)
  return response === undefined ? undefined : { ...head, ...free(response) }
}

function asBefore({ head, answer }: KeptReply): ChatReply {
  switch (answer.kind) {
    case 'whole':
      return { ...head, ...free(answer.response), ...compact({ passed: answer.passed }) }
    case 'stream':
      return { ...head, kind: 'stream', events: stepsOf([answer.events]) }
    case 'bytes': {
      const { lane, contentType, pieces } = answer
      const encoder = new TextEncoder()
      const steps = pieces.map(({ text, ...more }): PassedPiece => {
        return { bytes: encoder.encode(text), ...more }
      })
      return { ...head, kind: 'bytes', lane, contentType, pieces: stepsOf(steps) }
    }
  }
}

/** No provider was paid for it. */
function free(response: ChatResponse): Pick<WholeReply, 'kind' | 'response' | 'cost'> {
  return { kind: 'whole', response, cost: costOfNano(0) }
}

export function eventsOf(answer: KeptAnswer): readonly ChatEvent[] {
  switch (answer.kind) {
    case 'whole':
      return [...explode(answer.response)]
    case 'stream':
      return answer.events
    case 'bytes':
      return answer.pieces.flatMap(({ events }) => events)
  }
}

/** A stream that was not asked to count has no counts for those who want it whole. */
function responseOf(answer: KeptAnswer): ChatResponse | undefined {
  if (answer.kind === 'whole') return answer.response
  const events = eventsOf(answer)
  const [first] = events
  if (first?.type !== 'response-start') return undefined
  const response = collect({ origin: first.origin, model: first.model ?? '' }, events)
  return response.usage === undefined ? undefined : response
}

async function* stepsOf<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all
}
