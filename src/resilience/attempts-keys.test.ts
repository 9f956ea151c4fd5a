// The keys of a target in the loop over attempts: which one is tried, what comes after a refusal, and what time allows.
import { describe, expect, it } from 'vitest'
import { wholeExchange, wholeReply } from '../../test/chat-exchange.ts'
import { type ErrorDetails, type ErrorKind, GatewayError } from '../canonical/errors.ts'
import type { Credential } from '../exchange/credential.ts'
import type { ChatExchange, Reply, Target } from '../exchange/exchange.ts'
import type { Happening } from '../exchange/happening.ts'
import { Trail } from '../exchange/trail.ts'
import { attempts } from './attempts.ts'
import { KeyRing } from './key-ring.ts'
import { TargetHealth } from './target-health.ts'

const A = { provider: 'a', model: 'm' }
const B = { provider: 'b', model: 'm' }

function upstream(kind: ErrorKind, details: ErrorDetails = {}): GatewayError {
  return new GatewayError(kind, `${kind} happened`, { origin: 'upstream', ...details })
}

const UNKNOWN = upstream('auth')
const LIMITED = upstream('rate_limit', { retryAfterMs: 30_000 })
const DOWN = upstream('internal', { upstream: { status: 500 } })

class Bench {
  nowMs = 1000
  credentials: Credential[] = ['k1', 'k2', 'k3'].map((label) => {
    return { label, weight: 1, generation: 1 }
  })
  readonly trail: Trail = new Trail()
  readonly told: Happening[] = []
  readonly health: TargetHealth = new TargetHealth({ clock: () => this.nowMs, random: () => 0.5 })
  readonly keys: KeyRing = new KeyRing({
    setOf: (name) =>
      name === 'a' ? { rotation: 'priority', credentials: this.credentials } : undefined,
    clock: () => this.nowMs,
    tell: (fact) => this.told.push(fact),
  })
  /** What each place says, by `a#k1` or `b`. */
  readonly says = new Map<string, () => GatewayError | undefined>()

  async ask(targets: readonly Target[], changes: Partial<ChatExchange> = {}): Promise<Reply> {
    const [target = A, ...alternatives] = targets
    const middleware = attempts({
      health: this.health,
      keys: this.keys,
      clock: () => this.nowMs,
      random: () => 0,
      pause: async () => undefined,
      tell: (fact) => this.told.push(fact),
    })
    return middleware(async ({ target: { provider, credential } }) => {
      const name = credential === undefined ? provider : `${provider}#${credential}`
      const error = this.says.get(name)?.()
      if (error !== undefined) throw error
      return wholeReply()
    })(wholeExchange({ target, alternatives, trail: this.trail, ...changes }))
  }
}

describe('a target with several keys', () => {
  it('is asked with another key where one is limited, before anybody else is', async () => {
    const bench = new Bench()
    bench.says.set('a#k1', () => LIMITED)
    const reply = await bench.ask([A, B])
    expect(reply.target).toEqual({ ...A, credential: 'k2' })
    expect(String(bench.trail)).toBe('a/m#k1=rate_limit; a/m#k2=ok')
  })

  it('is asked with one other key after a refusal, then another target is', async () => {
    const bench = new Bench()
    for (const key of ['a#k1', 'a#k2', 'a#k3']) bench.says.set(key, () => UNKNOWN)
    await bench.ask([A, B])
    expect(String(bench.trail)).toBe('a/m#k1=auth; a/m#k2=auth; b/m=ok')
  })

  it('is not asked with another key where the host is what fails', async () => {
    const bench = new Bench()
    bench.says.set('a#k1', () => DOWN)
    await bench.ask([A, B])
    expect(String(bench.trail)).toBe('a/m#k1=internal; b/m=ok')
  })

  it('F137 is asked with the new key where the old one was refused on its way', async () => {
    const bench = new Bench()
    bench.credentials = bench.credentials.slice(0, 1)
    bench.says.set('a#k1', () => {
      const [key] = bench.credentials
      if (key === undefined || key.generation > 1) return undefined
      bench.credentials = [{ ...key, generation: 2 }]
      return UNKNOWN
    })
    await bench.ask([A])
    expect(bench.trail.attempts.map(({ outcome, generation }) => [outcome, generation])).toEqual([
      ['auth', 1],
      ['ok', 2],
    ])
    expect(bench.told.filter(({ type }) => type === 'credential-quarantined')).toEqual([])
  })

  it('is passed over where every key of it is refused, and says so where there is no other', async () => {
    const bench = new Bench()
    bench.credentials = bench.credentials.slice(0, 1)
    bench.says.set('a#k1', () => UNKNOWN)
    await expect(bench.ask([A])).rejects.toBe(UNKNOWN)
    await expect(bench.ask([A])).rejects.toMatchObject({ kind: 'auth', origin: 'upstream' })
    await bench.ask([A, B])
    expect(String(bench.trail)).toBe('a/m#k1=auth; b/m=ok')
  })

  it('holds no place once every call has ended', async () => {
    const bench = new Bench()
    bench.says.set('a#k1', () => UNKNOWN).set('a#k2', () => LIMITED)
    await bench.ask([A, B])
    for (const credential of ['k1', 'k2', 'k3']) {
      expect(bench.health.standing({ ...A, credential }).inFlight).toBe(0)
    }
    expect(bench.health.standing(A).inFlight).toBe(0)
  })
})

describe('time', () => {
  it('F103 leaves a target that usually begins later than the caller waits', async () => {
    const bench = new Bench()
    const entry = bench.health.enter(B)
    if (entry === undefined) throw new Error('not let in')
    bench.health.began(entry, 500)
    bench.health.end(entry, 'succeeded')
    bench.says.set('a#k1', () => DOWN)
    await expect(bench.ask([A, B], { deadlineMs: bench.nowMs + 499 })).rejects.toBe(DOWN)
    expect(bench.told).toContainEqual({
      type: 'retry-denied',
      id: 'req_1',
      target: B,
      reason: 'deadline',
    })
    expect(bench.health.standing(B).inFlight).toBe(0)
    await bench.ask([A, B], { deadlineMs: bench.nowMs + 500 })
  })

  it('F047 keeps no hint for longer than is sensible, and says so', async () => {
    const bench = new Bench()
    bench.says.set('b', () => upstream('rate_limit', { retryAfterMs: 1e9 }))
    await bench.ask([B, A])
    expect(bench.health.standing(B).coolingMs).toBe(60_000)
    expect(bench.told).toContainEqual({
      type: 'retry-hint-clamped',
      id: 'req_1',
      target: B,
      saidMs: 1e9,
      keptMs: 60_000,
    })
  })
})

describe('F104 a client that tries again by itself', () => {
  it('gets no repeat of ours on top, but still another target', async () => {
    const bench = new Bench()
    bench.says.set('b', () => DOWN)
    await expect(bench.ask([B], { clientRetries: 1 })).rejects.toBe(DOWN)
    expect(String(bench.trail)).toBe('b/m=internal')
    expect(bench.told).toContainEqual({ type: 'client-retry-seen', id: 'req_1', count: 1 })
    await bench.ask([B, A], { clientRetries: 2 })
    expect(String(bench.trail)).toMatch(/a\/m#k1=ok$/)
  })
})
