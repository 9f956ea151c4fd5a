// Which credentials are used, and which are left alone for how long.
import { describe, expect, it } from 'vitest'
import { type ErrorDetails, type ErrorKind, GatewayError } from '../canonical/errors.ts'
import type { Credential, Rotation } from '../exchange/credential.ts'
import type { Happening } from '../exchange/happening.ts'
import { KeyRing, type KeyRingOptions } from './key-ring.ts'

const TARGET = { provider: 'a', model: 'm' }

function refusal(kind: ErrorKind, details: ErrorDetails = {}): GatewayError {
  return new GatewayError(kind, 'no', { origin: 'upstream', ...details })
}

const UNKNOWN = refusal('auth', { upstream: { status: 401 } })
const UNPAID = refusal('quota', { upstream: { status: 402 } })
const USED_UP = refusal('quota', { upstream: { status: 429 } })
const FORBIDDEN = refusal('permission', { upstream: { status: 403 } })

class Bench {
  nowMs = 1000
  credentials: Credential[] = ['k1', 'k2'].map((label) => ({ label, weight: 1, generation: 1 }))
  rotation: Rotation = 'round-robin'
  readonly told: Happening[] = []
  readonly ring: KeyRing

  constructor(options: Partial<KeyRingOptions> = {}) {
    this.ring = new KeyRing({
      setOf: (name) =>
        name === 'a' ? { rotation: this.rotation, credentials: this.credentials } : undefined,
      clock: () => this.nowMs,
      tell: (fact) => this.told.push(fact),
      ...options,
    })
  }

  order(busy: Readonly<Record<string, number>> = {}, model = 'm'): string {
    const inTurn = this.ring.inTurn({ ...TARGET, model }, ({ label }) => busy[label] ?? 0) ?? []
    return inTurn.map(({ label }) => label).join(' ')
  }

  fail(label: string, error: GatewayError, generation = 1): void {
    this.ring.failed({ ...TARGET, credential: label }, generation, error)
  }

  state(label: string): string | undefined {
    return this.ring.standing('a').find((one) => one.label === label)?.state
  }
}

describe('the turns', () => {
  it('go round by weight, evenly spread', () => {
    const bench = new Bench()
    bench.credentials = [
      { label: 'k1', weight: 3, generation: 1 },
      { label: 'k2', weight: 1, generation: 1 },
    ]
    const firsts = Array.from({ length: 8 }, () => bench.order().split(' ')[0])
    expect(firsts).toEqual(['k1', 'k1', 'k2', 'k1', 'k1', 'k1', 'k2', 'k1'])
  })

  it('go to the least busy for its weight, or by the order of the list', () => {
    const bench = new Bench()
    bench.rotation = 'least-in-flight'
    expect(bench.order({ k1: 2, k2: 1 })).toBe('k2 k1')
    bench.rotation = 'priority'
    expect([bench.order(), bench.order()]).toEqual(['k1 k2', 'k1 k2'])
  })

  it('are nobody’s where a provider has no credentials', () => {
    const { ring } = new Bench()
    expect(ring.inTurn({ provider: 'b', model: 'm' }, () => 0)).toBeUndefined()
    expect(ring.refusal({ provider: 'b', model: 'm' })).toBeUndefined()
  })
})

