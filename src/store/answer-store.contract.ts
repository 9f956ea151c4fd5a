// The suite that every store of answers passes.
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeTime } from '../../test/server-fakes.ts'
import type { KeptAnswer } from '../canonical/kept-answer.ts'
import type { AnswerStore } from './answer-store.ts'

interface StoreSetup {
  readonly time: FakeTime
  readonly ttlMs: number
  readonly maxBytes: number
}

export interface StoreSubject {
  readonly name: string
  /** An empty store that keeps for `ttlMs`, and nothing larger than `maxBytes`. */
  readonly open: (setup: StoreSetup) => Promise<AnswerStore>
}

const TTL = 1000
const MAX_BYTES = 10_000

export function kept(id: string, more: Partial<KeptAnswer> = {}): KeptAnswer {
  return { id, input: `["asked ${id}"]`, answer: `{"id":"${id}"}`, items: [`item_${id}`], ...more }
}

export function answerStoreContract({ name, open }: StoreSubject): void {
  describe(`${name} as a store of answers`, () => {
    let time: FakeTime
    let store: AnswerStore

    beforeEach(async () => {
      time = new FakeTime()
      store = await open({ time, ttlMs: TTL, maxBytes: MAX_BYTES })
    })

    async function chainOfThree(): Promise<readonly KeptAnswer[]> {
      const chain = [
        kept('a'),
        kept('b', { previous: 'a' }),
        kept('c', { previous: 'b', input: '[{"n":12345678901234567890.10}]' }),
      ]
      for (const answer of chain) expect(await store.put('ann', answer)).toBe(true)
      return chain
    }

    it('gives back what it was given, as it was', async () => {
      const [, , last] = await chainOfThree()
      expect(await store.find('ann', 'c')).toEqual(last)
      expect(await store.find('ann', 'unknown')).toBeUndefined()
    })

    it('gives a conversation in order, from its beginning to the answer that is asked for', async () => {
      const chain = await chainOfThree()
      expect(await store.conversation('ann', 'c')).toEqual({ answers: chain })
      expect(await store.conversation('ann', 'a')).toEqual({ answers: chain.slice(0, 1) })
      expect(await store.conversation('ann', 'x')).toEqual({ answers: [], missing: 'x' })
    })

    it('finds the latest answer that has an item', async () => {
      await store.put('ann', kept('a', { items: ['msg_1', 'msg_2'] }))
      await store.put('ann', kept('b', { items: ['msg_2'] }))
      expect((await store.holding('ann', 'msg_1'))?.id).toBe('a')
      expect((await store.holding('ann', 'msg_2'))?.id).toBe('b')
      expect(await store.holding('ann', 'msg_3')).toBeUndefined()
    })

    it('shows nobody what belongs to another, and lets nobody remove it', async () => {
      await chainOfThree()
      await store.put('bob', kept('b1', { previous: 'c' }))
      expect(await store.find('bob', 'c')).toBeUndefined()
      expect(await store.holding('bob', 'item_c')).toBeUndefined()
      expect(await store.remove('bob', 'c')).toBe(false)
      expect(await store.conversation('bob', 'c')).toEqual({ answers: [], missing: 'c' })
      expect(await store.conversation('bob', 'b1')).toMatchObject({ missing: 'c' })
      expect(await store.find('ann', 'c')).toBeDefined()
    })

    it('keeps apart what two owners keep under one id', async () => {
      await store.put('ann', kept('a', { answer: '"of ann"' }))
      await store.put('bob', kept('a', { answer: '"of bob"' }))
      await store.remove('bob', 'a')
      expect((await store.find('ann', 'a'))?.answer).toBe('"of ann"')
      expect(await store.find('bob', 'a')).toBeUndefined()
    })

    it('forgets what is removed, with its items, and says where a conversation then breaks off', async () => {
      const chain = await chainOfThree()
      expect(await store.remove('ann', 'b')).toBe(true)
      expect(await store.remove('ann', 'b')).toBe(false)
      expect(await store.find('ann', 'b')).toBeUndefined()
      expect(await store.holding('ann', 'item_b')).toBeUndefined()
      expect(await store.conversation('ann', 'c')).toEqual({
        answers: chain.slice(2),
        missing: 'b',
      })
    })

    it('forgets in time', async () => {
      await store.put('ann', kept('a'))
      await time.pass(TTL - 1)
      expect(await store.find('ann', 'a')).toBeDefined()
      await time.pass(1)
      expect(await store.find('ann', 'a')).toBeUndefined()
      expect(await store.holding('ann', 'item_a')).toBeUndefined()
      expect(await store.conversation('ann', 'a')).toEqual({ answers: [], missing: 'a' })
      expect(await store.remove('ann', 'a')).toBe(false)
    })

    it('keeps what is gone on from for longer, all of it, but not what is only looked at', async () => {
      await chainOfThree()
      await store.put('ann', kept('looked-at'))
      await time.pass(TTL - 1)
      await store.find('ann', 'looked-at')
      await store.conversation('ann', 'c')
      await time.pass(TTL - 1)
      expect(await store.find('ann', 'looked-at')).toBeUndefined()
      expect((await store.conversation('ann', 'c')).answers).toHaveLength(3)
      await time.pass(TTL - 1)
      await store.put('ann', kept('d', { previous: 'c' }))
      await time.pass(TTL - 1)
      expect((await store.conversation('ann', 'd')).answers).toHaveLength(4)
    })

    it('keeps what holds an item that is referred to for longer', async () => {
      await store.put('ann', kept('a'))
      await time.pass(TTL - 1)
      await store.holding('ann', 'item_a')
      await time.pass(TTL - 1)
      expect(await store.find('ann', 'a')).toBeDefined()
    })

    it('says what is too large, and keeps nothing of it', async () => {
      const large = kept('large', { answer: JSON.stringify('é'.repeat(MAX_BYTES / 2)) })
      expect(await store.put('ann', large)).toBe(false)
      expect(await store.find('ann', 'large')).toBeUndefined()
      expect(await store.put('ann', kept('small'))).toBe(true)
    })

    it('can be closed twice', async () => {
      await store.put('ann', kept('a'))
      await store.close()
      await store.close()
      expect(time.waiting).toBe(0)
    })
  })
}
