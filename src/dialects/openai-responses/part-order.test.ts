// The order of parts: whatever interleaves comes out one part after the other, each in its own order.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PartOrder } from './part-order.ts'

describe('part order', () => {
  it('lets the first part through and holds the others until it has ended', () => {
    const order = new PartOrder<string>()
    expect(order.open(0, 'a')).toEqual(['a'])
    expect(order.open(1, 'b')).toEqual([])
    expect(order.add(1, 'b+')).toEqual([])
    expect(order.add(0, 'a+')).toEqual(['a+'])
    expect(order.close(1, 'b.')).toEqual([])
    expect(order.unfinished).toEqual([0])
    expect(order.close(0, 'a.')).toEqual(['a.', 'b', 'b+', 'b.'])
    expect(order.has(1)).toBe(false)
  })

  it('gives nothing for parts that it does not know', () => {
    const order = new PartOrder<string>()
    expect([...order.add(5, 'x'), ...order.close(5, 'x')]).toEqual([])
  })

  it('gives every step once, by part in order of their beginning', () => {
    const step = fc.record({ part: fc.nat(3), kind: fc.constantFrom('add', 'close') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const order = new PartOrder<string>()
        const given = [0, 1, 2, 3].flatMap((part) => order.open(part, `${part}`))
        const sent = new Map([0, 1, 2, 3].map((part) => [part, [`${part}`]]))
        const closed = new Set<number>()
        for (const [at, { part, kind }] of steps.entries()) {
          if (closed.has(part)) continue
          const name = `${part}:${at}`
          sent.get(part)?.push(name)
          if (kind === 'close') closed.add(part)
          given.push(...(kind === 'close' ? order.close(part, name) : order.add(part, name)))
        }
        for (const part of order.unfinished) given.push(...order.close(part, `${part}.`))
        const expected = [0, 1, 2, 3].flatMap((part) => [
          ...(sent.get(part) ?? []),
          ...(closed.has(part) ? [] : [`${part}.`]),
        ])
        expect(given).toEqual(expected)
      }),
    )
  })
})
