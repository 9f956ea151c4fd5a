// What goes wrong where, drawn from a seed: the same for a call and a provider whatever else runs beside it.
import { GatewayError } from '../../src/canonical/errors.ts'
import { emptyRequest } from '../../src/dialects/dialect.contract.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { writeFrame } from '../../src/wire/framing.ts'
import { type Script, answers, raw, refusal } from '../faults/fault.ts'

export interface ChaosPlanOptions {
  readonly seed: number
  /** Share of attempts that meet a fault. */
  readonly rate: number
  /** At least one of them is healthy for each call. */
  readonly providers: readonly string[]
}

/** A time in which one provider is gone, in numbers of calls. */
export interface Outage {
  readonly provider: string
  readonly from: number
  readonly to: number
}

/** Where a call stands: which one, and in which shape its answer is wanted. */
export interface Planned {
  readonly call: number
  readonly dialect: Dialect
  readonly streamed: boolean
}

type Make = (planned: Planned) => Script

const BUSY = new GatewayError('overloaded', 'The provider has no room.', { origin: 'upstream' })

/** Each as often as it stands here; a stall costs time, and is rare. */
const FAULTS: Readonly<Record<string, Make>> = {
  'reset before the head': () => [{ at: 'head', do: 'reset' }],
  'end before the head': () => [{ at: 'head', do: 'fin' }],
  'status 429': () => refusal(429, { error: { message: 'Slow down.' } }, ['retry-after: 1']),
  'status 500': () => refusal(500, { error: { message: 'Oops.' } }),
  'status 503': () => refusal(503, { error: { message: 'No room.' } }),
  'status 529': () => refusal(529, { error: { message: 'Overloaded.' } }),
  'status 502 in HTML': () => refusal(502, '<html>Bad Gateway</html>'),
  garbage: () => raw('\u0000\u0001 this is no HTTP \r\n\r\n'),
  'a page under 200': () => answers('<html>Sign in</html>', 'text/html'),
  'half a JSON under 200': () => answers('{"oops'),
  'nothing under 200': () => answers(''),
  'an error under 200': ({ dialect }) =>
    answers(JSON.stringify(dialect.error.encode(BUSY, 'up').body)),
  'an error in the stream': (planned) =>
    planned.streamed
      ? [
          ...untilContent(planned),
          { at: 'end', do: 'event', text: errorFrame(planned) },
          { at: 'end', do: 'fin' },
        ]
      : answers('{'),
  'an end behind the opening': (planned) => [...untilContent(planned), { at: 'end', do: 'fin' }],
  'a reset behind the opening': (planned) => [...untilContent(planned), { at: 'end', do: 'reset' }],
  'a frame that is no JSON': (planned) =>
    planned.streamed
      ? [{ at: { frame: 0 }, do: 'event', text: 'data: {oops\n\n' }]
      : answers('{oops'),
  'a cut after six words': (planned) => cutAfter(planned, 5),
  'a cut after one word': (planned) => cutAfter(planned, 0),
}

const STALL: Script = [{ at: 'head', do: 'stall' }]
const STALL_SHARE = 0.01

export class ChaosPlan {
  readonly #options: ChaosPlanOptions
  readonly #outages: readonly Outage[]

  constructor(options: ChaosPlanOptions, outages: readonly Outage[] = []) {
    this.#options = options
    this.#outages = outages
  }

  /** The name of what a call meets at a provider; undefined: nothing. */
  faultAt(call: number, provider: string): string | undefined {
    if (!this.#isHit(call, provider)) return undefined
    const draw = this.#draw(call, provider, 'kind')
    if (draw < STALL_SHARE) return 'stall'
    const names = Object.keys(FAULTS)
    return names[Math.floor(((draw - STALL_SHARE) / (1 - STALL_SHARE)) * names.length)]
  }

  scriptAt(planned: Planned, provider: string): Script {
    const name = this.faultAt(planned.call, provider)
    if (name === undefined) return []
    return FAULTS[name]?.(planned) ?? STALL
  }

  /** Of all providers but those that are gone about now, one is spared: the call's own choice. */
  #isHit(call: number, provider: string): boolean {
    const { providers, rate } = this.#options
    const there = providers.filter((name) => !this.#isGone(call, name))
    const isHit = (name: string): boolean => this.#draw(call, name, 'hit') < rate
    if (!isHit(provider)) return false
    const spared = there[Math.floor(this.#draw(call, '', 'spared') * there.length)]
    return provider !== spared || !there.every(isHit)
  }

  /** Calls overtake each other: so many before and behind an outage count as in it. */
  #isGone(call: number, provider: string): boolean {
    return this.#outages.some(
      (outage) =>
        outage.provider === provider && call >= outage.from - MARGIN && call < outage.to + MARGIN,
    )
  }

  #draw(call: number, provider: string, what: string): number {
    return drawn(`${this.#options.seed}/${call}/${provider}/${what}`)
  }
}

const MARGIN = 200

/** 0 to 1, spread evenly over texts: FNV-1a and the finish of MurmurHash3. */
export function drawn(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** Only the frames before the first word; of a whole answer, its first half. */
function untilContent({ call, streamed }: Planned): Script {
  if (!streamed) return [{ at: { body: 40 }, do: 'fin' }]
  let isBefore = true
  return [
    {
      at: 'head',
      do: 'keep',
      frames: (frame) => {
        isBefore &&= !frame.includes(`${call}.0`)
        return isBefore
      },
    },
  ]
}

function cutAfter({ call, streamed }: Planned, word: number): Script {
  if (!streamed) return [{ at: { body: 60 }, do: 'reset' }]
  let isBefore = true
  return [
    {
      at: 'head',
      do: 'keep',
      frames: (frame) => {
        const isKept = isBefore
        isBefore &&= !frame.includes(`${call}.${word} `)
        return isKept
      },
    },
    { at: 'end', do: 'fin' },
  ]
}

function errorFrame({ dialect }: Planned): string {
  const encoder = dialect.stream.encoder({
    request: emptyRequest(dialect.id),
    requestId: 'up',
    now: () => 0,
  })
  const [frame] = encoder.write({ type: 'error', error: BUSY })
  return frame === undefined ? '' : writeFrame(dialect.framing, frame)
}
