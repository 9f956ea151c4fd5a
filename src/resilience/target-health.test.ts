// What is remembered of targets.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { Happening } from '../exchange/happening.ts'
import { TargetHealth } from './target-health.ts'

const CLAUDE = { provider: 'anthropic', model: 'claude' }
const OTHER = { provider: 'anthropic', model: 'other' }

function bench(): { readonly health: TargetHealth; readonly at: (ms: number) => void } {
  let nowMs = 0
  const health = new TargetHealth({ clock: () => nowMs, random: () => 0.5 })
  return {
    health,
    at: (ms) => {
      nowMs = ms
    },
  }
}

function fail(health: TargetHealth, times: number): void {
  for (let count = 0; count < times; count += 1) {
    const entry = health.enter(CLAUDE)
    if (entry === undefined) throw new Error('not let in')
    health.failed(entry, new GatewayError('timeout', 'x', { code: 'idle_timeout' }))
    health.end(entry, 'failed')
  }
}

interface Told {
  readonly health: TargetHealth
  readonly told: Happening[]
  readonly at: (ms: number) => void
  /** One beat, where there is one. */
  readonly beat: () => void
  readonly beats: () => boolean
}

function telling(): Told {
  let nowMs = 0
  let run: (() => void) | undefined
  const told: Happening[] = []
  const health = new TargetHealth({
    clock: () => nowMs,
    random: () => 0.5,
    tell: (fact) => told.push(fact),
    every: (_milliseconds, step) => {
      run = step
      return () => {
        run = undefined
      }
    },
  })
  const at = (ms: number): void => {
    nowMs = ms
  }
  return { health, told, at, beat: () => run?.(), beats: () => run !== undefined }
}

describe('what is told of a target', () => {
  const CHANGED = { type: 'target-state-changed', target: CLAUDE }

  it('is each change of its state, at the moment when a call makes it', () => {
    const { health, told } = telling()
    fail(health, 5)
    expect(told).toEqual([
      { ...CHANGED, from: 'closed', to: 'open', reason: 'idle_timeout', waitMs: 5000 },
    ])
  })

  it('is also what time alone changes, for as long as there is such a thing', () => {
    const { health, told, at, beat, beats } = telling()
    expect(beats()).toBe(false)
    fail(health, 5)
    expect(beats()).toBe(true)
    at(5000)
    beat()
    expect(told.at(-1)).toEqual({ ...CHANGED, from: 'open', to: 'half-open' })
    expect(beats()).toBe(false)
    for (let trial = 0; trial < 2; trial += 1) {
      const entry = health.enter(CLAUDE)
      if (entry !== undefined) health.end(entry, 'succeeded')
    }
    expect(told.at(-1)).toEqual({ ...CHANGED, from: 'half-open', to: 'slow-start' })
    at(35_000)
    beat()
    expect(told.at(-1)).toEqual({ ...CHANGED, from: 'slow-start', to: 'closed' })
    expect(beats()).toBe(false)
  })

  it('is a call past its open breaker, until the breaker moves', () => {
    const { health, told } = telling()
    fail(health, 5)
    const probe = health.enterAnyway(CLAUDE)
    expect(told.at(-1)).toEqual({ type: 'panic-changed', target: CLAUDE, panics: true })
    if (probe !== undefined) health.end(probe, 'succeeded')
    expect(told.at(-1)).toEqual({ type: 'panic-changed', target: CLAUDE, panics: false })
  })

  it('is a time for which it is left alone, and which is obeyed for a minute at most', () => {
    const { health, told } = telling()
    const entry = health.enter(CLAUDE)
    if (entry === undefined) throw new Error('not let in')
    for (const milliseconds of [2000, 1000, 1e9]) health.cool(entry, milliseconds)
    expect(told).toEqual([
      { type: 'target-cooled', target: CLAUDE, forMs: 2000 },
      { type: 'target-cooled', target: CLAUDE, forMs: 60_000 },
    ])
  })

  it('ends when its health is closed', () => {
    const { health, beats } = telling()
    fail(health, 5)
    health.close()
    expect(beats()).toBe(false)
  })
})

