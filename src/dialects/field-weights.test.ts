// Weights of unknown fields: by key, by what the field holds, by what is inside it.
import { describe, expect, it } from 'vitest'
import { type FieldWeights, always, inside, unless, weigh, when } from './field-weights.ts'

const WEIGHTS: FieldWeights = {
  heavy: always(3),
  keep: when(false, 4),
  guard: unless(false, 4),
  routing: inside({ private: when(true, 4), near: always(2) }),
}

describe('weigh', () => {
  it('gives the weight that a key has whatever it holds', () => {
    expect(weigh({ heavy: null }, WEIGHTS)).toEqual({ heavy: 3 })
  })

  it('asks what the field holds, where that decides', () => {
    expect(weigh({ keep: false, guard: 'on' }, WEIGHTS)).toEqual({ keep: 4, guard: 4 })
    expect(weigh({ keep: true, guard: false }, WEIGHTS)).toBeUndefined()
  })

  it('takes the heaviest of the keys inside', () => {
    expect(weigh({ routing: { private: true, near: 1 } }, WEIGHTS)).toEqual({ routing: 4 })
    expect(weigh({ routing: { private: false, near: 1 } }, WEIGHTS)).toEqual({ routing: 2 })
    expect(weigh({ routing: { other: 1 } }, WEIGHTS)).toBeUndefined()
    expect(weigh({ routing: 'private' }, WEIGHTS)).toBeUndefined()
  })

  it('says nothing of keys that are not in the table, inherited ones included', () => {
    expect(weigh({ other: 1, constructor: 1, toString: 1 }, WEIGHTS)).toBeUndefined()
    expect(weigh({ heavy: undefined }, WEIGHTS)).toBeUndefined()
  })
})
