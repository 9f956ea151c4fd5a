// What the primary keeps for its workers: exact over all of them, and free when one dies.
import { describe, expect, it } from 'vitest'
import { MemoryEntries } from '../../resilience/cache/memory-entries.ts'
import type { ConcurrencyTake, RateTake, Take } from '../../resilience/limits/limit.ts'
import { MemoryLimits } from '../../resilience/limits/memory-limits.ts'
import { MemoryAnswers } from '../../store/memory-answers.ts'
import { Answerers, Line } from './line.ts'
import { type Desk, type SharedParts, deskFor } from './shared-desk.ts'
import { answersOver, entriesOver, limitsOver } from './shared-parts.ts'

const now = (): number => 1000

function parts(): SharedParts {
  const answers = { ttlMs: 1e6, maxEntries: 10, maxBytes: 1e6, now, after: () => () => undefined }
  return {
    limits: new MemoryLimits(now),
    entries: new MemoryEntries({ maxEntries: 10, maxBytes: 1e6, clock: now }),
    answers: new MemoryAnswers(answers),
  }
}

/** A worker's line to a desk of its own. */
function worker(shared: SharedParts): { readonly line: Line; readonly desk: Desk } {
  const desk = deskFor(shared)
  const primary: Line = new Line({
    send: (words) => line.receive(structuredClone(words)),
    answerers: desk.answerers,
    hear: () => undefined,
  })
  const line: Line = new Line({
    send: (words) => primary.receive(structuredClone(words)),
    answerers: new Answerers(),
    hear: () => undefined,
  })
  return { line, desk }
}

const RATE: RateTake = { kind: 'rate', key: 'all', limit: 7, periodMs: 60_000, cost: 1 }

function place(holder: string): ConcurrencyTake {
  return { kind: 'concurrency', key: 'all', limit: 2, holder, ttlMs: 60_000 }
}

describe('the desk of the primary', () => {
  it('lets exactly a limit through, over three workers at once', async () => {
    const shared = parts()
    const workers = Array.from({ length: 3 }, () => limitsOver(worker(shared).line))
    const takes: readonly Take[] = [RATE]
    const answers = await Promise.all(
      workers.flatMap((limits) => Array.from({ length: 10 }, async () => limits.take(takes))),
    )
    expect(answers.filter(({ granted }) => granted)).toHaveLength(7)
    expect(answers[0]).toMatchObject({ mode: 'shared' })
    const [first] = workers
    await first?.charge([{ take: RATE, amount: -1 }])
    expect(await first?.take(takes)).toMatchObject({ granted: true })
    expect(await first?.take(takes)).toMatchObject({ granted: false, at: 0 })
  })

  it('frees the places of a worker that has died, and only its own', async () => {
    const shared = parts()
    const [one, other] = [worker(shared), worker(shared)]
    await limitsOver(one.line).take([place('a')])
    const living = limitsOver(other.line)
    await living.take([place('b')])
    expect(await living.take([place('c')])).toMatchObject({ granted: false })
    one.desk.bury()
    expect(await living.take([place('c')])).toMatchObject({ granted: true })
    expect(await living.take([place('d')])).toMatchObject({ granted: false })
    await living.release([place('b')])
    other.desk.bury()
    expect(await limitsOver(worker(shared).line).take([place('d')])).toMatchObject({
      granted: true,
    })
  })

  it('gives a claim to one worker, and texts and answers to all', async () => {
    const shared = parts()
    const [one, other] = [worker(shared).line, worker(shared).line]
    const claims = await Promise.all(
      [one, other].map(async (line) => entriesOver(line).claim('k', 'mine', 1000)),
    )
    expect(claims).toEqual([undefined, 'mine'])
    await entriesOver(one).set('k', 'done', 1000)
    expect(await entriesOver(other).get('k')).toBe('done')
    await entriesOver(other).remove('k')
    expect(await entriesOver(one).get('k')).toBeUndefined()
    const answer = { id: 'resp_1', input: '[]', answer: '{}', items: ['item_1'] }
    expect(await answersOver(one).put('me', answer)).toBe(true)
    expect(await answersOver(other).find('me', 'resp_1')).toEqual(answer)
    expect(await answersOver(other).find('you', 'resp_1')).toBeUndefined()
    expect(await answersOver(other).holding('me', 'item_1')).toEqual(answer)
    expect(await answersOver(other).conversation('me', 'resp_1')).toEqual({ answers: [answer] })
    expect(await answersOver(other).remove('me', 'resp_1')).toBe(true)
  })
})
