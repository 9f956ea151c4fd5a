// The cache of answers from what is said of it: every number has a default.
import { compact } from '../../canonical/compact.ts'
import type { Every } from '../limits/lease.ts'
import { realPause } from '../pause.ts'
import { CACHE, type CacheOptions, type CacheSettings } from './cached.ts'
import type { EntryStore } from './entry-store.ts'
import { MemoryEntries } from './memory-entries.ts'

export interface CacheSetup extends Partial<CacheSettings> {
  /** `false`: whoever asks for it, answers are not used again. Default true. */
  readonly enabled?: boolean
  /** Where answers are kept. Default: in memory, up to `maxEntries` and `maxBytes`. */
  readonly store?: EntryStore
  /** Default 10000. */
  readonly maxEntries?: number
  /** Default 67108864. */
  readonly maxBytes?: number
}

export const MAX_ENTRIES: number = 10_000
export const MAX_BYTES: number = 64 * 1024 * 1024

export function cacheOptions(
  setup: Omit<CacheSetup, 'enabled'>,
  { every, ...around }: Pick<CacheOptions, 'clock' | 'tell'> & { readonly every: Every },
): CacheOptions {
  const { store, maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES, ...settings } = setup
  const { clock } = around
  return {
    ...CACHE,
    ...compact(settings),
    ...around,
    pause: realPause,
    store: store ?? new MemoryEntries({ maxEntries, maxBytes, clock, every }),
  }
}
