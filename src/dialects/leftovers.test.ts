// Leftovers: what is kept on a node, what is not, and how it is printed under the words of the model.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonObject, ObjectReader } from '../wire/json.ts'
import { always } from './field-weights.ts'
import { type Leftovers, leftOf, leftoversOf, overlay } from './leftovers.ts'

const alpha: Leftovers = leftoversOf('alpha')
const beta: Leftovers = leftoversOf('beta', { heavy: always(3) })

function reader(source: JsonObject): ObjectReader {
  return new ObjectReader(source, '')
}

describe('leftovers of a node', () => {
  it('are the keys that nobody took, under the id of their dialect', () => {
    const from = reader({ known: 1, odd: 2 })
    from.value('known')
    expect(alpha.kept(from)).toEqual({ extensions: { alpha: { fields: { odd: 2 } } } })
  })

  it('hold what is left of objects without a node, each under its key', () => {
    const from = reader({ inner: { known: 1, odd: 2 } })
    const inner = from.object('inner')
    inner.value('known')
    expect(alpha.fieldsOf(alpha.kept(from, { nested: { inner } }))).toEqual({ inner: { odd: 2 } })
  })

  it('hold an inner object that was empty, and none that was read whole', () => {
    const from = reader({ empty: {}, full: { known: 1 } })
    const nested = { empty: from.object('empty'), full: from.object('full'), absent: undefined }
    nested.full.value('known')
    expect(leftOf(from, nested)).toEqual({ empty: {} })
  })

  it('are nothing at all where there is nothing to keep', () => {
    expect(alpha.kept(reader({}))).toEqual({})
    expect(alpha.keptFields(undefined)).toEqual({})
    expect(alpha.keptFields({ gone: undefined }, { gone: undefined })).toEqual({})
    expect(alpha.isOwn(alpha.keptFields({}))).toBe(false)
  })

  it('mark a node that is the dialect’s own even where there is nothing to keep', () => {
    expect(alpha.isOwn(alpha.owned(undefined))).toBe(true)
    expect(beta.isOwn(alpha.owned(undefined))).toBe(false)
    expect(alpha.fieldsOf(alpha.owned({ odd: 1 }))).toEqual({ odd: 1 })
  })

  it('keep the shape beside the fields', () => {
    const node = alpha.kept(reader({ odd: 1 }), { shape: { content: 'string', gone: undefined } })
    expect(alpha.shapeOf(node)).toEqual({ content: 'string' })
    expect(alpha.fieldsOf(node)).toEqual({ odd: 1 })
  })

  it('are not seen by another dialect', () => {
    const node = alpha.keptFields({ odd: 1 }, { slot: 'a' })
    expect(beta.fieldsOf(node)).toEqual({})
    expect(beta.shapeOf(node)).toEqual({})
    expect(beta.printed(node, { said: 1 })).toEqual({ said: 1 })
  })

  it('say what their loss weighs, where the dialect says so', () => {
    expect(beta.keptFields({ heavy: 'x', light: 'y' })).toEqual({
      extensions: { beta: { fields: { heavy: 'x', light: 'y' }, weights: { heavy: 3 } } },
    })
  })

  it('lie under what the model says', () => {
    const node = alpha.keptFields({ said: 'old', odd: 1, inner: { odd: 2 } })
    expect(alpha.printed(node, { said: 'new', inner: { known: 3 } })).toEqual({
      said: 'new',
      odd: 1,
      inner: { odd: 2, known: 3 },
    })
  })

  it('of nothing are nothing', () => {
    expect(alpha.fieldsOf(undefined)).toEqual({})
    expect(alpha.shapeOf(undefined)).toEqual({})
    expect(alpha.isOwn(undefined)).toBe(false)
  })
})

describe('overlay', () => {
  it('takes no key that is undefined, on either side', () => {
    expect(overlay({ a: 1, gone: undefined }, { a: undefined, b: 2 })).toEqual({ a: 1, b: 2 })
    expect(Object.keys(overlay({ gone: undefined }, { gone: undefined }))).toEqual([])
  })

  it('replaces lists and texts, and merges objects only', () => {
    expect(overlay({ list: [1], object: { a: 1 } }, { list: [2], object: 'text' })).toEqual({
      list: [2],
      object: 'text',
    })
  })

  it('gives the same when laid on again, and keeps every key of both sides', () => {
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 2 }))
    fc.assert(
      fc.property(object, object, (left, right) => {
        const under: JsonObject = JSON.parse(JSON.stringify(left))
        const over: JsonObject = JSON.parse(JSON.stringify(right))
        const once = overlay(under, over)
        expect(overlay(once, over)).toEqual(once)
        expect(Object.keys(once).toSorted()).toEqual(
          [...new Set([...Object.keys(under), ...Object.keys(over)])].toSorted(),
        )
      }),
    )
  })
})
