// What is asked of recorded usage, as SQL that SQLite and PostgreSQL read alike.
import type { TimeBucket, UsageFilter, UsageGroup, UsageLabel } from '../../usage/usage-query.ts'
import { monthStarts } from '../../usage/usage-query.ts'
import type { Value } from '../operation.ts'

/** Values by their places in a statement. */
export class Places {
  readonly values: Value[] = []

  /** `$1`, `$2` … */
  of(value: Value): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}

/** Without a label it is empty text, so that it can be put in order. */
const LABELS: Readonly<Record<UsageLabel, string>> = {
  model: "l.provider || '/' || l.model",
  provider: 'l.provider',
  key: "COALESCE(l.caller, '')",
  team: "COALESCE(l.team, '')",
  route: "COALESCE(l.route, '')",
  operation: 'l.operation',
  status: "COALESCE(l.status, '')",
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

export function whereOf(filter: UsageFilter, places: Places): string {
  const { from, to, labels, tags, callersOnly } = filter
  const labelled = Object.entries(LABELS).flatMap(([label, column]) => {
    const value = Object.entries(labels).find(([name]) => name === label)?.[1]
    return value === undefined ? [] : [`${column} = ${places.of(value)}`]
  })
  const tagged = Object.entries(tags).map(
    ([name, value]) =>
      `EXISTS (SELECT 1 FROM ledger_tags f WHERE f.attempt_id = l.attempt_id AND f.name = ${places.of(name)} AND f.value = ${places.of(value)})`,
  )
  return [
    `l.counted_at >= ${places.of(from)}`,
    `l.counted_at < ${places.of(to)}`,
    ...labelled,
    ...tagged,
    ...(callersOnly ? ["l.kind <> 'hedge_loser'"] : []),
  ].join(' AND ')
}

export interface GroupSql {
  readonly columns: readonly string[]
  readonly joins: string
}

export function groupsOf(
  groups: readonly UsageGroup[],
  { from, to }: Pick<UsageFilter, 'from' | 'to'>,
  places: Places,
): GroupSql {
  const joins: string[] = []
  const columns = groups.map((group, at) => {
    if (group.by === 'tag') {
      joins.push(
        `LEFT JOIN ledger_tags t${at} ON t${at}.attempt_id = l.attempt_id AND t${at}.name = ${places.of(group.tag)}`,
      )
      return `COALESCE(t${at}.value, '')`
    }
    return isTime(group.by) ? bucket(group.by, from, to) : LABELS[group.by]
  })
  return { columns, joins: joins.join(' ') }
}

function isTime(by: TimeBucket | UsageLabel): by is TimeBucket {
  return by === 'hour' || by === 'day' || by === 'month'
}

/** In UTC. Both databases cut a whole number divided by another. */
function bucket(by: TimeBucket, from: number, to: number): string {
  switch (by) {
    case 'hour':
      return `(l.counted_at / ${HOUR}) * ${HOUR}`
    case 'day':
      return `(l.counted_at / ${DAY}) * ${DAY}`
    case 'month': {
      const starts = monthStarts(from, to) ?? []
      const cases = starts
        .toReversed()
        .map((start) => `WHEN l.counted_at >= ${start} THEN ${start}`)
      return `CASE ${cases.join(' ')} ELSE 0 END`
    }
  }
}
