// How long an answer that is whole waits for what may follow.
import { describe, expect, it } from 'vitest'
import { FakeTime, settled } from '../../test/server-fakes.ts'
import { fakeResponse } from '../../test/fake-response.ts'
import { nextChunk } from './next-chunk.ts'

const BYTES = Uint8Array.of(1)

/** Chunks that never come, and whether they were left. */
function silence(): { readonly chunks: AsyncIterator<Uint8Array>; readonly left: () => boolean } {
  let left = false
  const chunks: AsyncIterator<Uint8Array> = {
    next: () => new Promise(() => undefined),
    return: () => {
      left = true
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return { chunks, left: () => left }
}

function body(failure?: Error): AsyncIterator<Uint8Array> {
  return fakeResponse(failure === undefined ? [BYTES] : [], failure).response.body[
    Symbol.asyncIterator
  ]()
}

describe('nextChunk', () => {
  it('gives what comes, whether or not the answer is whole', async () => {
    for (const complete of [undefined, true]) {
      const chunks = body()
      const decoder = complete === undefined ? {} : { complete }
      expect(await nextChunk(chunks, decoder)).toEqual({ done: false, value: BYTES })
      expect(await nextChunk(chunks, decoder)).toMatchObject({ done: true })
    }
  })

  it('waits without a limit of its own for an answer that is not whole, and fails with it', async () => {
    const time = new FakeTime()
    const { chunks, left } = silence()
    let came = false
    const wait = async (): Promise<void> => {
      await nextChunk(chunks, {}, time.after)
      came = true
    }
    void wait()
    await settled()
    await time.pass(1_000_000)
    expect([time.waiting, came, left()]).toEqual([0, false, false])
    await expect(nextChunk(body(new Error('lost')), {})).rejects.toThrow('lost')
  })

  it('leaves an upstream that neither ends nor says more within two seconds', async () => {
    const time = new FakeTime()
    const { chunks, left } = silence()
    const coming = nextChunk(chunks, { complete: true }, time.after)
    await time.pass(1999)
    expect(left()).toBe(false)
    await time.pass(1)
    expect(await coming).toBeUndefined()
    expect([left(), time.waiting]).toEqual([true, 0])
  })

  it('takes a connection that breaks after the answer for its end', async () => {
    expect(await nextChunk(body(new Error('lost')), { complete: true })).toBeUndefined()
  })
})
