// What a call asks of recorded usage, and whether its caller may ask that.
import { z } from 'zod'
import { GatewayError } from '../../canonical/errors.ts'
import {
  TIME_BUCKETS,
  USAGE_LABELS,
  type UsageFilter,
  type UsageGroup,
  monthStarts,
} from '../../usage/usage-query.ts'
import { keyNeeded } from '../auth.ts'
import type { Call } from '../route.ts'
import { refused } from '../validate.ts'

const DAY = 86_400_000
/** What is shown where nobody says of when. */
const DAYS = 30
const MOST_GROUPS = 3
const WHEN = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/
const TAG = /^[A-Za-z0-9_.-]{1,64}$/

const label = z.string().min(1).max(300).optional()

export const filterFields: Readonly<Record<keyof Asked, z.ZodType<string | undefined>>> = {
  from: z.string().optional().describe('A date or a time in UTC. Default: 30 days before `to`.'),
  to: z.string().optional().describe('Until just before it. Default: now.'),
  model: label.describe('`provider/model`.'),
  provider: label,
  key_id: label.describe('The public id of a key; a client key sees its own usage only.'),
  team: label,
  route: label,
  operation: label.describe('`chat` or `embed`.'),
  status: label.describe('`succeeded`, `failed`, `abandoned`, `cut`, `cached` …'),
  tag: label.describe('`name:value`.'),
}

export interface Asked {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly model?: string | undefined
  readonly provider?: string | undefined
  readonly key_id?: string | undefined
  readonly team?: string | undefined
  readonly route?: string | undefined
  readonly operation?: string | undefined
  readonly status?: string | undefined
  readonly tag?: string | undefined
}

/** Throws GatewayError: who is nobody sees nothing, and a client key nothing of any other, whether or not there is one. */
export function filterOf(asked: Asked, { caller }: Pick<Call, 'caller'>, now: number): UsageFilter {
  if (caller.kind === 'anonymous') {
    throw keyNeeded(caller, 'Usage is shown to whom it belongs to, by its key.')
  }
  const { from, to, tag, key_id: key, ...labels } = asked
  const end = to === undefined ? now + 1 : timeOf(to, 'to')
  const start = from === undefined ? end - DAYS * DAY : timeOf(from, 'from')
  if (start >= end) throw refused('from', '"from" must be before "to".')
  const own = caller.kind === 'client' ? caller.keyId : undefined
  if (own !== undefined && key !== undefined && key !== own) {
    throw new GatewayError('not_found', 'There is no usage of this key that you may see.', {
      origin: 'client',
      code: 'usage_not_found',
      param: 'key_id',
    })
  }
  const chosen = Object.fromEntries(
    Object.entries({ ...labels, key: own ?? key }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
  return {
    from: start,
    to: end,
    labels: chosen,
    tags: tag === undefined ? {} : tagOf(tag),
    callersOnly: own !== undefined,
  }
}

export function groupsIn(words: readonly string[], filter: UsageFilter): readonly UsageGroup[] {
  if (words.length > MOST_GROUPS) {
    throw refused('group_by', `"group_by" takes ${MOST_GROUPS} at most.`)
  }
  if (new Set(words).size !== words.length) {
    throw refused('group_by', '"group_by" names the same twice.')
  }
  const groups = words.map((word) => groupOf(word))
  const byMonth = groups.some(({ by }) => by === 'month')
  if (byMonth && monthStarts(filter.from, filter.to) === undefined) {
    throw refused('from', 'By month, twenty years are the most. Name a later "from".')
  }
  return groups
}

function groupOf(word: string): UsageGroup {
  const by = [...TIME_BUCKETS, ...USAGE_LABELS].find((known) => known === word)
  if (by !== undefined) return { by }
  const tag = /^tag:(.*)$/s.exec(word)?.[1]
  if (tag !== undefined && TAG.test(tag)) return { by: 'tag', tag }
  throw refused(
    'group_by',
    `"group_by" takes ${[...TIME_BUCKETS, ...USAGE_LABELS].join(', ')} and tag:NAME.`,
  )
}

function timeOf(text: string, param: string): number {
  const time = WHEN.test(text) ? Date.parse(utc(text)) : Number.NaN
  if (Number.isFinite(time) && time >= 0) return time
  throw refused(
    param,
    `"${param}" must be a date such as 2026-11-28, or a time such as 2026-11-28T12:00Z.`,
  )
}

/** Without a zone it is UTC. */
function utc(text: string): string {
  return /T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`
}

function tagOf(text: string): Readonly<Record<string, string>> {
  const at = text.indexOf(':')
  const name = text.slice(0, at)
  if (at > 0 && TAG.test(name)) return { [name]: text.slice(at + 1) }
  throw refused('tag', '"tag" must be written as name:value.')
}
