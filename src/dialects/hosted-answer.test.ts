// Work of another vendor's tools in an answer: calls wait for their results, and a stream shows the same as the whole.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect } from '../canonical/collect.ts'
import { explode } from '../canonical/explode.ts'
import type { HostedWork } from '../canonical/hosted-work.ts'
import type { Json } from '../canonical/json.ts'
import type { Part } from '../canonical/part.ts'
import { responseArbitrary } from '../canonical/response.arbitrary.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { type HostedForm, HostedEvents, showWork } from './hosted-answer.ts'

/** Shows all but what it has no word for, searches as two pieces. */
const FORM: HostedForm = {
  dialect: 'gamma',
  print({ work, id }) {
    if (work.tool === 'other') return []
    const native: Json = JSON.parse(JSON.stringify({ ...work, id }))
    const piece = { what: work.tool, native }
    return work.tool === 'web-search' ? [piece, { ...piece, what: 'found' }] : [piece]
  },
}

function part(hosted: HostedWork, what = 'work'): Part {
  return { type: 'opaque', origin: { dialect: 'alpha' }, hosted, what, native: {} }
}

function answer(...parts: readonly Part[]): ChatResponse {
  return { origin: { dialect: 'alpha' }, model: 'm', candidates: [{ index: 0, parts }] }
}

function shown(...parts: readonly Part[]): readonly unknown[] {
  const [candidate] = showWork(answer(...parts), FORM, 'req').candidates
  return (candidate?.parts ?? []).map((one) => (one.type === 'opaque' ? one.native : one))
}

const call = (id: string, code: string): Part =>
  part({ tool: 'code-execution', phase: 'call', id, code })
const result = (id: string, output: string): Part =>
  part({ tool: 'code-execution', phase: 'result', id, output })

describe('work of another vendor', () => {
  it('is one piece for a call and its result, in the place of the result', () => {
    const text: Part = { type: 'text', text: 'so' }
    expect(shown(call('1', 'a'), call('2', 'b'), result('2', 'B'), text, result('1', 'A'))).toEqual(
      [
        expect.objectContaining({ phase: 'both', code: 'b', output: 'B' }),
        text,
        expect.objectContaining({ phase: 'both', code: 'a', output: 'A' }),
      ],
    )
  })

  it('pairs by kind where the wire has no ids', () => {
    const pair = [
      part({ tool: 'code-execution', phase: 'call', code: 'a' }),
      part({ tool: 'code-execution', phase: 'result', output: 'A' }),
    ]
    expect(shown(...pair)).toEqual([expect.objectContaining({ code: 'a', output: 'A' })])
  })

  it('comes at the end where nobody answered', () => {
    const text: Part = { type: 'text', text: 'so' }
    expect(shown(call('1', 'a'), text)).toEqual([text, expect.objectContaining({ phase: 'call' })])
  })

  it('stays as it is, once, where the wire has no form for it', () => {
    const list = [
      part({ tool: 'other', phase: 'call', id: '1' }, 'asked'),
      part({ tool: 'other', phase: 'result', id: '1' }, 'answered'),
    ]
    const [candidate] = showWork(answer(...list), FORM, 'req').candidates
    expect(candidate?.parts.map((one) => one.type === 'opaque' && one.what)).toEqual(['answered'])
  })

  it('is left alone in an answer of the wire itself', () => {
    const own = { ...answer(call('1', 'a')), origin: { dialect: 'gamma' } }
    expect(showWork(own, FORM, 'req')).toBe(own)
  })

  it('is the same in a stream, and parts keep their order and their numbers stay without gaps', () => {
    fc.assert(
      fc.property(responseArbitrary, (response) => {
        const machine = new HostedEvents(FORM, 'req')
        const events = [...explode(response)].flatMap((event) => machine.events(event))
        const empty = { origin: response.origin, model: response.model }
        const whole = showWork(collect(empty, explode(response)), FORM, 'req')
        expect(collect(empty, events)).toEqual(whole)
        const starts = events.flatMap((event) => (event.type === 'part-start' ? [event.index] : []))
        expect(starts).toEqual(starts.map((_, at) => at))
      }),
      { numRuns: 1000 },
    )
  })
})
