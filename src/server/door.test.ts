// Before anything is read: nothing large while memory is short, nothing but the critical when it is out or the loop stands.
import { describe, expect, it } from 'vitest'
import type { Happening } from '../exchange/happening.ts'
import { Load } from '../resilience/load.ts'
import { type Arrival, Door } from './door.ts'

const MB = 1024 * 1024

function stage(room: number = 1000 * MB) {
  const load = new Load()
  const facts: Happening[] = []
  const tell = (fact: Happening): void => void facts.push(fact)
  return { load, facts, door: new Door({ load, tell, random: () => 0, room: () => room }) }
}

function arrival(bytes: number, isCritical: boolean = false): Arrival {
  return { id: 'req_1', bytes, isCritical }
}

const REFUSED = expect.objectContaining({
  code: 'gateway_overloaded',
  status: 503,
  retryAfterMs: 1000,
})

describe('F131 a process short of memory', () => {
  it('takes small bodies only, and tells clients to come on another connection', () => {
    const { load, door, facts } = stage()
    expect(door.isCrowded).toBe(false)
    load.heardMemory(0.93)
    expect(door.isCrowded).toBe(true)
    door.enter(arrival(64 * 1024))()
    expect(() => door.enter(arrival(64 * 1024 + 1))).toThrow(REFUSED)
    expect(() => door.enter(arrival(Infinity))).toThrow(REFUSED)
    expect(facts).toMatchObject([
      { type: 'shed', reason: 'memory' },
      { type: 'shed', reason: 'memory' },
    ])
  })

  it('takes nothing but what is critical when there is none left', () => {
    const { load, door } = stage()
    load.heardMemory(0.96)
    expect(() => door.enter(arrival(0))).toThrow(REFUSED)
    door.enter(arrival(MB, true))()
  })

  it('lets in at once only as many large bodies as there is room for', () => {
    const { door } = stage(40 * MB)
    const leave = door.enter(arrival(MB))
    door.enter(arrival(MB))
    expect(() => door.enter(arrival(MB))).toThrow(REFUSED)
    door.enter(arrival(1000))
    leave()
    door.enter(arrival(MB))
  })
})

it('F130 a process whose loop stood still reads nothing more, but for the admin and the probes', () => {
  const { load, door, facts } = stage()
  load.heard({ lagMs: 2000, utilisation: 1 })
  expect(() => door.enter(arrival(10))).toThrow(REFUSED)
  door.enter(arrival(10, true))()
  expect(facts).toEqual([{ type: 'shed', id: 'req_1', reason: 'lag' }])
})
