// What the three strict upstreams share: how they refuse, and what they remember of the state they have given out.
import type { FakeUpstream, ScriptedReply, SeenRequest } from '../fake-upstream.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../src/wire/json.ts'

/** A request that a vendor would answer 400 to. */
export class Refused extends Error {}

export interface Issued {
  /** The state, exactly as it was given out. */
  readonly payload: string
  /** Of what it is a part: text of the thinking, or the call or message that it belongs to. */
  readonly belongsTo: string
}

/** State that one upstream has given out, and how often it came back unchanged to where it belongs. */
export class Ledger {
  readonly vendor: string
  readonly #issued = new Map<string, Issued>()
  readonly #returned = new Set<string>()

  constructor(vendor: string) {
    this.vendor = vendor
  }

  issue(belongsTo: string): string {
    // Base64, as all of them are, with what two alphabets spell otherwise.
    const payload = btoa(
      `${this.vendor}?>~${this.#issued.size}:${belongsTo}`.replaceAll(/[^\x20-\x7e]/g, '.'),
    )
    this.#issued.set(payload, { payload, belongsTo })
    return payload
  }

  /** Throws unless it was given out for this. */
  accept(payload: string, belongsTo: string, complaint: string): void {
    if (this.#issued.get(payload)?.belongsTo !== belongsTo) throw new Refused(complaint)
    this.#returned.add(payload)
  }

  knows(payload: string): boolean {
    return this.#issued.has(payload)
  }

  /** All that was given out, in order. */
  get issued(): readonly string[] {
    return [...this.#issued.keys()]
  }

  hasReturned(payload: string): boolean {
    return this.#returned.has(payload)
  }
}

export interface StrictUpstream {
  readonly upstream: FakeUpstream
  readonly ledger: Ledger
  /** Why requests were refused. */
  readonly refusals: readonly string[]
}

/** Answers 400 where a rule is broken. */
export function strictly(
  upstream: FakeUpstream,
  ledger: Ledger,
  vendor: {
    readonly answer: (request: SeenRequest, body: JsonObject) => ScriptedReply
    readonly refusal: (message: string) => JsonObject
  },
): StrictUpstream {
  const refusals: string[] = []
  upstream.answer((request) => {
    try {
      if (!isObject(request.json)) throw new Refused('no JSON')
      return vendor.answer(request, request.json)
    } catch (error) {
      const message = error instanceof Error ? error.message : 'broken'
      refusals.push(`${ledger.vendor}: ${message}`)
      return { status: 400, chunks: [JSON.stringify(vendor.refusal(message))] }
    }
  })
  return { upstream, ledger, refusals }
}

export function objectsIn(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter((item) => isObject(item)) : []
}

export function sse(events: readonly JsonObject[], done = ''): ScriptedReply {
  const frames = events.map((event) => {
    const { type } = event
    const name = typeof type === 'string' ? `event: ${type}\n` : ''
    return `${name}data: ${JSON.stringify(event)}\n\n`
  })
  return {
    headers: { 'content-type': 'text/event-stream' },
    chunks: [...frames, done].filter((chunk) => chunk !== ''),
  }
}
