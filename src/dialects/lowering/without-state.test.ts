// State that its own maker cannot read any more: only that goes.
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { withoutState } from './without-state.ts'

const seal = { format: 'openai.encrypted' as const, origin: { dialect: 'd' }, payload: 'x' }

const REQUEST: ChatRequest = {
  origin: { dialect: 'd' },
  model: 'm',
  sampling: {},
  stream: { enabled: false },
  turns: [
    { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
    { role: 'assistant', parts: [{ type: 'reasoning', text: '', seal }] },
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'text', text: 'hello' },
        {
          type: 'tool-call',
          callId: 'c',
          kind: 'function',
          name: 'f',
          arguments: { text: '{}' },
          seal,
        },
      ],
    },
  ],
}

describe('state that is not taken back', () => {
  const pass = withoutState('refused')
  const { value, notes } = pass(REQUEST)

  it('leaves words and calls, without their seals', () => {
    expect(value.turns).toEqual([
      REQUEST.turns[0],
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: 'hello' },
          {
            type: 'tool-call',
            callId: 'c',
            kind: 'function',
            name: 'f',
            arguments: { text: '{}' },
          },
        ],
      },
    ])
  })

  it('is told, by its place', () => {
    expect(notes.map(({ path, weight }) => [path, weight])).toEqual([
      ['turns[1].parts[0]', 2],
      ['turns[2].parts[0]', 2],
      ['turns[2].parts[2].seal', 2],
    ])
  })

  it('is nothing to do where there is none', () => {
    expect(pass(value)).toEqual({ value, notes: [] })
    expect(pass(value).value).toBe(value)
  })
})
