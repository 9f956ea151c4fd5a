// What all workers share, kept by the primary: the counts of limits, texts for a time, answers that clients come back to.
import type { EntryStore } from '../../resilience/cache/entry-store.ts'
import type { ConcurrencyTake, Take } from '../../resilience/limits/limit.ts'
import type { MemoryLimits } from '../../resilience/limits/memory-limits.ts'
import type { AnswerStore } from '../../store/answer-store.ts'
import { Answerers } from './line.ts'

export interface SharedParts {
  readonly limits: MemoryLimits
  readonly entries: EntryStore
  readonly answers: AnswerStore
}

/** The desk of one worker. */
export interface Desk {
  readonly answerers: Answerers
  /** It has died: the places that it held are free. */
  bury(): void
}

export function deskFor({ limits, entries, answers }: SharedParts): Desk {
  const places = new Map<string, ConcurrencyTake>()
  const answerers = new Answerers()
    .on('take', (takes) => {
      const answer = limits.take(takes)
      if (answer.granted) hold(places, takes)
      return { ...answer, mode: 'shared' }
    })
    .on('charge', (charges) => limits.charge(charges))
    .on('renew', (takes) => limits.renew(takes))
    .on('release', (takes) => {
      for (const take of takes) places.delete(placeOf(take))
      limits.release(takes)
    })
    .on('entry-get', async (key) => entries.get(key))
    .on('entry-set', async ({ key, text, ttlMs }) => entries.set(key, text, ttlMs))
    // What a dead worker had claimed stays so for as long as a claim lasts: it may have reached a provider.
    .on('entry-claim', async ({ key, text, ttlMs }) => entries.claim(key, text, ttlMs))
    .on('entry-remove', async (key) => entries.remove(key))
    .on('answer-put', async ({ owner, answer }) => answers.put(owner, answer))
    .on('answer-find', async ({ owner, id }) => answers.find(owner, id))
    .on('answer-conversation', async ({ owner, id }) => answers.conversation(owner, id))
    .on('answer-holding', async ({ owner, id }) => answers.holding(owner, id))
    .on('answer-remove', async ({ owner, id }) => answers.remove(owner, id))
  return {
    answerers,
    bury: () => {
      limits.release([...places.values()])
      places.clear()
    },
  }
}

function hold(places: Map<string, ConcurrencyTake>, takes: readonly Take[]): void {
  for (const take of takes) if (take.kind === 'concurrency') places.set(placeOf(take), take)
}

function placeOf({ key, holder }: ConcurrencyTake): string {
  return `${key} ${holder}`
}
