// Signatures that come back on thoughts, each to the part that it signs.
import { describe, expect, it } from 'vitest'
import type { Part, Sealed } from '../../canonical/part.ts'
import { requestWith } from '../lowering/request.arbitrary.ts'
import { carrySeals } from '../seal-carriers.ts'
import { returnedSeals } from './returned-seals.ts'

const seal = (payload: string): Sealed => ({
  payload,
  format: 'google.thought_signature',
  origin: { dialect: 'gemini' },
})
const call = (name: string): Part => ({
  type: 'tool-call',
  callId: name,
  kind: 'function',
  name,
  arguments: { text: '{}', json: {} },
})
const text = (text: string): Part => ({ type: 'text', text })

function carried(parts: readonly Part[]): readonly Part[] {
  const response = {
    origin: { dialect: 'gemini' },
    model: 'm',
    candidates: [{ index: 0, parts }],
  }
  return carrySeals(response).candidates[0]?.parts ?? []
}

function returned(parts: readonly Part[]): readonly Part[] {
  const { value } = returnedSeals(requestWith({ turns: [{ role: 'assistant', parts }] }))
  return value.turns[0]?.parts ?? []
}

describe('signatures', () => {
  it.each([
    ['a call', [{ ...call('a'), seal: seal('1') }]],
    ['the first of two calls', [{ ...call('a'), seal: seal('1') }, call('b')]],
    [
      'text and call',
      [
        { ...text('Hi.'), seal: seal('1') },
        { ...call('a'), seal: seal('2') },
      ],
    ],
    ['an empty text at the end', [text('Hi.'), { ...text(''), seal: seal('1') }]],
    [
      'each of two calls',
      [
        { ...call('a'), seal: seal('1') },
        { ...call('b'), seal: seal('2') },
      ],
    ],
  ] as const)('on %s come back byte by byte in their place', (_, parts) => {
    expect(returned(carried(parts))).toEqual(parts)
  })

  it('find their call where a wire tells thoughts before what was said', () => {
    const [thought, bare] = carried([{ ...call('a'), seal: seal('1') }])
    if (thought === undefined || bare === undefined) throw new Error('nothing is carried')
    expect(returned([thought, text('Hi.'), bare])).toEqual([
      text('Hi.'),
      { ...call('a'), seal: seal('1') },
    ])
  })

  it('of thinking stay where they are', () => {
    const thought: Part = { type: 'reasoning', text: 'So.', seal: seal('1') }
    expect(returned([thought, text('Hi.')])).toEqual([thought, text('Hi.')])
  })

  it('find their call where a client has run the carrier together with the thinking before it', () => {
    const [thought, bare] = carried([{ ...call('a'), seal: seal('1') }])
    if (thought?.type !== 'reasoning' || bare === undefined) throw new Error('nothing is carried')
    const parts = [{ ...thought, text: 'Hm.' }, bare]
    const { value, notes } = returnedSeals(requestWith({ turns: [{ role: 'assistant', parts }] }))
    expect(value.turns[0]?.parts).toEqual([{ ...call('a'), seal: seal('1') }])
    expect(notes).toMatchObject([{ action: 'dropped', feature: 'reasoning' }])
  })
})
