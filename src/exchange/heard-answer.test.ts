// What an answer shows of itself, whole or in events.
import { expect, it } from 'vitest'
import { explode } from '../canonical/explode.ts'
import type { Part } from '../canonical/part.ts'
import type { ChatResponse } from '../canonical/response.ts'
import { AnswerEar, heardIn } from './heard-answer.ts'

const TEXT: Part = { type: 'text', text: 'Hi' }
const THOUGHT: Part = { type: 'reasoning', text: 'So' }
const CALL: Part = {
  type: 'tool-call',
  callId: '1',
  kind: 'function',
  name: 'f',
  arguments: { text: '{}' },
}

function answer(...parts: readonly Part[]): ChatResponse {
  return { origin: { dialect: 'test' }, model: 'm', candidates: [{ index: 0, parts }] }
}

it.each([
  [answer(), { phase: 'start', isEmpty: true }],
  [answer({ type: 'text', text: '' }), { phase: 'text', isEmpty: true }],
  [answer(TEXT), { phase: 'text', isEmpty: false }],
  [answer(THOUGHT), { phase: 'reasoning', isEmpty: false }],
  [answer(TEXT, CALL), { phase: 'tool', isEmpty: false }],
])('is the same for an answer and its events (%#)', (response, heard) => {
  const ear = new AnswerEar()
  for (const event of explode(response)) ear.hear(event)
  expect([heardIn(response), ear.heard]).toEqual([
    { model: 'm', ...heard },
    { model: 'm', ...heard },
  ])
})
