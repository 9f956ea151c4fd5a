// How long an answer waits for its next bytes, and for what may follow once it is whole.
import { describe, expect, it } from 'vitest'
import { fakeResponse } from '../../test/fake-response.ts'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import { drain } from '../../test/context.ts'
import type { TransportResponse } from '../transport/transport.ts'
import { PulledChunks } from './pulled-chunks.ts'

const BYTES = Uint8Array.of(1)

/** Tells of each chunk and of the end. */
class Told extends PulledChunks<string> {
  protected override readonly isHeard = true
  protected override readonly isComplete: boolean

  constructor(response: TransportResponse, isComplete: boolean, time: FakeTime = new FakeTime()) {
    super({ response, after: time.after, contentMs: 60_000 })
    this.isComplete = isComplete
  }

  protected override take(chunk: Uint8Array): void {
    this.give(`chunk of ${chunk.length}`)
  }

  protected override end(how: 'ended' | 'cut'): void {
    this.give(how)
  }

  protected override fail(thrown: unknown): void {
    this.give(thrown instanceof Error ? thrown.message : 'failed')
  }
}

/** Chunks that never come, and whether they were left. */
function silence(): { readonly response: TransportResponse; readonly left: () => boolean } {
  let left = false
  const { response } = fakeResponse([])
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => undefined),
      return: () => {
        left = true
        return Promise.resolve({ done: true, value: undefined })
      },
    }),
  }
  return { response: { ...response, body }, left: () => left }
}

describe('chunks that are pulled', () => {
  it('come as they are, whether or not the answer is whole', async () => {
    for (const isComplete of [false, true]) {
      const steps = await drain(new Told(fakeResponse([BYTES]).response, isComplete))
      expect(steps).toEqual(['chunk of 1', 'ended'])
    }
  })

  it('are waited for as long as words may be, where the answer is not whole', async () => {
    const time = new FakeTime()
    const { response, left } = silence()
    const step = new Told(response, false, time).next()
    await time.pass(59_999)
    expect([time.waiting, left()]).toEqual([1, false])
    await time.pass(1)
    expect(await step).toMatchObject({ value: expect.stringContaining('No word within 60 s') })
    expect(time.waiting).toBe(0)
  })

  it('are left, where an upstream neither ends nor says more within two seconds behind its answer', async () => {
    const time = new FakeTime()
    const { response, left } = silence()
    const told = new Told(response, true, time)
    const step = told.next()
    await time.pass(1999)
    expect(left()).toBe(false)
    await time.pass(1)
    expect(await step).toEqual({ done: false, value: 'cut' })
    expect([left(), time.waiting]).toEqual([true, 0])
    expect((await told.next()).done).toBe(true)
  })

  it('fail as the connection does, but for one that breaks after the answer: that is the end', async () => {
    const lost = new Error('lost')
    expect(await drain(new Told(fakeResponse([], lost).response, false))).toEqual(['lost'])
    expect(await drain(new Told(fakeResponse([], lost).response, true))).toEqual(['cut'])
  })

  it('leave no timer behind when the reader leaves while it waits', async () => {
    const time = new FakeTime()
    const told = new Told(silence().response, true, time)
    const step = told.next()
    await settled()
    await told.return()
    expect((await step).done).toBe(true)
    expect(time.waiting).toBe(0)
  })
})