describe('TargetHealth', () => {
  it('counts calls under way', () => {
    const { health } = bench()
    const entries = [health.enter(CLAUDE), health.enter(CLAUDE)]
    expect(health.standing(CLAUDE).inFlight).toBe(2)
    for (const entry of entries) if (entry !== undefined) health.end(entry, 'untold')
    expect(health.standing(CLAUDE).inFlight).toBe(0)
  })

  it('knows each model of a provider for itself', () => {
    const { health } = bench()
    fail(health, 5)
    expect(health.standing(CLAUDE)).toMatchObject({ state: 'open', lastFailure: 'idle_timeout' })
    expect(health.standing(OTHER).state).toBe('closed')
    expect(health.enter(CLAUDE)).toBeUndefined()
  })

  it('lets one call at a time past an open breaker, and closes it when that succeeds', () => {
    const { health } = bench()
    fail(health, 5)
    const probe = health.enterAnyway(CLAUDE)
    expect(probe).toBeDefined()
    expect(health.enterAnyway(CLAUDE)).toBeUndefined()
    if (probe !== undefined) health.end(probe, 'failed')
    const next = health.enterAnyway(CLAUDE)
    if (next !== undefined) health.end(next, 'succeeded')
    expect(health.standing(CLAUDE)).toEqual({
      state: 'slow-start',
      sinceMs: 0,
      successRate: 1 / 7,
      waitMs: 0,
      coolingMs: 0,
      inFlight: 0,
    })
  })

  it('remembers how soon answers begin, newer ones more', () => {
    const { health } = bench()
    const entry = health.enter(CLAUDE)
    if (entry === undefined) throw new Error('not let in')
    health.began(entry, 100)
    expect(health.standing(CLAUDE).latencyMs).toBe(100)
    health.began(entry, 200)
    expect(health.standing(CLAUDE).latencyMs).toBe(130)
  })

  it('tells since when a target is as it is, how its last calls went, and which were asked', () => {
    const { health, at } = bench()
    at(1000)
    expect(health.standing(CLAUDE)).not.toHaveProperty('sinceMs')
    expect(health.askedOf('anthropic')).toEqual([])
    fail(health, 5)
    at(2000)
    expect(health.standing(CLAUDE)).toMatchObject({ sinceMs: 1000, successRate: 0 })
    at(6000)
    expect(health.standing(CLAUDE)).toMatchObject({ state: 'half-open', sinceMs: 6000 })
    for (const elapsedMs of [80, 60]) {
      const entry = health.enter(CLAUDE)
      if (entry === undefined) throw new Error('not let in')
      health.began(entry, elapsedMs)
      health.end(entry, 'succeeded')
    }
    const standing = { state: 'slow-start', sinceMs: 6000, lastLatencyMs: 60, successRate: 2 / 7 }
    expect(health.standing(CLAUDE)).toMatchObject(standing)
    at(40_000)
    expect(health.standing(CLAUDE)).toMatchObject({ state: 'closed', sinceMs: 36_000 })
    health.standing(OTHER)
    expect([health.askedOf('anthropic'), health.askedOf('openai')]).toEqual([[CLAUDE], []])
  })

  it('leaves a target alone for as long as it asks, but no longer than a minute', () => {
    const { health, at } = bench()
    const entry = health.enter(CLAUDE)
    if (entry === undefined) throw new Error('not let in')
    health.cool(entry, 5000)
    health.cool(entry, 1000)
    expect(health.standing(CLAUDE).coolingMs).toBe(5000)
    health.cool(entry, 1e12)
    expect(health.standing(CLAUDE).coolingMs).toBe(60_000)
    at(60_000)
    expect(health.standing(CLAUDE).coolingMs).toBe(0)
  })

  it('does not grow with the names that clients invent', () => {
    const { health } = bench()
    fail(health, 5)
    for (let count = 0; count < 10_000; count += 1) {
      health.standing({ provider: 'anthropic', model: `invented-${count}` })
    }
    expect(health.standing(CLAUDE).state).toBe('closed')
  })
})
