// The first and the last word.
import { describe, expect, it } from 'vitest'
import type { Turn } from '../../canonical/request.ts'
import { requestWith, text } from './request.arbitrary.ts'
import { userFirst, userLast } from './user-ends.ts'

const TOP: Turn = { role: 'system', place: 'top', parts: [text('s')] }
const HI: Turn = { role: 'user', parts: [text('hi')] }
const SAID: Turn = { role: 'assistant', parts: [text('said')] }
const GO_ON: Turn = { role: 'user', parts: [text('Continue.')] }

describe('userFirst', () => {
  it.each([
    [
      [TOP, SAID, HI],
      [TOP, GO_ON, SAID, HI],
    ],
    [[TOP], [TOP, GO_ON]],
    [[], [GO_ON]],
  ])('speaks before an assistant, and where nobody does', (turns, expected) => {
    const { value, notes } = userFirst()(requestWith({ turns }))
    expect(value.turns).toEqual(expected)
    expect(notes).toMatchObject([{ action: 'synthesized', weight: 1 }])
  })

  it('leaves a conversation that the user has begun', () => {
    const request = requestWith({ turns: [TOP, HI, SAID] })
    expect(userFirst()(request).value).toBe(request)
  })
})

describe('userLast', () => {
  it('speaks behind an assistant, and nobody else', () => {
    const { value, notes } = userLast()(requestWith({ turns: [HI, SAID] }))
    expect(value.turns).toEqual([HI, SAID, GO_ON])
    expect(notes).toMatchObject([{ action: 'approximated', weight: 2, path: 'turns[2]' }])
    expect(userLast()(value).value).toBe(value)
  })
})
