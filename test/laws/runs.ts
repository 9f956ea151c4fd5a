// How many cases each law must hold for, and the target that it is held for.
import type { Profile } from '../../src/dialects/dialect.ts'

/** Cases that every law holds for, here as in CI. */
export const RUNS = { numRuns: 1000 } as const

export const PROFILE: Profile = { provider: 'laws', flags: {} }
