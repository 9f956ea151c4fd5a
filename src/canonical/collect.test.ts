// Events to response and back: what a stream amounts to.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Collector, collect } from './collect.ts'
import { GatewayError } from './errors.ts'
import type { ChatEvent } from './event.ts'
import { explode } from './explode.ts'
import type { Part } from './part.ts'
import { responseArbitrary } from './response.arbitrary.ts'

const empty = { origin: { dialect: 'alpha' }, model: 'm' }
const start: ChatEvent = { type: 'response-start', origin: empty.origin, model: 'm' }

function partStart(index: number, part: Part): ChatEvent {
  return { type: 'part-start', index, candidate: 0, part }
}

function delta(index: number, text: string): ChatEvent {
  return { type: 'part-delta', index, delta: { kind: 'text', text } }
}

function partsOf(events: readonly ChatEvent[]): readonly Part[] | undefined {
  return collect(empty, [start, ...events]).candidates[0]?.parts
}

describe('collect', () => {
  it('gives back the response that was exploded', () => {
    fc.assert(
      fc.property(responseArbitrary, (response) => {
        expect(collect(empty, explode(response))).toEqual(response)
      }),
    )
  })

  it('gives the same response for any cutting of the text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (pieces) => {
        const deltas = pieces.map((piece) => delta(0, piece))
        expect(partsOf([partStart(0, { type: 'text', text: '' }), ...deltas])).toEqual([
          { type: 'text', text: pieces.join('') },
        ])
      }),
    )
  })

  it('gives the same response for any interleaving of parts', () => {
    const order = fc.shuffledSubarray([0, 1, 0, 1, 0, 1, 2, 2], { minLength: 8 })
    fc.assert(
      fc.property(order, (order) => {
        const counts = new Map<number, number>()
        const deltas = order.map((index) => {
          const at = counts.get(index) ?? 0
          counts.set(index, at + 1)
          return delta(index, `${index}${at} `)
        })
        const starts = [0, 1, 2].map((index) => partStart(index, { type: 'text', text: '' }))
        expect(partsOf([...starts, ...deltas])).toEqual([
          { type: 'text', text: '00 01 02 ' },
          { type: 'text', text: '10 11 12 ' },
          { type: 'text', text: '20 21 ' },
        ])
      }),
    )
  })

  it('adds deltas to what a part began with', () => {
    expect(partsOf([partStart(0, { type: 'reasoning', text: 'a' }), delta(0, 'b')])).toEqual([
      { type: 'reasoning', text: 'ab' },
    ])
  })

  it('lets the copy at the end of a part replace what was gathered', () => {
    const final: Part = { type: 'text', text: 'final' }
    const events: ChatEvent[] = [
      partStart(0, { type: 'text', text: '' }),
      delta(0, 'draft'),
      { type: 'part-end', index: 0, part: final },
    ]
    expect(partsOf(events)).toEqual([final])
  })

  it('gathers citations, seals, sound and transcripts', () => {
    const sealed = { payload: 'p', format: 'f', origin: { dialect: 'alpha' } }
    const events: ChatEvent[] = [
      partStart(0, { type: 'text', text: 'x' }),
      {
        type: 'part-delta',
        index: 0,
        delta: { kind: 'citation', citation: { kind: 'url', url: 'u' } },
      },
      { type: 'part-delta', index: 0, delta: { kind: 'seal', seal: sealed } },
      partStart(1, {
        type: 'audio',
        source: { kind: 'base64', data: 'AA', mediaType: 'audio/wav' },
      }),
      { type: 'part-delta', index: 1, delta: { kind: 'media', data: 'BB', transcript: 'he' } },
      { type: 'part-delta', index: 1, delta: { kind: 'media', transcript: 'llo' } },
    ]
    expect(partsOf(events)).toEqual([
      { type: 'text', text: 'x', citations: [{ kind: 'url', url: 'u' }], seal: sealed },
      {
        type: 'audio',
        source: { kind: 'base64', data: 'AABB', mediaType: 'audio/wav' },
        transcript: 'hello',
      },
    ])
  })

  it('puts the JSON of a call beside its text once it parses, and leaves text that does not', () => {
    const call = { type: 'tool-call', callId: 'c', kind: 'function', name: 'f' } as const
    const events = (text: string): readonly ChatEvent[] => [
      partStart(0, { ...call, arguments: { text: '' } }),
      delta(0, text),
      { type: 'part-end', index: 0 },
    ]
    expect(partsOf(events('{"a":1}'))).toEqual([
      { ...call, arguments: { text: '{"a":1}', json: { a: 1 } } },
    ])
    expect(partsOf(events('{"a":'))).toEqual([{ ...call, arguments: { text: '{"a":' } }])
  })

  it('does not parse the free text of a custom call', () => {
    const call = { type: 'tool-call', callId: 'c', kind: 'custom', name: 'f' } as const
    expect(partsOf([partStart(0, { ...call, arguments: { text: '1' } })])).toEqual([
      { ...call, arguments: { text: '1' } },
    ])
  })

  it('merges usage field by field and logprobs in order', () => {
    const response = collect(empty, [
      start,
      { type: 'usage-update', usage: { input: { total: 5, cacheRead: 2 } } },
      { type: 'logprobs', candidate: 0, logprobs: [{ token: 'a', logprob: -1 }] },
      { type: 'logprobs', candidate: 0, logprobs: [{ token: 'b', logprob: -2 }] },
      { type: 'usage-update', usage: { input: { total: 6 }, output: { total: 1 } } },
    ])
    expect(response.usage).toEqual({ input: { total: 6, cacheRead: 2 }, output: { total: 1 } })
    expect(response.candidates[0]?.logprobs?.map(({ token }) => token)).toEqual(['a', 'b'])
  })

  it('joins extensions of start, deltas and ends', () => {
    const response = collect(empty, [
      {
        type: 'response-start',
        origin: empty.origin,
        extensions: { alpha: { fields: { a: 1 } } },
      },
      partStart(0, { type: 'text', text: '', extensions: { alpha: { fields: { p: 1 } } } }),
      {
        type: 'part-delta',
        index: 0,
        delta: { kind: 'text', text: 'x' },
        extensions: { alpha: { fields: { q: 2 }, shape: { s: true } } },
      },
      { type: 'part-end', index: 0, extensions: { beta: { fields: { r: 3 } } } },
      { type: 'response-end', extensions: { alpha: { fields: { b: 2 } } } },
    ])
    expect(response.extensions).toEqual({ alpha: { fields: { a: 1, b: 2 } } })
    expect(response.candidates[0]?.parts[0]?.extensions).toEqual({
      alpha: { fields: { p: 1, q: 2 }, shape: { s: true } },
      beta: { fields: { r: 3 } },
    })
  })

  it('keeps what came before an error, with the error', () => {
    const error = new GatewayError('upstream', 'the stream broke off')
    const response = collect(empty, [
      start,
      partStart(0, { type: 'text', text: 'half' }),
      { type: 'error', error },
    ])
    expect(response.error).toBe(error)
    expect(response.candidates).toEqual([{ index: 0, parts: [{ type: 'text', text: 'half' }] }])
  })

  it('passes over pings, native frames and deltas of parts that never began', () => {
    const native: ChatEvent = { type: 'native', dialect: 'alpha', value: 'x' }
    const response = collect(empty, [start, { type: 'ping' }, native, delta(7, 'x')])
    expect(response).toEqual({ ...empty, candidates: [] })
  })
})

