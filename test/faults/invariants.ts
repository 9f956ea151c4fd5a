// What must hold after every scenario, whatever happened in it (the invariants of the reliability design, by their numbers).
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { Happening } from '../../src/exchange/happening.ts'
import type { OpenGateway } from '../open-gateway.ts'
import { CANARY } from './canary.ts'
import type { Seen } from './client.ts'
import type { FaultyUpstream } from './faulty-upstream.ts'
import { numberIn, textOf } from './good-answer.ts'

export interface Scene {
  readonly gateway: OpenGateway
  readonly happenings: readonly Happening[]
  readonly broken: FaultyUpstream
  readonly sound: FaultyUpstream
}

/** Most attempts of one call, and so most requests of one call that an upstream may see. */
const MOST_ATTEMPTS = 3

export class Invariants {
  readonly #seen: Seen[] = []
  readonly #crashes: unknown[] = []
  readonly #resources: Readonly<Record<string, number>> = resources()
  readonly #listener = (thrown: unknown): void => {
    this.#crashes.push(thrown)
  }

  constructor() {
    process.on('uncaughtException', this.#listener)
    process.on('unhandledRejection', this.#listener)
  }

  /** `question` is what the client asked. */
  seen(seen: Seen, question: string): void {
    this.#seen.push(seen)
    const call = numberIn(question)
    // I10: what the client has is the beginning of the one answer, in order and once.
    if (call !== undefined) assert.equal(textOf(call).slice(0, seen.text.length), seen.text)
  }

  /** Before the end, once nothing is under way. */
  async calm({ gateway, happenings, broken, sound }: Scene): Promise<void> {
    const { manager } = gateway.gateway
    const inFlight = (): number =>
      manager
        .listProviders()
        .flatMap(({ name }) => manager.targets.askedOf(name))
        .reduce((sum, target) => sum + manager.targets.standing(target).inFlight, 0)
    // I3: no place at a target is kept.
    await until(() => inFlight() === 0)
    const started = happenings.filter((happening) => happening.type === 'call-started')
    const ended = happenings.filter((happening) => happening.type === 'call-ended')
    // I1: each call has one end.
    assert.deepEqual(idsOf(ended), idsOf(started))
    assert.equal(new Set(idsOf(ended)).size, ended.length)
    // I7: each says whose it was, and what was tried.
    for (const { id, attempts, outcome, caller } of ended) {
      assert.match(id, /^req_/)
      assert.notEqual(caller, undefined)
      if (outcome === 'succeeded') assert.equal(attempts.at(-1)?.outcome, 'ok')
      assert.ok(attempts.length <= MOST_ATTEMPTS)
    }
    // I6: the upstreams saw no more than the attempts that are on record.
    const attempts = ended.reduce((sum, call) => sum + call.attempts.length, 0)
    assert.ok(broken.calls.length + sound.calls.length <= attempts)
    // I5: no key is told to anybody.
    assert.ok(!inspect(happenings, { depth: Infinity }).includes(CANARY))
    for (const { body, headers } of this.#seen) {
      assert.ok(!(body + JSON.stringify(headers)).includes(CANARY))
    }
  }

  /** Once everything is closed. */
  async baseline(): Promise<void> {
    // I4: sockets, servers and timers are as they were.
    await until(
      () => over(this.#resources).length === 0,
      () => over(this.#resources).join(', '),
    )
    process.off('uncaughtException', this.#listener)
    process.off('unhandledRejection', this.#listener)
    // I11
    assert.deepEqual(this.#crashes, [])
  }
}

function idsOf(happenings: readonly { readonly id: string }[]): readonly string[] {
  return happenings.map(({ id }) => id).toSorted()
}

const KINDS = new Set([
  'TCPSocketWrap',
  'TCPServerWrap',
  'TLSWrap',
  'Timeout',
  'GetAddrInfoReqWrap',
])

function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    if (KINDS.has(kind)) counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/** What there is more of than before. */
function over(before: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(resources()).flatMap(([kind, count]) =>
    count > (before[kind] ?? 0) ? [`${kind}: ${count} instead of ${before[kind] ?? 0}`] : [],
  )
}

const PATIENCE_MS = 3000

/** Waits for a fact. */
export async function until(
  isSo: () => boolean,
  otherwise: () => string = () => isSo.toString(),
): Promise<void> {
  const start = performance.now()
  while (!isSo()) {
    if (performance.now() - start > PATIENCE_MS) throw new Error(`never true: ${otherwise()}`)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
