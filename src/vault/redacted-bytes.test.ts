// However the bytes of a host are cut, no secret in them comes through, and nothing else changes.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { redactedBytes } from './redacted-bytes.ts'

const KEY = 'sk-sk-key-0123'

async function* chunksOf(text: string, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
    (one, other) => one - other,
  )
  let from = 0
  for (const end of ends) {
    yield bytes.subarray(from, end)
    from = end
  }
}

async function all(source: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(source)).toString()
}

it('takes every secret out, wherever the bytes are cut', async () => {
  const word = fc.constantFrom(KEY, 'other-secret', 'sk-', 's', 'sk-sk-key', 'text', '"', 'ü', '\n')
  await fc.assert(
    fc.asyncProperty(fc.array(word), fc.array(fc.nat()), async (words, cuts) => {
      const text = words.join('')
      const clean = text.replaceAll(KEY, '[secret]').replaceAll('other-secret', '[secret]')
      const got = await all(redactedBytes(chunksOf(text, cuts), [KEY, 'other-secret']))
      expect(got).toBe(clean)
    }),
  )
})

it('gives at once what begins no secret', async () => {
  const iterator = redactedBytes(chunksOf('data: 1\n\ndata: sk-', [9]), [KEY])[
    Symbol.asyncIterator
  ]()
  expect(String((await iterator.next()).value)).toBe('data: 1\n\n')
  expect(String((await iterator.next()).value)).toBe('data: ')
  expect(String((await iterator.next()).value)).toBe('sk-')
  expect((await iterator.next()).done).toBe(true)
})

it('is nothing where there is no secret to look for', () => {
  const source = chunksOf('text', [])
  expect(redactedBytes(source, [])).toBe(source)
  expect(redactedBytes(source, ['short'])).toBe(source)
})

it('closes what it reads, even before the first step', async () => {
  let isClosed = false
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: new Uint8Array(1) }),
      return: async () => {
        isClosed = true
        return { done: true, value: undefined }
      },
    }),
  }
  await redactedBytes(source, [KEY])[Symbol.asyncIterator]().return?.()
  expect(isClosed).toBe(true)
})
