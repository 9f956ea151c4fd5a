// Long lists a page at a time: `limit` and `after` in the URL, `next` in the answer.
import { z } from 'zod'

const PAGE = 50
const LONGEST = 500

/** For the query schema of a list. */
export const pagingFields: {
  readonly limit: z.ZodType<number | undefined>
  readonly after: z.ZodType<string | undefined>
} = {
  limit: z.int().min(1).max(LONGEST).optional().describe(`How many at most. Default: ${PAGE}.`),
  after: z.string().min(1).max(1024).optional().describe('`next` of the page before.'),
}

/** In the schema of an answer. */
export const nextField: z.ZodType<string | null> = z
  .string()
  .nullable()
  .describe('Where the next page begins; null on the last one.')

/** What a query asks for. */
export interface Paging {
  readonly limit?: number | undefined
  readonly after?: string | undefined
}

export interface PageOf<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

export interface PageSource<T> {
  /** What follows the place, in order, that many at most. */
  readonly read: (page: {
    readonly after?: string
    readonly limit: number
  }) => Promise<readonly T[]>
  readonly placeOf: (item: T) => string
}

/** One page, and where the next one begins. */
export async function pageOf<T>(
  { limit = PAGE, after }: Paging,
  { read, placeOf }: PageSource<T>,
): Promise<PageOf<T>> {
  // One more than is shown tells whether there are more.
  const found = await read({ limit: limit + 1, ...(after === undefined ? {} : { after }) })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  const next = found.length > limit && last !== undefined ? placeOf(last) : null
  return { items, next }
}
