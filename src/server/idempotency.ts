// The header Idempotency-Key: of calls that are sent with one key, one is made; the others get its answer (draft-ietf-httpapi-idempotency-key-header-07).
import { GatewayError } from '../canonical/errors.ts'
import type { IdempotencyResult } from '../exchange/facts/answers.ts'
import type { Tell } from '../exchange/happening.ts'
import type { EntryStore } from '../resilience/cache/entry-store.ts'
import { digest, stableText } from '../resilience/cache/stable-text.ts'
import type { Every } from '../resilience/limits/lease.ts'
import { isObject, tryParseJson } from '../wire/json.ts'
import { ownerOf } from './auth.ts'
import { clientError, retryHeaders } from './client-error.ts'
import { JSON_HEADERS, type Outbound } from './message.ts'
import { type KeptCall, keptCall, type StoredOutbound } from './kept-call.ts'
import type { Call, Route } from './route.ts'
import { type Ending, watchedBody } from './watched-body.ts'

export interface IdempotencyOptions {
  /** Shared with other gateways; absent: each process has its own. */
  readonly shared?: EntryStore
  /** In memory. */
  readonly own: EntryStore
  /** How long an answer is kept. Default 86400000. */
  readonly ttlMs: number
  /** Characters of one answer; a longer one is not kept. Default 1048576. */
  readonly maxAnswer: number
  readonly every: Every
  readonly tell: Tell
}

/** A call whose process is not heard of for so long has died with it. */
const CLAIM_MS = 60_000
const HEARTBEAT_MS = 15_000
const KEY = /^[\x21-\x7e]{1,255}$/
const REPLAYED = { 'idempotency-replayed': 'true' } as const

type Answer = () => Promise<Outbound>

interface Asked {
  readonly route: Route
  readonly call: Call
  readonly make: Answer
}

export class Idempotency {
  readonly #options: IdempotencyOptions

  constructor(options: IdempotencyOptions) {
    this.#options = options
  }

  /** Makes the call, unless one with its key is under way or was made: throws GatewayError conflict, and invalid_request with 422 where that asked something else. */
  answer(route: Route, call: Call, make: Answer): Promise<Outbound> {
    const header = call.headers['idempotency-key']
    if (header === undefined || route.access === 'open' || call.method !== 'POST') return make()
    return this.#once(header, { route, call, make })
  }

  async #once(header: string, { route, call, make }: Asked): Promise<Outbound> {
    const key = await this.#nameOf(call, keyIn(header))
    const running: KeptCall = { state: 'running', asked: await fingerprint(call) }
    const { known, store } = await this.#claimed(key, running, call.id)
    if (known === undefined) {
      this.#tell(call.id, 'first')
      return new Made({ ...this.#options, store, key, running, route, call }).answer(make)
    }
    if (known.asked !== running.asked) {
      this.#tell(call.id, 'mismatch')
      throw reused()
    }
    if (known.state === 'running') {
      this.#tell(call.id, 'in-flight')
      throw inFlight()
    }
    this.#tell(call.id, 'replayed')
    const { status, headers, body } = known.answer
    return { status, headers: { ...headers, ...REPLAYED }, body }
  }

  /** Forgets what is in memory. */
  async close(): Promise<void> {
    await this.#options.own.close()
  }

  /** Each caller's keys are its own. */
  async #nameOf({ caller }: Call, key: string): Promise<string> {
    return `idempotency:${await digest(stableText([ownerOf(caller), key]))}`
  }

  /** A lost Redis is no reason to make a call twice at this process. */
  async #claimed(
    key: string,
    running: KeptCall,
    id: string,
  ): Promise<{ readonly known: KeptCall | undefined; readonly store: EntryStore }> {
    const { shared, own } = this.#options
    const text = JSON.stringify(running)
    if (shared !== undefined) {
      try {
        return { known: keptCall(await shared.claim(key, text, CLAIM_MS)), store: shared }
      } catch {
        this.#tell(id, 'store-lost')
      }
    }
    return { known: keptCall(await own.claim(key, text, CLAIM_MS)), store: own }
  }

  #tell(id: string, result: IdempotencyResult): void {
    this.#options.tell({ type: 'idempotency', id, result })
  }
}

