// The developer role.
import { describe, expect, it } from 'vitest'
import { developerAsSystem } from './developer-role.ts'
import { requestWith, text } from './request.arbitrary.ts'

describe('developerAsSystem', () => {
  it('reads developer turns as system turns where they stand, with an advisory note each', () => {
    const { value, notes } = developerAsSystem()(
      requestWith({
        turns: [
          { role: 'user', parts: [text('a')] },
          { role: 'developer', parts: [text('b')] },
          { role: 'system', parts: [text('c')] },
        ],
      }),
    )
    expect(value.turns.map((turn) => turn.role)).toEqual(['user', 'system', 'system'])
    expect(notes).toMatchObject([
      { feature: 'developer_role', path: 'turns[1].role', action: 'approximated', weight: 1 },
    ])
  })
})
