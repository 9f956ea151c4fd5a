// JSON is named where the target insists on it, and nowhere else.
import { expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { mentionedJson } from './mentioned-json.ts'
import { text } from './request.arbitrary.ts'

function asking(request: Partial<ChatRequest>): ChatRequest {
  return {
    origin: { dialect: 'other' },
    model: 'm',
    turns: [{ role: 'user', parts: [text('Name a city.')] }],
    sampling: {},
    stream: { enabled: false },
    output: { format: { type: 'json' } },
    ...request,
  }
}

const top = { role: 'system', place: 'top', parts: [text('Answer in json')] } as const

it('an instruction before the conversation says the word, once', () => {
  const pass = mentionedJson({ among: 'all' })
  const { value, notes } = pass(asking({}))
  expect(value.turns.map(({ role }) => role)).toEqual(['system', 'user'])
  expect(value.turns[0]?.parts).toEqual([text('Answer in JSON.')])
  expect(notes).toMatchObject([{ action: 'synthesized', feature: 'json_instruction', weight: 1 }])
  expect(pass(value)).toEqual({ value, notes: [] })
})

it('says nothing where the word is there, or no JSON is asked for', () => {
  const pass = mentionedJson({ among: 'all' })
  const said = asking({ turns: [top, ...asking({}).turns] })
  expect(pass(said)).toEqual({ value: said, notes: [] })
  const plain = asking({ output: { format: { type: 'text' } } })
  expect(pass(plain)).toEqual({ value: plain, notes: [] })
})

it('does not count what the target does not look at', () => {
  const { value } = mentionedJson({ among: 'conversation' })(
    asking({ turns: [top, ...asking({}).turns] }),
  )
  expect(value.turns.map(({ role, place }) => place ?? role)).toEqual(['top', 'system', 'user'])
})