interface MadeOptions extends IdempotencyOptions {
  readonly store: EntryStore
  readonly key: string
  readonly running: KeptCall
  readonly route: Route
  readonly call: Call
}

/** The one call that is made. */
class Made {
  readonly #options: MadeOptions
  readonly #callOff: () => void

  constructor(options: MadeOptions) {
    this.#options = options
    const { every, store, key, running } = options
    this.#callOff = every(HEARTBEAT_MS, () => {
      store.set(key, JSON.stringify(running), CLAIM_MS).catch(() => undefined)
    })
  }

  async answer(make: Answer): Promise<Outbound> {
    let outbound: Outbound
    try {
      outbound = await make()
    } catch (thrown) {
      await this.#failed(thrown)
      throw thrown
    }
    const { status, headers, body, endedWell } = outbound
    if (typeof body === 'string') {
      await this.#keep({ status, headers, body })
      return outbound
    }
    const onEnd = async (ending: Ending): Promise<void> => {
      const isWhole = ending.kind === 'whole' && endedWell?.() === true
      await (isWhole ? this.#keep({ status, headers, body: ending.text }) : this.#free())
    }
    const { maxAnswer } = this.#options
    return { ...outbound, body: watchedBody(body, { maxLength: maxAnswer, onEnd }) }
  }

  /** Where a provider may have done the work, it is not done again: the failure is the answer. */
  async #failed(thrown: unknown): Promise<void> {
    const { route, call } = this.#options
    const { attempts } = call.openTrail()
    if (!attempts.some(({ uncertain }) => uncertain === true)) return this.#free()
    const error = clientError(thrown)
    const wire = route.writeError(error, call.id)
    const headers = { ...JSON_HEADERS, ...wire.headers, ...retryHeaders(error, attempts.length) }
    const body = wire.text ?? JSON.stringify(wire.body ?? {})
    return this.#keep({ status: wire.status, headers, body })
  }

  async #keep(answer: StoredOutbound): Promise<void> {
    const { store, key, running, ttlMs, maxAnswer, route } = this.#options
    const body = withoutOnce(answer.body, route.showsOnce)
    const done: KeptCall = { state: 'done', asked: running.asked, answer: { ...answer, body } }
    const text = JSON.stringify(done)
    if (text.length > maxAnswer) return this.#free()
    this.#callOff()
    await this.#told(store.set(key, text, ttlMs), 'stored')
  }

  async #free(): Promise<void> {
    const { store, key } = this.#options
    this.#callOff()
    await this.#told(store.remove(key), 'not-stored')
  }

  async #told(work: Promise<void>, result: IdempotencyResult): Promise<void> {
    const { tell, call } = this.#options
    const { id } = call
    await work.then(
      () => tell({ type: 'idempotency', id, result }),
      () => tell({ type: 'idempotency', id, result: 'store-lost' }),
    )
  }
}

/** The draft has a string in quotes; most clients send it without. */
function keyIn(header: string): string {
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  if (KEY.test(key)) return key
  throw new GatewayError(
    'invalid_request',
    'The header Idempotency-Key must be 1 to 255 printable characters without spaces, such as a UUID.',
    { origin: 'client', code: 'invalid_idempotency_key', param: 'idempotency-key' },
  )
}

/** What is shown once is kept nowhere. */
function withoutOnce(body: string, names: readonly string[] = []): string {
  const value = names.length === 0 ? undefined : tryParseJson(body)
  if (!isObject(value)) return body
  return JSON.stringify({ ...value, ...Object.fromEntries(names.map((name) => [name, null])) })
}

/** What the call asks: where, and with which body; the order of its fields does not count. */
async function fingerprint({ path, query, body, text }: Call): Promise<string> {
  return digest(stableText([path, [...query], body ?? text ?? '']))
}

function inFlight(): GatewayError {
  return new GatewayError(
    'conflict',
    'A call with this Idempotency-Key is under way. Wait for its answer, or ask again for it later.',
    { origin: 'client', code: 'idempotency_in_flight', retryAfterMs: 1000 },
  )
}

function reused(): GatewayError {
  return new GatewayError(
    'invalid_request',
    'This Idempotency-Key was used for a call that asked something else. Use a new key for a new call.',
    { origin: 'client', status: 422, code: 'idempotency_key_reused', param: 'idempotency-key' },
  )
}
