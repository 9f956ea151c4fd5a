// What waits for the database, as it is read back from the file of a gateway that is gone.
import { z } from 'zod'
import { BUDGET_PERIODS, BUDGET_SCOPES } from '../../canonical/budget-standing.ts'
import { compact } from '../../canonical/compact.ts'
import type { Opening, Settlement } from '../../ledger/ledger.ts'
import { type JsonObject, isObject, tryParseJson } from '../../wire/json.ts'

export type SpooledRecord =
  | { readonly type: 'begin'; readonly opening: Opening }
  | { readonly type: 'settle' | 'annul'; readonly settlement: Settlement }

const count = z.int()
const words = z.string().optional()

const labels = {
  attemptId: z.string(),
  callId: z.string(),
  operation: z.enum(['chat', 'embed', 'count-tokens']),
  caller: words,
  team: words,
  parents: z.array(z.string()).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  route: words,
  provider: z.string(),
  model: z.string(),
  credential: words,
  price: words,
  at: count,
  reserveNano: count,
  budgets: z.array(
    z.object({
      id: z.string(),
      scope: z.enum(BUDGET_SCOPES),
      subject: z.string(),
      period: z.enum(BUDGET_PERIODS),
      startsAt: count,
      limitNano: count,
      hard: z.boolean(),
    }),
  ),
}

const opening = z.object({ ...labels, inputNano: count.optional(), inputTokens: count })

const settlement = z.object({
  ...labels,
  endedAt: count,
  tokens: z
    .object({
      input: count.optional(),
      cacheRead: count.optional(),
      cacheWrite: count.optional(),
      output: count.optional(),
      reasoning: count.optional(),
    })
    .transform((tokens) => compact(tokens)),
  nanoUsd: count.optional(),
  operatorNano: count.optional(),
  source: z.enum(['provider', 'partial', 'estimate', 'crash_estimate', 'cache', 'none']),
  status: z.enum(['succeeded', 'failed', 'abandoned', 'cut', 'hedge_lost', 'crashed', 'cached']),
  errorKind: words,
  latencyMs: count,
})

const record = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), opening }),
  z.object({ type: z.literal(['settle', 'annul']), settlement }),
])

export function recordOf(spooled: SpooledRecord): JsonObject {
  const json = tryParseJson(JSON.stringify(spooled))
  return isObject(json) ? json : {}
}

/** Undefined of what another version has written. */
export function spooledIn(json: JsonObject): SpooledRecord | undefined {
  const { success, data } = record.safeParse(json)
  if (!success) return undefined
  return data.type === 'begin'
    ? { type: data.type, opening: compact(data.opening) }
    : { type: data.type, settlement: compact(data.settlement) }
}
