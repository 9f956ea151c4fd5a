// Where the answers of a server are kept: in memory, or in its database.
import type { ResponseStoreConfig } from '../config/schema.ts'
import type { AnswerStore } from '../store/answer-store.ts'
import { StoredAnswers } from '../store/answers/stored-answers.ts'
import { MemoryAnswers } from '../store/memory-answers.ts'
import type { Database } from '../store/operation.ts'
import type { After } from './message.ts'

export interface AnswerSurroundings {
  readonly database: Database
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly after: After
}

/** Undefined where nothing is to be kept. */
export function openAnswers(
  { enabled, ttl, maxEntries, maxBytes, persist = false }: ResponseStoreConfig,
  { database, now, after }: AnswerSurroundings,
): AnswerStore | undefined {
  if (!enabled) return undefined
  const options = { ttlMs: ttl * 1000, maxEntries, maxBytes, now, after }
  return persist ? new StoredAnswers(database, options) : new MemoryAnswers(options)
}
