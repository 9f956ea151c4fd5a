// Requests that ask for thought, for targets that cannot be told.
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { withoutReasoning } from './without-reasoning.ts'

const PLAIN: ChatRequest = {
  origin: { dialect: 'library' },
  model: 'm',
  turns: [],
  sampling: {},
  stream: { enabled: false },
}

describe('withoutReasoning', () => {
  const pass = withoutReasoning()

  it('leaves a request alone that asks for nothing', () => {
    expect(pass(PLAIN)).toEqual({ value: PLAIN, notes: [] })
  })

  it.each([
    [{ effort: 'high' } as const, 2],
    [{ effort: 'none' } as const, 1],
    [{ mode: 'off' } as const, 1],
  ])('drops %j and says so', (reasoning, weight) => {
    const { value, notes } = pass({ ...PLAIN, reasoning })
    expect(value).toEqual(PLAIN)
    expect(notes).toMatchObject([{ action: 'dropped', feature: 'reasoning_effort', weight }])
    expect(pass(value).value).toBe(value)
  })
})