describe('a refused credential', () => {
  it.each([
    ['401', UNKNOWN, 'auth'],
    ['402', UNPAID, 'billing'],
  ])('by %s is left alone until its key changes, and that is told', (_status, error, reason) => {
    const bench = new Bench()
    bench.fail('k1', error)
    bench.nowMs += 1e9
    expect([bench.order(), bench.state('k1')]).toEqual(['k2', 'quarantined'])
    expect(bench.told).toEqual([
      { type: 'credential-quarantined', provider: 'a', credential: 'k1', generation: 1, reason },
    ])
    bench.credentials = bench.credentials.map((one) => ({ ...one, generation: 2 }))
    expect([bench.order().length, bench.state('k1')]).toEqual([5, 'ok'])
  })

  it('whose quota is used up rests for a quarter of an hour', () => {
    const bench = new Bench()
    bench.fail('k1', USED_UP)
    expect(bench.state('k1')).toBe('cooling')
    expect(bench.told).toMatchObject([{ type: 'credential-exhausted', forMs: 900_000 }])
    bench.nowMs += 900_000
    expect(bench.state('k1')).toBe('ok')
  })

  it('for one model comes last for that model, and is used for others', () => {
    const bench = new Bench()
    bench.rotation = 'priority'
    bench.fail('k1', FORBIDDEN)
    expect([bench.order(), bench.order({}, 'other')]).toEqual(['k2 k1', 'k1 k2'])
    expect(bench.ring.standing('a')[0]).toMatchObject({
      state: 'ok',
      reason: 'permission',
      closedModels: ['m'],
    })
  })

  it('is not blamed for what its former key met', () => {
    const bench = new Bench()
    bench.credentials = [{ label: 'k1', weight: 1, generation: 2 }]
    bench.fail('k1', UNKNOWN, 1)
    expect([bench.state('k1'), bench.told]).toEqual(['ok', []])
  })

  it('is not blamed where the provider said when to come again', () => {
    const bench = new Bench()
    bench.fail('k1', refusal('quota', { retryAfterMs: 5000, upstream: { status: 402 } }))
    bench.fail('k1', refusal('rate_limit'))
    bench.fail('k1', new GatewayError('auth', 'our own', { origin: 'client' }))
    expect(bench.state('k1')).toBe('ok')
  })

  it('is used again once an operator lifts that', () => {
    const bench = new Bench()
    bench.fail('k1', UNKNOWN)
    expect(bench.ring.lift('a', 'k1', 'operator')).toBe(true)
    expect(bench.ring.lift('a', 'k1', 'operator')).toBe(false)
    expect(bench.order()).toContain('k1')
    expect(bench.told.at(-1)).toMatchObject({ type: 'credential-restored', by: 'operator' })
  })

  it('is checked for free when a call would have used it, not too often, and used again when that succeeds', async () => {
    let checks = 0
    let isMended = false
    const check = async (): Promise<boolean> => {
      checks += 1
      return isMended
    }
    const bench = new Bench({ check })
    bench.fail('k1', UNKNOWN)
    bench.order()
    expect(checks).toBe(0)
    bench.nowMs += 30_000
    bench.order()
    bench.order()
    await bench.ring.idle()
    expect([checks, bench.state('k1')]).toEqual([1, 'quarantined'])
    isMended = true
    bench.nowMs += 30_000
    bench.order()
    await bench.ring.idle()
    expect([checks, bench.state('k1')]).toEqual([2, 'ok'])
  })
})

describe('where no credential is left', () => {
  it.each([
    ['a key', UNKNOWN, { kind: 'auth' }],
    ['money', UNPAID, { kind: 'quota', upstream: { status: 402 } }],
    ['quota', USED_UP, { kind: 'quota', upstream: { status: 429 } }],
  ])('the refusal says that it is for want of %s', (_what, error, told) => {
    const bench = new Bench()
    bench.fail('k1', error)
    expect(bench.ring.refusal(TARGET)).toBeUndefined()
    bench.fail('k2', error)
    expect(bench.ring.refusal(TARGET)).toMatchObject({ ...told, origin: 'upstream' })
  })

  it('says first what passes by itself', () => {
    const bench = new Bench()
    bench.fail('k1', UNKNOWN)
    bench.fail('k2', USED_UP)
    expect(bench.ring.refusal(TARGET)).toMatchObject({ kind: 'quota' })
  })
})

describe('what another process has met', () => {
  const fact = { provider: 'a', credential: 'k1', generation: 1 } as const

  it('holds here as if it had been met here, of the same key, and is not told again', () => {
    const bench = new Bench()
    bench.ring.heard({ type: 'credential-quarantined', ...fact, reason: 'auth' })
    expect([bench.state('k1'), bench.order()]).toEqual(['quarantined', 'k2'])
    bench.ring.heard({ type: 'credential-restored', ...fact, by: 'operator' })
    expect(bench.state('k1')).toBe('ok')
    bench.ring.heard({ type: 'credential-exhausted', ...fact, forMs: 500 })
    expect(bench.state('k1')).toBe('cooling')
    bench.nowMs += 500
    expect(bench.state('k1')).toBe('ok')
    bench.ring.heard({ type: 'credential-quarantined', ...fact, generation: 2, reason: 'auth' })
    expect(bench.state('k1')).toBe('ok')
    expect(bench.told).toEqual([])
  })

  it('closes one model where only that one is', () => {
    const bench = new Bench()
    const closed = { ...fact, reason: 'permission', model: 'm', forMs: 1000 } as const
    bench.ring.heard({ type: 'credential-quarantined', ...closed })
    expect([bench.state('k1'), bench.order().split(' ').at(-1)]).toEqual(['ok', 'k1'])
    bench.ring.heard({ type: 'credential-replaced', ...fact })
    bench.ring.heard({ type: 'key-checked', provider: 'a', standing: 'ok' })
    expect(bench.state('k1')).toBe('ok')
  })
})
