// The health of a server's providers, read from its REST API.
import { compact } from '../canonical/compact.ts'
import { type JsonObject, ObjectReader, isObject } from '../wire/json.ts'
import type { Connection } from './connection.ts'

export interface ProviderHealth {
  readonly healthy: boolean
  readonly reason?: string
  readonly latencyMs?: number
  /** What it says of its key: `ok`, `invalid` or `unknown`. */
  readonly key?: string
  /** What the provider last said of its limits, as the server tells it. */
  readonly limits?: JsonObject
  /** Its models that were asked, with how they stand, as the server tells it. */
  readonly targets?: readonly JsonObject[]
  /** Its keys by label with how they stand, as the server tells it. */
  readonly credentials?: readonly JsonObject[]
}

/** Every provider the caller may see, by name. No check costs anything. */
export async function healthByName(
  connection: Connection,
): Promise<ReadonlyMap<string, ProviderHealth>> {
  const answer = await connection.json({ method: 'GET', path: '/api/providers/health' })
  const providers = ObjectReader.of(answer, '').object('providers')
  return new Map(
    Object.entries(providers.source).map(([name, value]): [string, ProviderHealth] => {
      if (!isObject(value)) return [name, { healthy: false, reason: 'not checked' }]
      const report = new ObjectReader(value, `providers.${name}`)
      return [
        name,
        compact({
          healthy: report.optionalBoolean('healthy') === true,
          reason: report.optionalString('reason'),
          latencyMs: report.optionalNumber('latency_ms'),
          key: report.optionalString('key'),
          limits: report.optionalObject('limits')?.source,
          targets: objectsIn(report, 'targets'),
          credentials: objectsIn(report, 'credentials'),
        }),
      ]
    }),
  )
}

function objectsIn(report: ObjectReader, key: string): readonly JsonObject[] | undefined {
  return report.optionalItems(key)?.flatMap(({ value }) => (isObject(value) ? [value] : []))
}
