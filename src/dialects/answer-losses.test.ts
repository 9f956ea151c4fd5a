// What an answer loses on a client's wire, whole and streamed alike.
import { describe, expect, it } from 'vitest'
import { explode } from '../canonical/explode.ts'
import type { Part } from '../canonical/part.ts'
import type { Candidate, ChatResponse } from '../canonical/response.ts'
import { AnswerLosses, type AnswerRules, answerLosses } from './answer-losses.ts'

const NOTHING: AnswerRules = {
  dialect: 'beta',
  reads: () => 'stop',
  citations: ({ url }) => url !== undefined,
}
const ALL: AnswerRules = {
  dialect: 'beta',
  reads: (reason) => reason,
  stopSequence: true,
  logprobs: true,
  citations: () => true,
  quotes: true,
  transcripts: true,
}

function answer(more: Partial<Candidate>, dialect = 'alpha'): ChatResponse {
  const candidate = { index: 0, parts: [], finish: { reason: 'stop' as const }, ...more }
  return { origin: { dialect }, model: 'm', candidates: [candidate] }
}

function words(response: ChatResponse, rules: AnswerRules): readonly string[] {
  return answerLosses(response, rules).map(({ feature, weight }) => `${feature} ${weight}`)
}

const cited = (...citations: readonly object[]): readonly Part[] => [
  { type: 'text', text: 'Hi.', citations: citations.map((one) => ({ kind: 'url', ...one })) },
]
const spoken: Part = { type: 'audio', source: { kind: 'base64', data: 'AA' }, transcript: 'Hi.' }

const CASES: readonly (readonly [string, Partial<Candidate>, readonly string[]])[] = [
  ['a filtered answer', { finish: { reason: 'content-filter' } }, ['finish_reason 3']],
  ['a paused answer', { finish: { reason: 'pause' } }, ['finish_reason 2']],
  ['an answer cut by the context', { finish: { reason: 'context-length' } }, ['finish_reason 0']],
  [
    'a stop string',
    { finish: { reason: 'stop-sequence', stopSequence: 'END' } },
    ['stop_sequence 1', 'finish_reason 0'],
  ],
  ['probabilities', { logprobs: [{ token: 'a', logprob: -1 }] }, ['logprobs 2']],
  ['a citation without an address', { parts: cited({ title: 'A' }) }, ['citations 1']],
  ['a quote', { parts: cited({ url: 'https://a.example', quote: 'Hi' }) }, ['citations 0']],
  ['a transcript', { parts: [spoken] }, ['transcript 1']],
]

describe.each(CASES)('%s', (_, candidate, expected) => {
  it('is noted where the wire has no place for it, and nowhere else', () => {
    expect(words(answer(candidate), NOTHING)).toEqual(expected)
    expect(words(answer(candidate), ALL)).toEqual([])
  })

  it('is noted the same in a stream', () => {
    const losses = new AnswerLosses(NOTHING)
    for (const event of explode(answer(candidate))) losses.see(event)
    expect(losses.notes.map(({ feature, weight }) => `${feature} ${weight}`)).toEqual(expected)
  })

  it('is none in an answer of the same dialect', () => {
    expect(words(answer(candidate, 'beta'), NOTHING)).toEqual([])
  })
})

it('tells probabilities once, however many pieces they come in', () => {
  const losses = new AnswerLosses(NOTHING)
  losses.from('alpha')
  for (const path of ['candidates[0]', 'candidates[0]']) losses.logprobs(path)
  expect(losses.notes).toHaveLength(1)
})
