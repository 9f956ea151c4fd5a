// Tool call ids: legal, distinct, and the same on call and result.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { requestArbitrary, requestWith } from './request.arbitrary.ts'
import { mintToolId, toolIds } from './tool-ids.ts'

const legal = /^[A-Za-z0-9]{9}$/
const pass = toolIds({ legal, length: 9 })

function idsIn(request: ChatRequest): readonly string[] {
  return request.turns
    .flatMap((turn) => turn.parts)
    .flatMap((part) =>
      part.type === 'tool-call' || part.type === 'tool-result' ? [part.callId] : [],
    )
}

/** A conversation in which every id is called once and answered once. */
function conversation(...ids: readonly string[]): ChatRequest {
  return requestWith({
    turns: ids.flatMap((callId) => [
      {
        role: 'assistant' as const,
        parts: [
          {
            type: 'tool-call' as const,
            callId,
            kind: 'function' as const,
            name: 'f',
            arguments: { text: '{}' },
          },
        ],
      },
      {
        role: 'tool' as const,
        parts: [{ type: 'tool-result' as const, callId, content: [] }],
      },
    ]),
  })
}

describe('toolIds', () => {
  it('keeps legal ids', () => {
    const request = conversation('abcDEF123', '000000000')
    expect(pass(request).value).toBe(request)
  })

  it('rewrites an illegal id on call and result alike, with a cosmetic note', () => {
    const { value, notes } = pass(conversation('toolu_01'))
    const [call, result] = idsIn(value)
    expect(call).toMatch(legal)
    expect(result).toBe(call)
    expect(notes).toMatchObject([{ path: 'turns[0].parts[0].callId', weight: 0, to: call }])
  })

  it('gives an id the same new id however the conversation goes on', () => {
    const early = idsIn(pass(conversation('toolu_01')).value)
    const late = idsIn(pass(conversation('toolu_01', 'toolu_02', 'toolu_03')).value)
    expect(late.slice(0, 2)).toEqual(early)
  })

  it('does not give an id that another call has', () => {
    const taken = idsIn(pass(conversation('toolu_01')).value)[0] ?? ''
    const ids = idsIn(pass(conversation('toolu_01', taken)).value)
    expect(ids[2]).toBe(taken)
    expect(ids[0]).not.toBe(taken)
    expect(ids[0]).toMatch(legal)
  })

  it('gives no two calls one id even where few ids are left', () => {
    const short = toolIds({ legal: /^[0-9A-Za-z]$/, length: 1 })
    const ids = Array.from({ length: 60 }, (_, at) => `call_${at}`)
    const after = idsIn(short(conversation(...ids)).value)
    expect(new Set(after).size).toBe(60)
    expect(after.filter((_, at) => at % 2 === 0)).toEqual(after.filter((_, at) => at % 2 === 1))
  })

  it('makes every id legal, and pairs as they were', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const before = idsIn(request)
        const after = idsIn(pass(request).value)
        expect(after.filter((id) => !legal.test(id))).toEqual([])
        const pairs = new Map(before.map((id, at) => [id, after[at]]))
        expect(after).toEqual(before.map((id) => pairs.get(id)))
        expect(new Set(after).size).toBe(new Set(before).size)
      }),
    )
  })
})

describe('mintToolId', () => {
  it('is legal in every dialect and follows from its seed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (seed) => {
        expect(mintToolId(seed)).toMatch(legal)
        expect(mintToolId(seed)).toBe(mintToolId(seed))
      }),
    )
    expect(mintToolId('turn 1')).not.toBe(mintToolId('turn 2'))
  })
})
