// Work of tools on its way through a client of another wire: marked, sealed, and opened for nobody where the seal is broken.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OpaquePart } from '../canonical/part.ts'
import { isWorkId, mintWorkId, openWork, sealWork } from './hosted-envelope.ts'
import { unwrapSeal, wrapSeal } from './lowering/seal.ts'

const ORIGIN = { dialect: 'alpha', provider: 'p' }
const SHOWN = {
  what: 'shown',
  native: { shown: true },
  hosted: { tool: 'web-search', phase: 'result', sources: [{ url: 'https://a.example' }] },
} as const

function piece(what: string): OpaquePart {
  return { type: 'opaque', origin: { dialect: 'alpha' }, what, native: { what, secret: 'é' } }
}

describe('sealed work', () => {
  it('opens to the maker’s own pieces, the last with what was shown', () => {
    const text = wrapSeal(sealWork([piece('call'), piece('result')], ORIGIN))
    expect(openWork(unwrapSeal(text), SHOWN)).toEqual([
      { ...piece('call'), origin: ORIGIN, hosted: { tool: 'web-search', phase: 'call' } },
      { ...piece('result'), origin: ORIGIN, hosted: SHOWN.hosted },
    ])
  })

  it('is nobody’s once it is lost, cut or altered, and only what was shown is left', () => {
    const nobodys = [{ type: 'opaque', origin: { dialect: 'unknown' }, ...SHOWN }]
    expect(openWork(undefined, SHOWN)).toEqual(nobodys)
    const text = wrapSeal(sealWork([piece('call')], ORIGIN))
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.string({ maxLength: 3 }), (at, other) => {
        fc.pre(text.slice(at) !== other)
        expect(openWork(unwrapSeal(text.slice(0, at) + other), SHOWN)).toEqual(nobodys)
      }),
      { numRuns: 1000 },
    )
  })

  it('is not opened where the seal is one of another kind', () => {
    const seals = ['[]', '[{"native":1}]', '[1]', 'x'].map((payload) => ({
      payload,
      format: 'hosted-work',
      origin: ORIGIN,
    }))
    const thought = { payload: '[{"what":"w","native":1}]', format: 'signature', origin: ORIGIN }
    for (const seal of [...seals, thought]) {
      expect(openWork(seal, SHOWN)[0]?.origin).toEqual({ dialect: 'unknown' })
    }
  })

  it('has an id that is known again behind any prefix, and no vendor’s is taken for one', () => {
    const id = mintWorkId('req.0.1')
    expect(mintWorkId('req.0.1')).toBe(id)
    for (const prefix of ['', 'srvtoolu_', 'ws_', 'ci_']) expect(isWorkId(prefix + id)).toBe(true)
    for (const other of [
      'srvtoolu_01Xd8YZU6yAcvd5JbLCTRfFi',
      'ws_pb_short',
      `${id}x`,
      7,
      undefined,
    ]) {
      expect(isWorkId(other)).toBe(false)
    }
  })
})
