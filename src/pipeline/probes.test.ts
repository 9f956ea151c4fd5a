// Providers that are asked whether they are there: what it does to their targets, and what is known of keys before any call.
import { afterEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { Happening } from '../exchange/happening.ts'
import type { ProbeStyle } from '../exchange/probe-style.ts'
import { Credentials } from '../providers/credentials.ts'
import type { HealthReport } from '../providers/health.ts'
import { ScriptedProvider, type ScriptedProviderOptions } from '../providers/scripted-provider.ts'
import { ProviderManager } from './library.ts'
import type { ProbesOptions } from './probes.ts'

/** Answers probes and checks as it is told. */
class Probed extends ScriptedProvider {
  style: ProbeStyle = 'at-intervals'
  report: Partial<HealthReport> = { healthy: true }
  probes = 0
  checks = 0
  readonly #keys: Credentials

  constructor(options: ScriptedProviderOptions) {
    super(options)
    this.#keys = new Credentials(this.config)
  }

  override get probeStyle(): ProbeStyle {
    return this.style
  }

  override get credentials(): Credentials {
    return this.#keys
  }

  override async probe(): Promise<HealthReport> {
    this.probes += 1
    return this.#reported()
  }

  override async checkHealth(): Promise<HealthReport> {
    this.checks += 1
    return this.#reported()
  }

  #reported(): HealthReport {
    return { healthy: false, latencyMs: 1, checkedAtMs: 0, ...this.report }
  }
}

interface Bench {
  readonly manager: ProviderManager
  readonly told: Happening[]
  /** So many seconds, by the second. */
  readonly pass: (seconds: number) => Promise<void>
  readonly beats: () => number
}

let manager: ProviderManager | undefined

afterEach(async () => manager?.closeAll())

function bench(probes?: ProbesOptions): Bench {
  let nowMs = 0
  const beats = new Set<() => void>()
  const told: Happening[] = []
  manager = new ProviderManager({
    clock: () => nowMs,
    random: () => 0.5,
    every: (_milliseconds, run) => {
      beats.add(run)
      return () => beats.delete(run)
    },
    ...(probes === undefined ? {} : { probes }),
  })
  manager.happenings.listen((fact) => told.push(fact))
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      nowMs += 1000
      for (const beat of beats) beat()
      await manager?.probed()
    }
  }
  return { manager, told, pass, beats: () => beats.size }
}

const TARGET = { provider: 'house', model: 'tiny' }

function states(told: readonly Happening[]): readonly string[] {
  return told.flatMap((fact) => (fact.type === 'target-state-changed' ? [fact.to] : []))
}

function keyed(told: readonly Happening[]): readonly string[] {
  return told.flatMap((fact) => (fact.type === 'key-checked' ? [fact.standing] : []))
}

describe('probes', () => {
  it('are made of nobody unless they are asked for', async () => {
    const { manager, pass, beats } = bench()
    const house = new Probed({ name: 'house', apiKey: 'k' })
    manager.registerProvider(house)
    await pass(60)
    expect([house.probes, house.checks, beats()]).toEqual([0, 0, 0])
  })

  it('close a provider that is not there to calls, and open it when it is back', async () => {
    const { manager, told, pass } = bench({})
    const house = new Probed({ name: 'house', replies: ['Hello!'] })
    manager.registerProvider(house)
    await manager.chat('Hi', { model: 'tiny' })
    house.report = { healthy: false }
    await pass(20)
    expect(states(told)).toEqual([])
    await pass(2)
    expect(states(told)).toEqual(['open'])
    expect(manager.targets.standing(TARGET).lastFailure).toBe('probe_failed')
    house.report = { healthy: true }
    await pass(30)
    expect(states(told).slice(0, 2)).toEqual(['open', 'half-open'])
    await manager.chat('Hi', { model: 'tiny' })
    await manager.chat('Hi', { model: 'tiny' })
    expect(states(told).at(-1)).toBe('slow-start')
  })

  it('spend no trial of a call on a provider that does not answer', async () => {
    const { manager, told, pass } = bench({})
    const down = new GatewayError('upstream', 'Broken.', { origin: 'upstream' })
    const house = new Probed({ name: 'house', replies: [down] })
    house.style = 'when-idle'
    house.report = { healthy: false }
    manager.registerProvider(house)
    for (let call = 0; call < 5; call += 1) {
      await manager.chat('Hi', { model: 'tiny' }).catch(() => undefined)
    }
    expect(states(told)).toEqual(['open'])
    expect(house.probes).toBe(0)
    await pass(6)
    expect(house.probes).toBe(1)
    expect(states(told)).toEqual(['open', 'half-open', 'open'])
  })

  it('take a refused key for an answer', async () => {
    const { manager, told, pass } = bench({})
    const house = new Probed({ name: 'house', replies: ['Hello!'] })
    house.report = { healthy: false, key: 'invalid' }
    manager.registerProvider(house)
    await manager.chat('Hi', { model: 'tiny' })
    await pass(60)
    expect(states(told)).toEqual([])
  })

  it('end with the manager', async () => {
    const { manager, beats } = bench({})
    expect(beats()).toBe(1)
    await manager.closeAll()
    expect(beats()).toBe(0)
  })
})

describe('the key of a provider', () => {
  it('is looked at once when it is registered, and shown', async () => {
    const { manager, told } = bench({ probes: false })
    const house = new Probed({ name: 'house', apiKey: 'k' })
    house.report = { healthy: false, reason: 'No.', key: 'invalid' }
    manager.registerProvider(house)
    await manager.probed()
    expect(house.checks).toBe(1)
    expect(keyed(told)).toEqual(['invalid'])
    expect(manager.getStatus().providers[0]?.health).toMatchObject({
      key: 'invalid',
      reason: 'No.',
    })
  })

  it('is told again only where it has changed', async () => {
    const { manager, told, pass } = bench({})
    const house = new Probed({ name: 'house', apiKey: 'k' })
    house.report = { healthy: true, key: 'ok' }
    manager.registerProvider(house)
    await pass(30)
    house.report = { healthy: false, key: 'invalid' }
    await pass(10)
    expect(keyed(told)).toEqual(['ok', 'invalid'])
  })

  it('is not looked at where there is none, or where nobody wants it', async () => {
    const { manager } = bench({ probes: false, checkKeys: false })
    const house = new Probed({ name: 'house', apiKey: 'k' })
    manager.registerProvider(house)
    await manager.probed()
    expect(house.checks).toBe(0)
    await manager.closeAll()
    const other = bench({ probes: false })
    const bare = new Probed({ name: 'bare' })
    other.manager.registerProvider(bare)
    await other.manager.probed()
    expect(bare.checks).toBe(0)
  })
})
