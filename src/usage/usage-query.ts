// What can be asked of recorded usage: of when, of whom, and how it is grouped.

export const TIME_BUCKETS = ['hour', 'day', 'month'] as const
export type TimeBucket = (typeof TIME_BUCKETS)[number]

export const USAGE_LABELS = [
  'model',
  'provider',
  'key',
  'team',
  'route',
  'operation',
  'status',
] as const
export type UsageLabel = (typeof USAGE_LABELS)[number]

/** One way to group: by time, by a label, or by the value of a tag. */
export type UsageGroup =
  | { readonly by: TimeBucket }
  | { readonly by: UsageLabel }
  | { readonly by: 'tag'; readonly tag: string }

export interface UsageFilter {
  /** Milliseconds since 1970; `from` is in it, `to` is not. */
  readonly from: number
  readonly to: number
  readonly labels: Readonly<Partial<Record<UsageLabel, string>>>
  readonly tags: Readonly<Record<string, string>>
  /** Leaves out what is the operator's cost and no caller's. */
  readonly callersOnly: boolean
}

export interface UsageQuery extends UsageFilter {
  readonly groups: readonly UsageGroup[]
  readonly limit: number
  /** The values of the last group of the page before. */
  readonly after?: readonly (string | number)[]
}

/** What was used, summed up. Money in billionths of a US dollar. */
export interface UsageSum {
  /** Calls of clients. */
  readonly requests: number
  /** What providers were asked for them, and answers from the cache. */
  readonly attempts: number
  readonly errors: number
  /** Attempts whose price nobody knows. */
  readonly unpriced: number
  readonly tokens: {
    readonly input: number
    readonly cacheRead: number
    readonly cacheWrite: number
    readonly output: number
    readonly reasoning: number
  }
  readonly nanoUsd: number
  /** Part of it that is guessed, since nobody counted. */
  readonly estimatedNanoUsd: number
}

export interface GroupedUsage extends UsageSum {
  /** One for each group: the beginning of a time, or the label; empty where there is none. */
  readonly values: readonly (string | number)[]
}

/** One attempt that is over, or a correction of it. */
export interface UsageEntry {
  readonly attemptId: string
  readonly kind: string
  readonly callId: string
  /** When it was dispatched. */
  readonly at: number
  readonly operation: string
  readonly key?: string
  readonly team?: string
  readonly route?: string
  readonly provider: string
  readonly model: string
  readonly price?: string
  readonly tokens: {
    readonly input?: number
    readonly cacheRead?: number
    readonly cacheWrite?: number
    readonly output?: number
    readonly reasoning?: number
  }
  readonly nanoUsd?: number
  readonly source?: string
  readonly status?: string
  readonly error?: string
  readonly latencyMs?: number
  readonly tags: Readonly<Record<string, string>>
}

/** Where the next page of entries begins. */
export interface EntryPlace {
  readonly at: number
  readonly attemptId: string
  readonly kind: string
}

export interface EntryQuery extends UsageFilter {
  readonly limit: number
  readonly after?: EntryPlace
}

/** Months of one answer: twenty years. */
const MOST_MONTHS = 240

/** When the months begin that a time touches; undefined where they are too many. */
export function monthStarts(from: number, to: number): readonly number[] | undefined {
  const first = new Date(from)
  const starts: number[] = []
  for (let month = 0; month <= MOST_MONTHS; month += 1) {
    const start = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, 1)
    if (start >= to) return starts
    starts.push(start)
  }
  return undefined
}
