// What a worker shares with the others, as the parts of a gateway ask for it: each method is a question to the primary.
import type { EntryStore } from '../../resilience/cache/entry-store.ts'
import type { AnswerStore } from '../../store/answer-store.ts'
import type { SharedLimits } from '../../store/shared.ts'
import type { Line } from './line.ts'

/** A worker does not outlive its primary, so that this count is never lost. */
export function limitsOver(line: Line): SharedLimits {
  return {
    isLost: false,
    take: (takes) => line.ask('take', takes),
    charge: (charges) => line.ask('charge', charges),
    renew: (takes) => line.ask('renew', takes),
    release: (takes) => line.ask('release', takes),
    close: async () => {},
  }
}

export function entriesOver(line: Line): EntryStore {
  return {
    get: (key) => line.ask('entry-get', key),
    set: (key, text, ttlMs) => line.ask('entry-set', { key, text, ttlMs }),
    claim: (key, text, ttlMs) => line.ask('entry-claim', { key, text, ttlMs }),
    remove: (key) => line.ask('entry-remove', key),
    close: async () => {},
  }
}

export function answersOver(line: Line): AnswerStore {
  return {
    put: (owner, answer) => line.ask('answer-put', { owner, answer }),
    find: (owner, id) => line.ask('answer-find', { owner, id }),
    conversation: (owner, id) => line.ask('answer-conversation', { owner, id }),
    holding: (owner, id) => line.ask('answer-holding', { owner, id }),
    remove: (owner, id) => line.ask('answer-remove', { owner, id }),
    close: async () => {},
  }
}
