// Sealed envelopes: they come back whole or not at all.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sealed } from '../../canonical/part.ts'
import { sealArbitrary } from './request.arbitrary.ts'
import { unwrapSeal, wrapSeal } from './seal.ts'

const seal: Sealed = {
  payload: 'EqQBCkYIBRgC.abc==',
  format: 'alpha.signature',
  origin: { dialect: 'alpha', provider: 'one', model: 'm-1' },
}

describe('wrapSeal', () => {
  it('is undone by unwrapSeal, whatever the seal', () => {
    fc.assert(
      fc.property(sealArbitrary, (seal) => {
        expect(unwrapSeal(wrapSeal(seal))).toEqual(seal)
      }),
    )
  })

  it('has the documented form: prefix, base64url label, payload as it came', () => {
    expect(wrapSeal(seal)).toMatch(/^pb1\.[A-Za-z0-9_-]+\.EqQBCkYIBRgC\.abc==$/)
  })

  it('leaves an envelope as it is, so that two gateways in a row wrap once', () => {
    fc.assert(
      fc.property(sealArbitrary, sealArbitrary, (inner, outer) => {
        const envelope = wrapSeal(inner)
        expect(wrapSeal({ ...outer, payload: envelope })).toBe(envelope)
      }),
    )
  })

  it('carries an empty payload, names beyond ASCII and lone surrogates', () => {
    const odd = { payload: '', format: 'é👩‍🚀', origin: { dialect: '\ud800', model: '模型' } }
    expect(unwrapSeal(wrapSeal(odd))).toEqual(odd)
  })
})

describe('unwrapSeal', () => {
  it('knows what is no envelope', () => {
    expect(unwrapSeal('')).toBeUndefined()
    expect(unwrapSeal('EqQBCkYIBRgC')).toBeUndefined()
    expect(unwrapSeal(' pb1.x.y')).toBeUndefined()
  })

  it.each(['pb1.', 'pb1.x', 'pb1..', 'pb1.x.y', 'pb1.!!!.y', 'pb1.bnVsbA.y', 'pb1.e30.y'])(
    'calls %j foreign',
    (text) => {
      expect(unwrapSeal(text)).toBe('foreign')
    },
  )

  it('never throws, and gives a seal for nothing that is not an envelope', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unwrapSeal(`pb1.${text}`)).toBe('foreign')
      }),
    )
  })

  it('finds a cut anywhere', () => {
    const envelope = wrapSeal(seal)
    for (let end = 'pb1.'.length; end < envelope.length; end += 1) {
      expect(unwrapSeal(envelope.slice(0, end))).toBe('foreign')
    }
  })

  it('finds another payload, and another origin, under an old label', () => {
    const [prefix, label] = wrapSeal(seal).split('.')
    expect(unwrapSeal(`${prefix}.${label}.other`)).toBe('foreign')
    const other = wrapSeal({ ...seal, origin: { dialect: 'beta' } }).split('.')[1]
    expect(unwrapSeal(`${prefix}.${other}.${seal.payload}x`)).toBe('foreign')
  })

  it('finds a change of any one character', () => {
    const envelope = wrapSeal(seal)
    fc.assert(
      fc.property(fc.integer({ min: 4, max: envelope.length - 1 }), (at) => {
        const changed = envelope[at] === 'A' ? 'B' : 'A'
        const result = unwrapSeal(envelope.slice(0, at) + changed + envelope.slice(at + 1))
        expect(result === 'foreign' || result === undefined).toBe(true)
      }),
    )
  })
})
