// What several gateways share.
import type { EntryStore } from '../resilience/cache/entry-store.ts'
import type { GuardedLimits } from '../resilience/limits/guarded-limits.ts'

/** Closing the limits ends all of it. */
export interface Shared {
  readonly limits: GuardedLimits
  readonly entries: EntryStore
}
