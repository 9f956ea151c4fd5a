// What was used: summed up by time, model, key and more; and entry by entry, to take away.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import type { Database } from '../../store/operation.ts'
import { groupUsage, listUsage, sumUsage } from '../../store/usage/usage-operations.ts'
import type { EntryPlace, GroupedUsage, UsageEntry, UsageFilter } from '../../usage/usage-query.ts'
import { isArray, tryParseJson } from '../../wire/json.ts'
import { type PageSource, nextField, pageOf, pagingFields } from '../admin/paging.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'
import { queried, refused } from '../validate.ts'
import { filterFields, filterOf, groupsIn } from './usage-asked.ts'
import { ENTRY_COLUMNS, csvLine, entryLine } from './usage-csv.ts'
import { entryView, groupView, nameOf, sumView, timeText } from './usage-view.ts'

export interface UsageRoutesOptions {
  readonly database: Database
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const GROUP = 'usage'
/** Entries of one look into the database. */
const PAGE = 500

const sums = {
  requests: z.int(),
  attempts: z.int(),
  errors: z.int(),
  unpriced: z.int(),
  tokens: z.record(z.string(), z.int()),
  cost_usd: z.string(),
  estimated_usd: z.string(),
}

const grouped = z.strictObject({
  ...filterFields,
  group_by: z
    .array(z.string())
    .optional()
    .describe(
      'Up to three of hour, day, month, model, provider, key, team, route, operation, status, tag:NAME.',
    ),
  ...pagingFields,
})

const exported = z.strictObject({
  ...filterFields,
  format: z.enum(['csv', 'json', 'ndjson']).optional().describe('Default: csv.'),
})

export function usageRoutes(options: UsageRoutesOptions): readonly Route[] {
  return [usageRoute(options), exportRoute(options)]
}

function usageRoute({ database, now }: UsageRoutesOptions): Route {
  return {
    method: 'GET',
    path: '/api/usage',
    access: 'known',
    writeError: writePlainError,
    description: {
      summary: 'Sum up what was used; a client key sees its own usage, an admin all',
      group: GROUP,
      query: grouped,
      response: z.object({
        from: z.string(),
        to: z.string(),
        group_by: z.array(z.string()),
        groups: z.array(z.looseObject(sums)),
        totals: z.object(sums),
        next: nextField,
      }),
    },
    handle: async (call) => {
      const { group_by: words = [], limit, after, ...asked } = queried(grouped, call)
      const filter = filterOf(asked, call, now())
      const groups = groupsIn(words, filter)
      const totals = await database.run(sumUsage, filter)
      const read: PageSource<GroupedUsage>['read'] = async (page) =>
        groups.length === 0
          ? []
          : database.run(groupUsage, {
              ...filter,
              groups,
              limit: page.limit,
              ...(page.after === undefined ? {} : { after: valuesIn(page.after, groups.length) }),
            })
      const { items, next } = await pageOf<GroupedUsage>(compact({ limit, after }), {
        read,
        placeOf: ({ values }) => Buffer.from(JSON.stringify(values)).toString('base64url'),
      })
      return jsonAnswer({
        from: timeText(filter.from),
        to: timeText(filter.to),
        group_by: groups.map((group) => nameOf(group)),
        groups: items.map((item) => groupView(groups, item)),
        totals: sumView(totals),
        next,
      })
    },
  }
}

function valuesIn(after: string, count: number): readonly (string | number)[] {
  const values = tryParseJson(Buffer.from(after, 'base64url').toString('utf8'))
  const read = isArray(values)
    ? values.filter((value) => typeof value === 'string' || typeof value === 'number')
    : []
  if (read.length === count) return read
  throw refused('after', '"after" must be `next` of the page before, of the same question.')
}

function exportRoute({ database, now }: UsageRoutesOptions): Route {
  return {
    method: 'GET',
    path: '/api/usage/export',
    access: 'known',
    writeError: writePlainError,
    description: {
      summary: 'Take the record of usage away, an attempt a line, as CSV, JSON or NDJSON',
      group: GROUP,
      query: exported,
      mediaType: 'text/csv',
    },
    handle: async (call) => {
      const { format = 'csv', ...asked } = queried(exported, call)
      const filter = filterOf(asked, call, now())
      return {
        status: 200,
        headers: {
          'content-type': MEDIA[format],
          'content-disposition': `attachment; filename="usage.${format}"`,
        },
        body: written(format, { database, filter, signal: call.signal }),
      }
    },
  }
}

type Format = 'csv' | 'json' | 'ndjson'

const MEDIA: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
}

interface Export {
  readonly database: Database
  readonly filter: UsageFilter
  readonly signal: AbortSignal
}

/** A page of entries at a time, and the next one only when the last is taken. */
async function* written(format: Format, source: Export): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(ENTRY_COLUMNS)
  if (format === 'json') yield '['
  let first = true
  for await (const entry of entriesOf(source)) {
    const view = entryView(entry)
    if (format === 'csv') yield entryLine(view)
    else if (format === 'ndjson') yield `${JSON.stringify(view)}\n`
    else yield `${first ? '' : ','}\n${JSON.stringify(view)}`
    first = false
  }
  if (format === 'json') yield '\n]\n'
}

async function* entriesOf({ database, filter, signal }: Export): AsyncGenerator<UsageEntry> {
  let after: EntryPlace | undefined
  for (;;) {
    const page = await database.run(listUsage, {
      ...filter,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    yield* page
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined || signal.aborted) return
    after = { at: last.at, attemptId: last.attemptId, kind: last.kind }
  }
}
