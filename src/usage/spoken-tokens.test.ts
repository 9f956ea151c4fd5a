// The guess at an answer: near the truth in English, the same whole and in pieces, and of everything that a model writes.
import { describe, expect, it } from 'vitest'
import { EXPLANATION, PROSE } from '../../test/counted-text.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Part } from '../canonical/part.ts'
import { SpokenTokens } from './spoken-tokens.ts'

const TEXT: Part = { type: 'text', text: '' }

function started(index: number, part: Part): ChatEvent {
  return { type: 'part-start', index, candidate: 0, part }
}

function more(index: number, text: string): ChatEvent {
  return { type: 'part-delta', index, delta: { kind: 'text', text } }
}

function tokensOf(...events: readonly ChatEvent[]): number {
  const spoken = new SpokenTokens()
  for (const event of events) spoken.hear(event)
  return spoken.total
}

describe('the guess at an answer', () => {
  it.each([PROSE, EXPLANATION])('is within 15 % of $tokens tokens of English', (one) => {
    const ratio = tokensOf(started(0, { type: 'text', text: one.text })) / one.tokens
    expect(ratio).toBeGreaterThan(0.85)
    expect(ratio).toBeLessThan(1.15)
  })

  it('is the same however the text is cut, and whatever comes between', () => {
    const whole = tokensOf(started(0, { type: 'text', text: PROSE.text }))
    const pieces = PROSE.text.match(/[^]{1,3}/g) ?? []
    const cut = pieces.flatMap((piece) => [more(0, piece), more(1, piece)])
    expect(tokensOf(started(0, TEXT), started(1, TEXT), ...cut)).toBe(2 * whole)
  })

  it('is hardly another for an answer too long to be kept', () => {
    const piece = more(0, `${PROSE.text} `)
    const long = Array.from({ length: 500 }, () => piece)
    const once = tokensOf(started(0, TEXT), piece)
    const ratio = tokensOf(started(0, TEXT), ...long) / (500 * once)
    expect(ratio).toBeGreaterThan(0.99)
    expect(ratio).toBeLessThan(1.01)
  })

  const seal = { payload: 'x'.repeat(80), format: 'f', origin: { dialect: 'd' } }
  it.each<[string, readonly ChatEvent[], number]>([
    ['nothing', [], 0],
    ['a refusal', [started(0, { type: 'refusal', text: 'No.' })], 2],
    ['thinking', [started(0, { type: 'reasoning', text: '' }), more(0, 'so it is')], 3],
    ['sealed thinking', [started(0, { type: 'reasoning', text: '', seal })], 20],
    [
      'thinking that is sealed at its end',
      [
        started(0, { type: 'reasoning', text: '' }),
        { type: 'part-delta', index: 0, delta: { kind: 'seal', seal } },
      ],
      20,
    ],
    [
      'a call',
      [
        started(0, {
          type: 'tool-call',
          callId: 'c',
          kind: 'function',
          name: 'look',
          arguments: { text: '' },
        }),
        more(0, '{"at":'),
        more(0, '"sea"}'),
      ],
      11,
    ],
    [
      'the copy that its vendor holds to be right',
      [
        started(0, TEXT),
        more(0, 'one two three'),
        { type: 'part-end', index: 0, part: { type: 'text', text: 'one' } },
      ],
      1,
    ],
    [
      'sound by its words',
      [
        started(0, { type: 'audio', source: { kind: 'base64', data: '' } }),
        {
          type: 'part-delta',
          index: 0,
          delta: { kind: 'media', data: 'AA', transcript: 'so it is' },
        },
      ],
      3,
    ],
  ])('counts %s', (_, events, tokens) => {
    expect(tokensOf(...events)).toBe(tokens)
  })
})
