// What a provider has left, in one line: `requests 59 of 60, tokens none until 2026-01-01T12:00:00.000Z`.
import { type JsonObject, ObjectReader } from '../wire/json.ts'

/** Of the `limits` that the REST API tells; empty where it tells none. */
export function limitsLine(limits: JsonObject | undefined): string {
  if (limits === undefined) return ''
  const reader = ObjectReader.of(limits, 'limits')
  const retryAt = reader.optionalString('retry_at')
  const buckets = (reader.optionalItems('buckets') ?? []).flatMap(({ value, path }) => {
    const bucket = ObjectReader.of(value, path)
    const remaining = bucket.optionalNumber('remaining')
    if (remaining === undefined) return []
    const limit = bucket.optionalNumber('limit')
    const reset = bucket.optionalString('reset_at')
    const left = remaining === 0 ? 'none' : String(remaining)
    const of = limit === undefined || remaining === 0 ? '' : ` of ${limit}`
    const until = reset === undefined || remaining > 0 ? '' : ` until ${reset}`
    return [`${bucket.string('name')} ${left}${of}${until}`]
  })
  const wait = retryAt === undefined ? [] : [`asked to wait until ${retryAt}`]
  return [...buckets, ...wait].join(', ')
}
