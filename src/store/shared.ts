// What several gateways share.
import type { EntryStore } from '../resilience/cache/entry-store.ts'
import type { LimitStore } from '../resilience/limits/limit.ts'

export interface SharedLimits extends LimitStore {
  /** Whether limits are counted alone, each as it says. */
  readonly isLost: boolean
}

/** Closing the limits ends all of it. */
export interface Shared {
  readonly limits: SharedLimits
  readonly entries: EntryStore
}
