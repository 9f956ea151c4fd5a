// Faults of a whole fleet, in virtual time: everything fails, everything comes back, everything comes and goes.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/canonical/errors.ts'
import { type World, worldOf } from './fickle-provider.ts'

const SEEDS = [1, 2, 3]
const SECOND = 1000

function asked({ providers }: World): number {
  return providers.reduce((sum, provider) => sum + provider.asked, 0)
}

/** So many calls a second for so many seconds; how many attempts each second saw. */
async function traffic(
  world: World,
  perSecond: number,
  seconds: number,
): Promise<readonly number[]> {
  const attempts: number[] = []
  for (let second = 0; second < seconds; second += 1) {
    const before = asked(world)
    for (let at = 0; at < perSecond; at += 1) {
      await world.call()
      world.nowMs += SECOND / perSecond
    }
    attempts.push(asked(world) - before)
  }
  return attempts
}

describe.each(SEEDS)('with seed %i', (seed) => {
  it('F138 a storm of retries dies down: all targets fail, and after ten seconds they see no more than 1.2 attempts a call', async () => {
    const world = worldOf(['a', 'b'], seed)
    for (const provider of world.providers) provider.mood = () => 'fails'
    const denied: string[] = []
    world.manager.happenings.listen((happening) => {
      if (happening.type === 'retry-denied') denied.push(happening.reason)
    })
    const attempts = await traffic(world, 200, 60)
    for (const second of attempts.slice(10)) expect(second).toBeLessThanOrEqual(200 * 1.2)
    expect(denied).toContain('budget')
    const refused = await world.call()
    expect(refused).toBeInstanceOf(GatewayError)
    await world.manager.closeAll()
  })

  it('F141 a target that is back is not overrun: a tenth in the first second, all of it after half a minute', async () => {
    const world = worldOf(['a', 'b'], seed)
    const [first] = world.providers
    if (first === undefined) throw new Error('there is no provider')
    first.mood = () => (world.nowMs < 60 * SECOND ? 'fails' : 'answers')
    const target = { provider: 'a', model: 'm' }
    const state = (): string => world.manager.targets.standing(target).state
    await traffic(world, 200, 60)
    // Until its breaker has seen two trials succeed.
    while (state() !== 'slow-start') {
      const before = first.asked
      expect(await world.call()).toBe('answered')
      expect(first.asked - before).toBeLessThanOrEqual(1)
      world.nowMs += 5
      expect(world.nowMs).toBeLessThan(400 * SECOND)
    }
    const share: number[] = []
    for (let second = 0; second < 35; second += 1) {
      const before = first.asked
      await traffic(world, 400, 1)
      share.push((first.asked - before) / 400)
    }
    expect(share[0]).toBeLessThan(0.13)
    expect(share[15]).toBeGreaterThan(0.4)
    expect(share[15]).toBeLessThan(0.6)
    expect(share.at(-1)).toBe(1)
    expect(state()).toBe('closed')
    await world.manager.closeAll()
  })

  it('F142 with all targets down calls fail at once, and each target is tried by one at a time', async () => {
    const world = worldOf(['a', 'b'], seed)
    for (const provider of world.providers) provider.mood = () => 'fails'
    // Until breakers are open and there is nothing left to spend.
    await traffic(world, 200, 10)
    const ends = Promise.withResolvers<'fails'>()
    for (const provider of world.providers) {
      provider.mood = () => ends.promise
      provider.mostAtOnce = 0
    }
    const start = performance.now()
    const calls = Array.from({ length: 500 }, async () => world.call())
    const early = await Promise.race(calls.slice(2))
    expect(early).toMatchObject({ code: 'target_unavailable', status: 503 })
    expect(performance.now() - start).toBeLessThan(500)
    ends.resolve('fails')
    const outcomes = await Promise.all(calls)
    const refused = outcomes.filter(
      (one) => one instanceof GatewayError && one.code === 'target_unavailable',
    )
    expect(refused.length).toBeGreaterThanOrEqual(498)
    for (const { mostAtOnce, running } of world.providers) {
      expect(mostAtOnce).toBeLessThanOrEqual(1)
      expect(running).toBe(0)
    }
    await world.manager.closeAll()
  })

  it('F143 a target that flaps is left alone for longer each time, up to five minutes', async () => {
    const world = worldOf(['a', 'b'], seed)
    const [first] = world.providers
    if (first === undefined) throw new Error('there is no provider')
    first.mood = () => (Math.floor(world.nowMs / (2 * SECOND)) % 2 === 0 ? 'answers' : 'fails')
    const target = { provider: 'a', model: 'm' }
    const openings: number[] = []
    const waits: number[] = []
    let wasOpen = false
    for (let second = 0; second < 900; second += 1) {
      for (let at = 0; at < 10; at += 1) {
        expect(await world.call()).toBe('answered')
        const { state, waitMs } = world.manager.targets.standing(target)
        if (state === 'open' && !wasOpen) {
          openings.push(world.nowMs)
          waits.push(waitMs)
        }
        wasOpen = state === 'open'
        world.nowMs += SECOND / 10
      }
    }
    for (const [at, wait] of waits.entries()) {
      expect(wait).toBeLessThanOrEqual(300 * SECOND * 1.2)
      const next = openings[at + 1]
      // One change of state in the time of an ejection.
      if (next !== undefined) expect(next - (openings[at] ?? 0)).toBeGreaterThanOrEqual(wait)
    }
    expect(Math.max(...waits)).toBeGreaterThan(5 * SECOND * 3)
    expect(openings.length).toBeLessThan(60)
    await world.manager.closeAll()
  })
})
