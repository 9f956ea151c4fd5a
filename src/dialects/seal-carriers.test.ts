// Signatures on text and calls: carried by thoughts, whole and streamed, and found again.
import { describe, expect, it } from 'vitest'
import { collect } from '../canonical/collect.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { Part, Sealed } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { SealCarriers, carriedSeal, carrySeals } from './seal-carriers.ts'

const seal: Sealed = { payload: 'c2ln', format: 'alpha.signature', origin: { dialect: 'alpha' } }
const call: Part = {
  type: 'tool-call',
  callId: 'a',
  kind: 'function',
  name: 'look',
  arguments: { text: '{}', json: {} },
}

function answer(...parts: readonly Part[]): ChatResponse {
  return {
    origin: { dialect: 'alpha' },
    model: 'm',
    candidates: [{ index: 0, parts, finish: { reason: 'stop' } }],
  }
}

function partsOf(response: ChatResponse): readonly Part[] {
  return response.candidates[0]?.parts ?? []
}

function streamed(events: Iterable<ChatEvent>): readonly Part[] {
  const carriers = new SealCarriers()
  const told = [...events].flatMap((event) => [...carriers.events(event)])
  const starts = told.filter((event) => event.type === 'part-start')
  expect(starts.map(({ index }) => index)).toEqual(starts.map((_, at) => at))
  return partsOf(collect({ origin: { dialect: 'alpha' }, model: 'm' }, told))
}

const signs = (signed: string): Part => ({
  type: 'reasoning',
  text: '',
  redacted: true,
  seal: { ...seal, format: `alpha.signature#${signed}` },
})

describe('a signature', () => {
  it.each([
    ['call', { ...call, seal }, [signs('call'), call]],
    [
      'text',
      { type: 'text', text: 'Hi.', seal } as const,
      [signs('text'), { type: 'text', text: 'Hi.' }],
    ],
    ['empty', { type: 'text', text: '', seal } as const, [signs('empty')]],
  ] as const)('on a %s stands on a thought before it', (signed, part, expected) => {
    const carried = partsOf(carrySeals(answer(part)))
    expect(carried).toEqual(expected)
    expect(carriedSeal(carried[0] ?? call)).toEqual({ seal, signed })
  })

  it('on thinking stays where it is, and nothing else is touched', () => {
    const thought: Part = { type: 'reasoning', text: 'So.', seal }
    const response = answer(thought, call)
    expect(carrySeals(response)).toBe(response)
    expect(carriedSeal(thought)).toBeUndefined()
    expect(carriedSeal({ ...thought, text: '' })).toBeUndefined()
  })

  it('comes the same way in a stream of whole parts', () => {
    const parts: readonly Part[] = [{ type: 'text', text: 'Hi.', seal }, call, { ...call, seal }]
    expect(streamed(explode(answer(...parts)))).toEqual(partsOf(carrySeals(answer(...parts))))
  })

  it('that comes while its text is open follows it', () => {
    const text: Part = { type: 'text', text: '' }
    const events: readonly ChatEvent[] = [
      { type: 'part-start', index: 0, candidate: 0, part: text },
      { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'Hi.' } },
      { type: 'part-delta', index: 0, delta: { kind: 'seal', seal } },
      { type: 'part-end', index: 0 },
      { type: 'part-start', index: 1, candidate: 0, part: call },
      { type: 'part-end', index: 1 },
    ]
    expect(streamed(events)).toEqual([{ type: 'text', text: 'Hi.' }, signs('text'), call])
  })
})

describe('carriers beside thinking alone', () => {
  const signed: Part = { ...call, seal }
  const thought: Part = { type: 'reasoning', text: 'Hm.' }

  it('are left out of answers without thinking, whole and streamed alike', () => {
    const carriers = new SealCarriers('beside-thinking')
    const events = [...explode(answer(signed))].flatMap((event) => carriers.events(event))
    expect(partsOf(collect({ origin: { dialect: 'alpha' }, model: 'm' }, events))).toEqual([call])
    expect(partsOf(carrySeals(answer(signed), 'beside-thinking'))).toEqual([call])
  })

  it('stand where there is thinking', () => {
    const parts = partsOf(carrySeals(answer(thought, signed), 'beside-thinking'))
    expect(parts.map(({ type }) => type)).toEqual(['reasoning', 'reasoning', 'tool-call'])
  })
})
