// Work of another vendor's tools in an answer, in the form that the client's own vendor has for such work: calls joined with their results first.
import { applyDelta } from '../canonical/collect.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Origin } from '../canonical/extensions.ts'
import type { HostedWork } from '../canonical/hosted-work.ts'
import type { OpaquePart, Part, Sealed } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { mintWorkId, sealWork } from './hosted-envelope.ts'

export interface ShownWork {
  readonly work: HostedWork
  /** Marks it as work that its own vendor has not done. */
  readonly id: string
  /** The maker's own pieces, for a slot that clients send back. */
  readonly seal: Sealed
}

/** How a wire shows work of tools. */
export interface HostedForm {
  readonly dialect: string
  /** Whole pieces of the wire; none where it has no form for the work, which then stays for the encoder to note. */
  readonly print: (shown: ShownWork) => readonly Pick<OpaquePart, 'what' | 'native'>[]
}

type Working = OpaquePart & { readonly hosted: HostedWork }

/** The parts of one candidate, one after the other. A call waits for its result. */
class Works {
  readonly #form: HostedForm
  readonly #maker: Origin
  readonly #seed: string
  #waiting: readonly Working[] = []
  #shown = 0

  constructor(form: HostedForm, maker: Origin, seed: string) {
    this.#form = form
    this.#maker = maker
    this.#seed = seed
  }

  take(part: Part): readonly Part[] {
    if (!isWorking(part)) return [part]
    const { hosted } = part
    if (hosted.phase === 'call') {
      this.#waiting = [...this.#waiting, part]
      return []
    }
    const call = hosted.phase === 'result' ? this.#callOf(hosted) : undefined
    if (call === undefined) return this.#show([part], hosted)
    this.#waiting = this.#waiting.filter((one) => one !== call)
    return this.#show([call, part], { ...call.hosted, ...hosted, phase: 'both' })
  }

  /** Calls that nobody answered. */
  rest(): readonly Part[] {
    const calls = this.#waiting
    this.#waiting = []
    return calls.flatMap((call) => this.#show([call], call.hosted))
  }

  #callOf({ tool, id }: HostedWork): Working | undefined {
    return this.#waiting.find(({ hosted }) =>
      id === undefined ? hosted.tool === tool : hosted.id === id,
    )
  }

  /** What has no form here stands as it is, told once. */
  #show(parts: readonly Working[], work: HostedWork): readonly Part[] {
    this.#shown += 1
    const id = mintWorkId(`${this.#seed}.${this.#shown}`)
    const seal = sealWork(parts, this.#maker)
    const printed = this.#form.print({ work, id, seal })
    if (printed.length === 0) return parts.slice(-1).map((part) => ({ ...part, hosted: work }))
    const origin = { dialect: this.#form.dialect }
    return printed.map((piece) => ({ type: 'opaque', origin, ...piece }))
  }
}

function isWorking(part: Part): part is Working {
  return part.type === 'opaque' && part.hosted !== undefined
}

/** A whole answer; one of the wire's own stays as it is. `seed` is the request's id. */
export function showWork(response: ChatResponse, form: HostedForm, seed: string): ChatResponse {
  const { origin } = response
  const works = response.candidates.some(({ parts }) => parts.some((part) => isWorking(part)))
  if (origin.dialect === form.dialect || !works) return response
  const candidates = response.candidates.map((candidate) => {
    const works = new Works(form, origin, `${seed}.${candidate.index}`)
    const parts = candidate.parts.flatMap((part) => works.take(part))
    return { ...candidate, parts: [...parts, ...works.rest()] }
  })
  return { ...response, candidates }
}

type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: T }>

/** The same for a stream. Parts get new numbers, as there may be more or fewer of them. */
export class HostedEvents {
  readonly #form: HostedForm
  readonly #seed: string
  readonly #works = new Map<number, Works>()
  readonly #open = new Map<number, { part: Working; readonly candidate: number }>()
  readonly #numbers = new Map<number, number>()
  #maker: Origin
  #next = 0

  constructor(form: HostedForm, seed: string) {
    this.#form = form
    this.#seed = seed
    this.#maker = { dialect: form.dialect }
  }

  events(event: ChatEvent): readonly ChatEvent[] {
    if (event.type === 'response-start') this.#maker = event.origin
    if (this.#maker.dialect === this.#form.dialect) return [event]
    switch (event.type) {
      case 'part-start':
        return this.#start(event)
      case 'part-delta': {
        const open = this.#open.get(event.index)
        if (open === undefined) {
          const index = this.#number(event.index)
          return [index === event.index ? event : { ...event, index }]
        }
        const part = applyDelta(open.part, event.delta)
        if (isWorking(part)) open.part = part
        return []
      }
      case 'part-end':
        return this.#end(event)
      case 'candidate-end':
        return [...this.#rest(event.candidate), event]
      case 'response-end':
      case 'error':
        return [...[...this.#works.keys()].flatMap((candidate) => this.#rest(candidate)), event]
      default:
        return [event]
    }
  }

  #start(event: EventOf<'part-start'>): readonly ChatEvent[] {
    const { part, candidate } = event
    if (isWorking(part)) {
      this.#open.set(event.index, { part, candidate })
      return []
    }
    const index = this.#fresh()
    this.#numbers.set(event.index, index)
    return [{ ...event, index }]
  }

  #end(event: EventOf<'part-end'>): readonly ChatEvent[] {
    const open = this.#open.get(event.index)
    if (open === undefined) return [{ ...event, index: this.#number(event.index) }]
    this.#open.delete(event.index)
    const { candidate } = open
    const parts = this.#worksOf(candidate).take(event.part ?? open.part)
    return parts.flatMap((part) => this.#whole(part, candidate))
  }

  #rest(candidate: number): readonly ChatEvent[] {
    const parts = this.#works.get(candidate)?.rest() ?? []
    return parts.flatMap((part) => this.#whole(part, candidate))
  }

  #whole(part: Part, candidate: number): readonly ChatEvent[] {
    const index = this.#fresh()
    return [
      { type: 'part-start', index, candidate, part },
      { type: 'part-end', index },
    ]
  }

  #worksOf(candidate: number): Works {
    const known = this.#works.get(candidate)
    if (known !== undefined) return known
    const fresh = new Works(this.#form, this.#maker, `${this.#seed}.${candidate}`)
    this.#works.set(candidate, fresh)
    return fresh
  }

  #fresh(): number {
    this.#next += 1
    return this.#next - 1
  }

  #number(index: number): number {
    return this.#numbers.get(index) ?? index
  }
}
