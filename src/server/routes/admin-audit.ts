// The audit log over HTTP: read it, and have it verified.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import type { AuditLog } from '../../store/audit/audit-log.ts'
import type { FoundEntry } from '../../store/audit/audit-row.ts'
import { ACTORS, OUTCOMES } from '../../store/audit/entry.ts'
import type { JsonObject } from '../../wire/json.ts'
import { nextField, pageOf, pagingFields } from '../admin/paging.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'
import { queried, refused } from '../validate.ts'

const SHARED = { access: 'admin', writeError: writePlainError } as const
const GROUP = 'audit'

const time = z.iso.datetime({ offset: true })

const query = z.strictObject({
  ...pagingFields,
  actor: z.string().optional().describe('The public id of a key.'),
  action: z.string().optional().describe('Such as `provider.register`.'),
  subject: z.string().optional(),
  outcome: z.enum(OUTCOMES).optional(),
  since: time.optional().describe('From that time on, in ISO 8601.'),
  until: time.optional().describe('Before that time.'),
})

const entry: z.ZodType = z.object({
  seq: z.int(),
  time: z.string().optional(),
  actor: z.enum(ACTORS).optional(),
  actor_id: z.string().optional(),
  role: z.string().optional(),
  action: z.string().optional(),
  subject: z.string().optional(),
  outcome: z.enum(OUTCOMES).optional(),
  status: z.int().optional(),
  request_id: z.string().optional(),
  details: z.looseObject({}).optional(),
  hash: z.string().optional(),
  unreadable: z.literal(true).optional().describe('Somebody changed it.'),
})

export function auditRoutes(log: AuditLog): readonly Route[] {
  return [listRoute(log), verifyRoute(log)]
}

function listRoute(log: AuditLog): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: '/api/admin/audit',
    description: {
      summary: 'What was done, by whom, and how it went; the newest first',
      group: GROUP,
      query,
      response: z.object({ entries: z.array(entry), next: nextField }),
    },
    handle: async (call) => {
      const { limit, after, since, until, actor, action, subject, outcome } = queried(query, call)
      const filter = compact({
        actorId: actor,
        action,
        subject,
        outcome,
        since: since === undefined ? undefined : Date.parse(since),
        until: until === undefined ? undefined : Date.parse(until),
      })
      const { items, next } = await pageOf(
        { limit, after },
        {
          read: async (page) =>
            log.list({ filter, limit: page.limit, ...compact({ before: placeIn(page.after) }) }),
          placeOf: ({ seq }) => String(seq),
        },
      )
      return jsonAnswer({ entries: items.map((one) => auditEntryView(one)), next })
    },
  }
}

function verifyRoute(log: AuditLog): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: '/api/admin/audit/verification',
    description: {
      summary: 'Read the whole audit log and say whether it is as it was written',
      group: GROUP,
      response: z.object({
        entries: z.int(),
        keyed: z.int().describe('Entries whose hash nobody can make without the vault.'),
        unprotected: z.int().describe('Entries at the end that are chained without a key.'),
        unchecked: z.int().describe('Entries whose key is not at hand.'),
        fault: z.string().optional(),
        seq: z.int().optional().describe('The first entry that is wrong.'),
      }),
    },
    handle: async () => {
      const { fault, ...counts } = await log.verify()
      return jsonAnswer({ ...counts, ...fault })
    },
  }
}

/** As the API shows it. */
function auditEntryView(found: FoundEntry): JsonObject {
  if ('unreadable' in found) return { seq: found.seq, unreadable: true }
  const { seq, at, actor, actorId, role, action, subject, outcome, status, requestId } = found
  return compact({
    seq,
    time: new Date(at).toISOString(),
    actor,
    actor_id: actorId,
    role,
    action,
    subject,
    outcome,
    status,
    request_id: requestId,
    details: found.details,
    hash: found.hash,
  })
}

function placeIn(after: string | undefined): number | undefined {
  if (after === undefined) return undefined
  const seq = Number(after)
  if (Number.isSafeInteger(seq) && seq > 0) return seq
  throw refused('after', '"after" must be "next" of the page before.')
}
