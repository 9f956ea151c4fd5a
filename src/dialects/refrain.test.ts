// A refrain is what two frames share around their texts, and nothing that only looks like it.
import { describe, expect, it } from 'vitest'
import type { Frame } from '../wire/frame.ts'
import {
  RefrainFinder,
  type Refrain,
  commonRefrain,
  frameAround,
  textDelta,
  textWithin,
  withoutPadding,
} from './refrain.ts'

function frame(text: string, more: object = {}): Frame {
  return { data: JSON.stringify({ id: 'a', delta: { text }, ...more }) }
}

function saying(text: string, more: object = {}): Parameters<typeof commonRefrain>[0] {
  return { index: 0, text, frame: frame(text, more) }
}

function known(): Refrain {
  const refrain = commonRefrain(saying('one'), saying('or two'))
  if (refrain === undefined) throw new Error('no refrain')
  return refrain
}

describe('commonRefrain', () => {
  it('is what stands around texts that differ, however long and however escaped', () => {
    expect(known()).toEqual({
      index: 0,
      event: undefined,
      before: '{"id":"a","delta":{"text":',
      after: '}}',
    })
    expect(commonRefrain(saying('"\n'), saying('ä'))).toEqual(known())
  })

  it.each([
    ['the same text, which shows no place', saying('a'), saying('a')],
    ['another key that differs', saying('a', { n: 1 }), saying('b', { n: 2 })],
    ['another key of another length', saying('a', { n: 1 }), saying('b', { n: 12 })],
    ['another part', saying('a'), { ...saying('b'), index: 1 }],
    [
      'another event',
      saying('a'),
      { ...saying('b'), frame: { ...frame('b'), event: 'content_block_delta' } },
    ],
    [
      'a text that is spelled otherwise and stands elsewhere too',
      { index: 0, text: 'a', frame: { data: '{"id":"a","text":"\\u0061"}' } },
      { index: 0, text: 'b', frame: { data: '{"id":"a","text":"\\u0062"}' } },
    ],
  ])('is none with %s', (_, one, other) => {
    expect(commonRefrain(one, other)).toBeUndefined()
  })

  it('is found where the text stands elsewhere too', () => {
    expect(commonRefrain(saying('a'), saying('b'))).toEqual(known())
    expect(commonRefrain(saying('text'), saying('id'))).toEqual(known())
  })
})

describe('the text within a frame of a refrain', () => {
  it.each(['x', 'ä"\\\n\u2028', '{"a":1}', ' '])('is %j', (text) => {
    expect(textWithin(frame(text), known())).toBe(text)
    expect(frameAround(text, known())).toEqual(frame(text))
  })

  it.each([
    ['none', frame('')],
    ['in a frame with more', frame('a', { more: 1 })],
    ['in a frame of another event', { ...frame('a'), event: 'error' }],
    ['two', { data: '{"id":"a","delta":{"text":"a","b":"c"}}' }],
    ['a number', { data: '{"id":"a","delta":{"text":1}}' }],
    ['an object', { data: '{"id":"a","delta":{"text":{"a":"b"}}}' }],
    ['not closed', { data: '{"id":"a","delta":{"text":"a}}' }],
    ['half of what stands around', { data: '{"id":"a","delta":{"text":}' }],
    ['empty', { data: '' }],
  ])('is not read where it is %s', (_, one) => {
    expect(textWithin(one, known())).toBeUndefined()
  })
})

describe('a frame without its padding', () => {
  it('is the frame that would have come without', () => {
    const padded = { event: 'a', data: '{"text":"b","p":"xyz"}' }
    expect(withoutPadding(padded, 'p')).toEqual({ event: 'a', data: '{"text":"b"}' })
    expect(withoutPadding({ data: '{"text":"b","p":""}' }, 'p')).toEqual({ data: '{"text":"b"}' })
  })

  it.each([
    '{"text":"b"}',
    '{"p":"xyz","text":"b"}',
    '{"p":"xyz"}',
    '{"a":{"text":"b","p":"xyz"}}',
    '{"text":"b","p":"x\\"}',
    '{"text":"b","p":"x\\u0041"}',
    '{"text":"b","p":["xyz"]}',
    '{"text":"b","p":"xyz"',
    '{"text":"b","p":"xyz"]',
  ])('is %s itself', (data) => {
    const frame = { data }
    expect(withoutPadding(frame, 'p')).toBe(frame)
  })
})

describe('textDelta', () => {
  it('is of a text alone', () => {
    const event = { type: 'part-delta', index: 3, delta: { kind: 'text', text: 'a' } } as const
    expect(textDelta(event)).toEqual({ index: 3, text: 'a' })
    expect(textDelta({ ...event, extensions: {} })).toBeUndefined()
    expect(textDelta({ ...event, delta: { kind: 'text', text: '' } })).toBeUndefined()
    expect(textDelta({ type: 'ping' })).toBeUndefined()
    expect(textDelta(undefined)).toBeUndefined()
  })
})

function said(text: string): { readonly index: number; readonly text: string } {
  return { index: 0, text }
}

describe('RefrainFinder', () => {
  it('needs two frames next to each other', () => {
    const finder = new RefrainFinder()
    expect(finder.found(frame('a'), said('a'))).toBeUndefined()
    expect(finder.found(frame(''), undefined)).toBeUndefined()
    expect(finder.found(frame('b'), said('b'))).toBeUndefined()
    expect(finder.found(frame('c'), said('c'))).toEqual(known())
  })

  it('looks for none any more where something changes with every frame', () => {
    const finder = new RefrainFinder()
    for (let n = 0; n < 20; n += 1) {
      expect(finder.found(frame(`${n}`, { n }), said(`${n}`))).toBeUndefined()
    }
    finder.found(frame('a'), said('a'))
    expect(finder.found(frame('b'), said('b'))).toBeUndefined()
  })

  it('looks for none in frames that are mostly text', () => {
    const finder = new RefrainFinder()
    const long = 'a'.repeat(5000)
    finder.found(frame(long), said(long))
    expect(finder.found(frame(`${long}b`), said(`${long}b`))).toBeUndefined()
  })
})
