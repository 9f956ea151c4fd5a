// Whatever the pieces, the same bytes; and no copy of a single piece.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GatheredBytes } from './gathered-bytes.ts'

const pieces = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 })

it('gives what was added, announced or not', () => {
  fc.assert(
    fc.property(pieces, fc.boolean(), (given, isAnnounced) => {
      const all = Buffer.concat(given)
      const gathered = new GatheredBytes(isAnnounced ? all.length : undefined)
      for (const piece of given) gathered.add(piece)
      expect(gathered.size).toBe(all.length)
      expect(Buffer.from(gathered.whole())).toEqual(all)
    }),
  )
})

it('copies no single piece', () => {
  const piece = new Uint8Array([1, 2, 3])
  for (const announced of [3, undefined]) {
    const gathered = new GatheredBytes(announced)
    gathered.add(piece)
    expect(gathered.whole()).toBe(piece)
  }
})

it('gives no more than came of what was announced', () => {
  const gathered = new GatheredBytes(100)
  gathered.add(new Uint8Array([1]))
  gathered.add(new Uint8Array([2]))
  expect([...gathered.whole()]).toEqual([1, 2])
})
