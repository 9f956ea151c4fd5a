// One provider's models: what it lists, what its config adds, and for how long that is good.
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import { ModelList } from './model-list.ts'

interface Setup {
  readonly list: ModelList
  readonly asked: () => number
  nowMs: number
}

function setUp(configured: readonly string[], answer: () => Promise<readonly ModelCard[]>): Setup {
  let asked = 0
  const setup: Setup = {
    nowMs: 0,
    asked: () => asked,
    list: new ModelList({
      configured,
      clock: () => setup.nowMs,
      list: () => {
        asked += 1
        return answer()
      },
    }),
  }
  return setup
}

describe('ModelList', () => {
  it('puts configured models first, with what the provider says of them', async () => {
    const { list } = setUp(['b', 'c'], async () => [{ id: 'a' }, { id: 'b', contextTokens: 9 }])
    await expect(list.cards()).resolves.toEqual([
      { id: 'b', contextTokens: 9 },
      { id: 'c' },
      { id: 'a' },
    ])
  })

  it('asks again after a minute, not before', async () => {
    const setup = setUp([], async () => [{ id: 'a' }])
    await setup.list.cards()
    setup.nowMs = 59_999
    await setup.list.cards()
    expect(setup.asked()).toBe(1)
    setup.nowMs = 60_000
    await setup.list.cards()
    expect(setup.asked()).toBe(2)
  })

  it('does not keep a failure', async () => {
    let broken = true
    const setup = setUp([], async () => {
      if (broken) throw new Error('broken')
      return [{ id: 'a' }]
    })
    expect(await failureOf(setup.list.cards())).toMatchObject({ message: 'broken' })
    broken = false
    await expect(setup.list.cards()).resolves.toEqual([{ id: 'a' }])
  })

  it('falls back on the configured models', async () => {
    const { list } = setUp(['mine'], () => Promise.reject(new Error('broken')))
    await expect(list.cards()).resolves.toEqual([{ id: 'mine' }])
  })
})
