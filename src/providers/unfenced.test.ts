// Fences around JSON.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Unfenced } from './unfenced.ts'

function unfenced(pieces: readonly string[]): string {
  const machine = new Unfenced()
  return pieces.map((piece) => machine.write(piece)).join('') + machine.finish()
}

describe('Unfenced', () => {
  it.each([
    ['```json\n{"a":1}\n```', '{"a":1}'],
    ['  ```\n{"a":"```"}\n```\n\n', '{"a":"```"}'],
    ['```JSON\r\n[1]\n```', '[1]'],
    ['```json\n{"a":1}', '{"a":1}'],
    ['{"a":"```json\\n"}', '{"a":"```json\\n"}'],
    ['Here:\n```json\n{}\n```', 'Here:\n```json\n{}\n```'],
    ['``', '``'],
    ['', ''],
  ])('makes of %j %j, however it is cut', (text, expected) => {
    expect(unfenced([text])).toBe(expected)
    expect(unfenced(text.split(''))).toBe(expected)
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)]
        const pieces = [text.slice(0, from), text.slice(from, to), text.slice(to)]
        expect(unfenced(pieces)).toBe(expected)
      }),
    )
  })
})
