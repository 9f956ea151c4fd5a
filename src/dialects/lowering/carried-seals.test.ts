// Signatures of calls, carried through clients that have no place for them.
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part, Sealed } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import type { StreamEncoder } from '../dialect.ts'
import { requestWith } from './request.arbitrary.ts'
import { carryingSeals, restoredSeals, withCarriers } from './carried-seals.ts'

const SEAL: Sealed = { payload: 'c2ln', format: 'maker.signature', origin: { dialect: 'maker' } }
const OTHER: Sealed = { ...SEAL, payload: 'b3RoZXI=' }

function call(name: string, seal?: Sealed): Part {
  const part = {
    type: 'tool-call' as const,
    callId: `id_${name}`,
    kind: 'function' as const,
    name,
    arguments: { text: '{}' },
  }
  return seal === undefined ? part : { ...part, seal }
}

const text: Part = { type: 'text', text: 'I look it up.' }
const thought: Part = { type: 'reasoning', text: 'Hm.' }

function answer(parts: readonly Part[]): ChatResponse {
  return { origin: { dialect: 'maker' }, model: 'm', candidates: [{ index: 0, parts }] }
}

function partsFor(client: string, parts: readonly Part[]): readonly Part[] {
  return withCarriers(answer(parts), client).candidates[0]?.parts ?? []
}

function request(turns: readonly Turn[]): ChatRequest {
  return requestWith({ turns })
}

function partsBack(...turns: readonly (readonly Part[])[]): readonly Part[] {
  const sent = turns.map((parts): Turn => ({ role: 'assistant', parts }))
  return restoredSeals(request(sent)).value.turns.flatMap((turn) => turn.parts)
}

describe('a signed call', () => {
  it('has its signature in redacted thinking before it, and gets it back', () => {
    const parts = [text, call('a', SEAL), call('b')]
    const shown = partsFor('client', parts)
    expect(shown.map(({ type }) => type)).toEqual(['text', 'reasoning', 'tool-call', 'tool-call'])
    const returned = shown.map((part) => (part.type === 'tool-call' ? call(part.name) : part))
    expect(partsBack(returned)).toEqual(parts)
  })

  it('gets it back where a client keeps the two as turns of their own, or puts text between', () => {
    const [carrier = thought] = partsFor('client', [call('a', SEAL)])
    expect(partsBack([carrier], [text], [call('a')])).toEqual([text, call('a', SEAL)])
  })

  it('gets it back where a client has run the carrier together with the thinking before it', () => {
    const [carrier = thought] = partsFor('client', [call('a', SEAL)])
    expect(partsBack([{ ...carrier, ...thought }, call('a')])).toEqual([thought, call('a', SEAL)])
  })

  it('gets its own of several', () => {
    const parts = [call('a', SEAL), call('b', OTHER)]
    const carriers = partsFor('client', parts).filter(({ type }) => type === 'reasoning')
    expect(partsBack([...carriers, call('a'), call('b')])).toEqual(parts)
  })

  it('stays as it is for a client of its own protocol', () => {
    const given = answer([call('a', SEAL)])
    expect(withCarriers(given, 'maker')).toBe(given)
  })

  it('has no carrier where the rule wants thinking beside it and there is none', () => {
    const given = answer([text, call('a', SEAL)])
    expect(withCarriers(given, 'client', 'beside-thinking')).toBe(given)
    const thinking = withCarriers(answer([thought, call('a', SEAL)]), 'client', 'beside-thinking')
    expect(thinking.candidates[0]?.parts).toHaveLength(3)
  })
})

describe('a signature whose call is gone', () => {
  it('is dropped with a note, and leaves no empty turn', () => {
    const [carrier = thought] = partsFor('client', [call('a', SEAL)])
    const turns: readonly Turn[] = [
      { role: 'assistant', parts: [carrier] },
      { role: 'user', parts: [text] },
    ]
    const { value, notes } = restoredSeals(request(turns))
    expect(value.turns).toEqual([turns[1]])
    expect(notes).toMatchObject([{ action: 'dropped', feature: 'reasoning_state' }])
  })
})

describe('a request without carriers', () => {
  it('is the same object', () => {
    const given = request([{ role: 'assistant', parts: [thought, call('a')] }])
    expect(restoredSeals(given).value).toBe(given)
  })
})

describe('a stream', () => {
  it('has the carrier before the call, and the parts after it counted on', () => {
    const seen: ChatEvent[] = []
    const recorder: StreamEncoder = {
      notes: [],
      write: (event) => {
        seen.push(event)
        return []
      },
      finish: () => [],
      keepAlive: () => undefined,
    }
    const context = { request: request([]), requestId: 'r', now: () => 0 }
    const encoder = carryingSeals('client', () => recorder)(context)
    for (const [index, part] of [text, call('a', SEAL), call('b')].entries()) {
      encoder.write({ type: 'part-start', index, candidate: 0, part })
      encoder.write({ type: 'part-end', index })
    }
    const starts = seen.filter((event) => event.type === 'part-start')
    expect(starts.map(({ index, part }) => [index, part.type])).toEqual([
      [0, 'text'],
      [1, 'reasoning'],
      [2, 'tool-call'],
      [3, 'tool-call'],
    ])
    const ends = seen.filter((event) => event.type === 'part-end')
    expect(ends.map(({ index }) => index)).toEqual([0, 1, 2, 3])
  })
})
