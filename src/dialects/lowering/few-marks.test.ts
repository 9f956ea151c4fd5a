// The last marks stay.
import { expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { fewMarks } from './few-marks.ts'
import { text } from './request.arbitrary.ts'

function marked(count: number): ChatRequest {
  return {
    origin: { dialect: 'other' },
    model: 'm',
    turns: Array.from({ length: count }, (_, at) => ({
      role: 'user',
      parts: [{ ...text(String(at)), cache: {} }],
    })),
    tools: [{ kind: 'function', name: 'f', cache: {} }],
    sampling: {},
    stream: { enabled: false },
  }
}

it('the first marks go where there are too many, those of tools before all', () => {
  const { value, notes } = fewMarks(2)(marked(3))
  expect(value.tools).toEqual([{ kind: 'function', name: 'f' }])
  expect(value.turns.map(({ parts }) => parts[0]?.cache !== undefined)).toEqual([false, true, true])
  expect(notes.map(({ path }) => path)).toEqual(['tools[0].cache', 'turns[0].parts[0].cache'])
  expect(fewMarks(2)(value)).toEqual({ value, notes: [] })
})

it('as many as the target takes stay', () => {
  const request = marked(3)
  expect(fewMarks(4)(request)).toEqual({ value: request, notes: [] })
})
