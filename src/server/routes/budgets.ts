// Budgets over the admin API: those that hold, how they stand, and those that are set while it runs.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import { costOfNano } from '../../canonical/cost.ts'
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import { type BudgetSetting, budgetSetting } from '../../config/budget-schema.ts'
import type { BudgetRule } from '../../ledger/budget-rule.ts'
import { nextPeriodStart } from '../../ledger/period.ts'
import type { Documents } from '../../store/documents/documents.ts'
import { tryParseJson, isObject, type JsonObject } from '../../wire/json.ts'
import { nextField, pageOf, pagingFields } from '../admin/paging.ts'
import { versioned } from '../admin/precondition.ts'
import { BUDGET, type BudgetBook, unknownBudget } from '../budget-book.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { queried, validated } from '../validate.ts'

export interface BudgetRoutesOptions {
  readonly book: BudgetBook
  readonly documents: Documents
  /** How budgets stand in the periods of now, by id, after one. */
  readonly standings: (page: {
    readonly after?: string
    readonly limit: number
  }) => Promise<readonly BudgetStanding[]>
  readonly now: () => number
}

const SHARED = { access: 'admin', writeError: writePlainError } as const
const GROUP = 'budgets'
const ONE = '/api/admin/budgets/:id'

const rule = z.object({
  id: z.string().describe('As in the path, of one that was set here.'),
  source: z
    .enum(['config', 'api'])
    .describe('config: patchbay.yaml has it, and only that changes it.'),
  scope: z.string(),
  of: z.string().optional(),
  usd: z.string(),
  period: z.string(),
  hard: z.boolean(),
})

const standing = z.object({
  id: z.string(),
  scope: z.string(),
  subject: z.string().describe('The route, team or key; empty of the whole installation.'),
  period: z.string(),
  starts_at: z.string().nullable().describe('Null of one that never begins anew.'),
  ends_at: z.string().nullable(),
  limit_usd: z.string(),
  spent_usd: z.string(),
  reserved_usd: z.string().describe('Held by calls that are not over.'),
  remaining_usd: z.string(),
})

const listQuery = z.strictObject(pagingFields)

export function budgetRoutes(options: BudgetRoutesOptions): readonly Route[] {
  return [listRoute(options), standingRoute(options), ...oneRoutes(options)]
}

function listRoute({ book }: BudgetRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: '/api/admin/budgets',
    description: {
      summary: 'The budgets that hold',
      group: GROUP,
      response: z.object({ budgets: z.array(rule) }),
    },
    handle: async () => {
      const set = [...book.set].map(([id, one]) => ruleView({ ...one, id }, 'api'))
      const configured = book.rules
        .filter((one) => ![...book.set.values()].includes(one))
        .map((one) => ruleView(one, 'config'))
      return jsonAnswer({ budgets: [...configured, ...set] })
    },
  }
}

function standingRoute({ standings, now }: BudgetRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: '/api/admin/budget-standings',
    description: {
      summary: 'How budgets stand in their present periods, once something was asked of them',
      group: GROUP,
      query: listQuery,
      response: z.object({ standings: z.array(standing), next: nextField }),
    },
    handle: async (call) => {
      const asked = queried(listQuery, call)
      const page = await pageOf(asked, { read: standings, placeOf: ({ id }) => id })
      const all = page.items.map((one) => standingView(one, now()))
      return jsonAnswer({ standings: all, next: page.next })
    },
  }
}

function oneRoutes({ book, documents }: BudgetRoutesOptions): readonly Route[] {
  const view = async (call: Call): Promise<ReturnType<typeof versioned>> => {
    const id = idOf(call)
    const found = await documents.find({ kind: BUDGET, id })
    const known = book.set.get(id)
    if (found === undefined || known === undefined) throw unknownBudget(id)
    return versioned({ budget: ruleView({ ...known, id }, 'api') }, found.version)
  }
  const response = z.object({ budget: rule })
  return [
    {
      ...SHARED,
      method: 'GET',
      path: ONE,
      description: { summary: 'A budget that was set here', group: GROUP, response },
      handle: view,
    },
    {
      ...SHARED,
      method: 'PUT',
      path: ONE,
      precondition: 'optional',
      description: {
        summary: 'Set a budget, or change one: what is spent of it stays spent',
        group: GROUP,
        request: budgetSetting,
        response,
      },
      handle: async (call) => {
        const id = idOf(call)
        const body = bodyOf(validated(budgetSetting, call.body))
        const { expected = 'any' } = call
        await documents.write([{ kind: BUDGET, id, body, expected }])
        return view(call)
      },
    },
    {
      ...SHARED,
      method: 'DELETE',
      path: ONE,
      precondition: 'optional',
      description: {
        summary: 'Remove a budget that was set here',
        group: GROUP,
        response: z.object({ removed: z.string() }),
      },
      handle: async (call) => {
        const id = idOf(call)
        if (!book.set.has(id)) throw unknownBudget(id)
        await documents.write([{ kind: BUDGET, id, ...compact({ expected: call.expected }) }])
        return jsonAnswer({ removed: id })
      },
    },
  ]
}

function idOf({ params }: Call): string {
  return params['id'] ?? ''
}

function bodyOf(setting: BudgetSetting): JsonObject {
  const body = tryParseJson(JSON.stringify(setting))
  return isObject(body) ? body : {}
}

function ruleView(
  { id, scope, of, limitNano, period, hard }: BudgetRule,
  source: string,
): JsonObject {
  return compact({ id, source, scope, of, usd: usd(limitNano), period, hard })
}

function standingView(of: BudgetStanding, now: number): JsonObject {
  const { id, scope, subject, period, startsAt, limitNano, spentNano, reservedNano } = of
  const next = nextPeriodStart(period, now)
  return {
    id,
    scope,
    subject,
    period,
    starts_at: next === undefined ? null : new Date(startsAt).toISOString(),
    ends_at: next === undefined ? null : new Date(next).toISOString(),
    limit_usd: usd(limitNano),
    spent_usd: usd(spentNano),
    reserved_usd: usd(reservedNano),
    remaining_usd: usd(limitNano - spentNano - reservedNano),
  }
}

function usd(nano: number): string {
  return costOfNano(Math.max(0, nano)).usd
}
