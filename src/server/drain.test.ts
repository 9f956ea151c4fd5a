// The steps of a stop, in order and at their times; whoever hurries skips the waits but not the words.
import { describe, expect, it } from 'vitest'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import { Drain, type DrainReport } from './drain.ts'

class Stage {
  readonly time: FakeTime = new FakeTime()
  readonly steps: string[] = []
  readonly drain: Drain
  #end: () => void = () => undefined

  constructor(calls: number, times: { readonly waitMs: number; readonly deadlineMs: number }) {
    this.drain = new Drain({
      after: this.time.after,
      ...times,
      stopAccepting: () => {
        this.steps.push('stop')
        return new Promise((resolve) => {
          this.#end = resolve
        })
      },
      cutCalls: () => {
        this.steps.push('cut')
        return calls
      },
      cutConnections: () => {
        this.steps.push('connections')
        this.#end()
      },
    })
  }

  /** The last connection ends. */
  ended(): void {
    this.#end()
  }

  begin(): Promise<DrainReport> {
    return this.drain.begin()
  }
}

const TIMES = { waitMs: 5000, deadlineMs: 25_000 }

describe('a drain', () => {
  it('waits, stops, lets calls end, and cuts nobody who does', async () => {
    const stage = new Stage(3, TIMES)
    expect(stage.drain.hasBegun).toBe(false)
    const report = stage.begin()
    expect(stage.drain.hasBegun).toBe(true)
    await stage.time.pass(4999)
    expect(stage.steps).toEqual([])
    await stage.time.pass(1)
    expect(stage.steps).toEqual(['stop'])
    await stage.time.pass(19_000)
    stage.ended()
    expect(await report).toEqual({ cut: 0 })
    expect(stage.time.waiting).toBe(0)
  })

  it('cuts at the deadline, counted from its beginning, and leaves time for last words', async () => {
    const stage = new Stage(3, TIMES)
    const report = stage.begin()
    await stage.time.pass(5000)
    await stage.time.pass(19_999)
    expect(stage.steps).toEqual(['stop'])
    await stage.time.pass(1)
    expect(stage.steps).toEqual(['stop', 'cut'])
    await stage.time.pass(800)
    expect(stage.steps).toEqual(['stop', 'cut', 'connections'])
    expect(await report).toEqual({ cut: 3 })
  })

  it('stops at once where there is nothing to wait for', () => {
    const stage = new Stage(0, { waitMs: 0, deadlineMs: 1000 })
    void stage.begin()
    expect(stage.steps).toEqual(['stop'])
  })
})

describe('F126 a drain that is hurried', () => {
  it('cuts at once while it waits for others to hear of it', async () => {
    const stage = new Stage(2, TIMES)
    const report = stage.begin()
    stage.drain.hurry()
    await settled()
    expect(stage.steps).toEqual(['stop', 'cut'])
    stage.ended()
    expect(await report).toEqual({ cut: 2 })
    expect(stage.time.waiting).toBe(0)
  })

  it('cuts at once while calls end, and once only', async () => {
    const stage = new Stage(2, { waitMs: 0, deadlineMs: 25_000 })
    const report = stage.begin()
    stage.drain.hurry()
    stage.drain.hurry()
    await stage.time.pass(800)
    expect(stage.steps).toEqual(['stop', 'cut', 'connections'])
    expect(await report).toEqual({ cut: 2 })
  })
})