describe('Collector', () => {
  it('tells what has come so far at any time', () => {
    const collector = new Collector(empty)
    expect(collector.response()).toEqual({ ...empty, candidates: [] })
    collector.add({ type: 'response-start', origin: empty.origin, model: 'm-2025' })
    collector.add(partStart(0, { type: 'text', text: 'a' }))
    const early = collector.response()
    collector.add(delta(0, 'b'))
    expect(early.candidates[0]?.parts).toEqual([{ type: 'text', text: 'a' }])
    expect(collector.response()).toMatchObject({
      model: 'm-2025',
      candidates: [{ parts: [{ text: 'ab' }] }],
    })
  })
})

describe('explode', () => {
  it('keeps the grammar: start first, end last, indexes counting up, one end a candidate', () => {
    fc.assert(
      fc.property(responseArbitrary, (response) => {
        const events = [...explode(response)]
        expect(events.at(0)?.type).toBe('response-start')
        expect(events.at(-1)?.type).toBe('response-end')
        const indexes = events.flatMap((event) =>
          event.type === 'part-start' ? [event.index] : [],
        )
        expect(indexes).toEqual(indexes.map((_, at) => at))
        const ends = events.filter((event) => event.type === 'candidate-end')
        expect(ends).toHaveLength(response.candidates.length)
      }),
    )
  })

  it('ends in the error of a response that was cut, without a finish', () => {
    const error = new GatewayError('upstream', 'cut')
    const cut = { ...empty, candidates: [{ index: 0, parts: [] }], error }
    expect([...explode(cut)].map((event) => event.type)).toEqual(['response-start', 'error'])
  })
})
