// The client gets its own tools back, whole or streamed.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect } from '../canonical/collect.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { explode } from '../canonical/explode.ts'
import type { Part, ToolCallPart } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { RestoredTools, restoredResponse } from './restored-tools.ts'

const ASKED = { renamedTools: { a_b: 'a.b' }, wrappedTools: ['a.b'] }
const SEAL = { payload: 'x', format: 'f', origin: { dialect: 'd' } }
const EMPTY = { origin: { dialect: 'library' }, model: 'm' }

function call(name: string, text: string): ToolCallPart {
  return { type: 'tool-call', callId: 'c', kind: 'function', name, arguments: { text } }
}

function answer(part: Part): ChatResponse {
  return { ...EMPTY, candidates: [{ index: 0, parts: [part], finish: { reason: 'tool-calls' } }] }
}

function streamed(name: string, pieces: readonly string[]): readonly ChatEvent[] {
  return [
    { type: 'response-start', ...EMPTY },
    { type: 'part-start', index: 0, candidate: 0, part: call(name, '') },
    ...pieces.map((text): ChatEvent => ({
      type: 'part-delta',
      index: 0,
      delta: { kind: 'text', text },
    })),
    { type: 'part-end', index: 0 },
    { type: 'candidate-end', candidate: 0, finish: { reason: 'tool-calls' } },
    { type: 'response-end' },
  ]
}

function restored(events: Iterable<ChatEvent>, asked: typeof ASKED | object): ChatResponse {
  const tools = new RestoredTools(asked, 'p')
  return collect(
    EMPTY,
    [...events].flatMap((event) => tools.event(event)),
  )
}

describe('RestoredTools', () => {
  it('gives a renamed tool its own name, and leaves others', () => {
    const asked = { renamedTools: { a_b: 'a.b' } }
    const tools = new RestoredTools(asked, 'p')
    expect(tools.response(answer(call('a_b', '{}')))).toMatchObject({
      candidates: [{ parts: [{ name: 'a.b', kind: 'function' }] }],
    })
    expect(tools.response(answer(call('c', '{}'))).candidates[0]?.parts[0]).toMatchObject({
      name: 'c',
    })
    expect(restored(streamed('a_b', ['{}']), asked)).toMatchObject({
      candidates: [{ parts: [{ name: 'a.b' }] }],
    })
  })

  it('unwraps the free text of a custom tool', () => {
    const tools = new RestoredTools(ASKED, 'p')
    const expected = { kind: 'custom', name: 'a.b', arguments: { text: 'say "hi"' } }
    const wrapped = JSON.stringify({ input: 'say "hi"' })
    expect(tools.response(answer(call('a_b', wrapped))).candidates[0]?.parts).toMatchObject([
      expected,
    ])
    expect(restored(streamed('a_b', [wrapped]), ASKED).candidates[0]?.parts).toMatchObject([
      expected,
    ])
  })

  it('gives the same for any cut of the stream as for the whole', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(30), { maxLength: 4 }), (input, cuts) => {
        const text = JSON.stringify({ input })
        const at = [0, ...cuts.toSorted((left, right) => left - right), text.length]
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end))
        const whole = new RestoredTools(ASKED, 'p').response(answer(call('a_b', text)))
        expect(restored(streamed('a_b', pieces), ASKED).candidates).toEqual(whole.candidates)
        expect(restored(explode(answer(call('a_b', text))), ASKED).candidates).toEqual(
          whole.candidates,
        )
      }),
    )
  })

  it('changes nothing where lowering changed nothing', () => {
    const events = streamed('a_b', ['{"a":', '1}'])
    const tools = new RestoredTools({}, 'p')
    expect(events.flatMap((event) => tools.event(event))).toEqual(events)
  })
})

describe('restoredResponse', () => {
  const words = answer({ type: 'text', text: '```json\n{}\n```' })

  it('is the very answer where nothing is to be restored', () => {
    expect(restoredResponse(words, ASKED, 'p')).toBe(words)
    const thought = answer({ type: 'reasoning', text: 'Hm.' })
    expect(restoredResponse(thought, { instructedJson: true }, 'p')).toBe(thought)
  })

  it('restores what was changed, and says whose sealed state is', () => {
    const [json] = restoredResponse(words, { instructedJson: true }, 'p').candidates
    expect(json?.parts).toEqual([{ type: 'text', text: '{}' }])
    const [named] = restoredResponse(answer(call('a_b', '{}')), ASKED, 'p').candidates
    expect(named?.parts[0]).toMatchObject({ name: 'a.b' })
    const sealed = answer({ type: 'reasoning', text: 'Hm.', seal: SEAL })
    const [stamped] = restoredResponse(sealed, {}, 'p').candidates
    expect(stamped?.parts[0]?.seal?.origin).toEqual({ dialect: 'd', provider: 'p' })
  })
})
