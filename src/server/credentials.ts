// The one place that finds a client's key in a request, whatever protocol the client speaks.
import { looksLikeKey } from '../access/key-format.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Inbound } from './message.ts'

const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const
const BEARER = /^bearer(?:\s+|$)/i
const KEY_PARAMETERS: ReadonlySet<string> = new Set([
  'key',
  'token',
  'api_key',
  'api_keys',
  'api-key',
  'apikey',
  'access_token',
])

/**
 * The key of a request, undefined when it has none. Throws when there is one in the URL, or when one of ours comes with
 * a different one. Several that are all foreign mean nothing here, and some SDKs do send them (`ANTHROPIC_API_KEY` and
 * `ANTHROPIC_AUTH_TOKEN` both set).
 */
export function extractKey(
  inbound: Pick<Inbound, 'headers' | 'valuesOf'>,
  query: URLSearchParams,
): string | undefined {
  if (query.size > 0) assertNoKey(query)
  const keys = keysIn(inbound)
  const [first] = keys
  if (keys.length <= 1 || !keys.some((key) => looksLikeKey(key))) return first
  throw new GatewayError(
    'invalid_request',
    `The request carries several different keys. Send one, in one of: ${KEY_HEADERS.join(', ')}.`,
    { origin: 'client', code: 'conflicting_credentials' },
  )
}

/** Each different one, in order. */
function keysIn(inbound: Pick<Inbound, 'headers' | 'valuesOf'>): readonly string[] {
  const keys: string[] = []
  for (const name of KEY_HEADERS) {
    const joined = inbound.headers[name]
    if (joined === undefined) continue
    for (const value of joined.includes(',') ? inbound.valuesOf(name) : [joined]) {
      const key = value.replace(BEARER, '').trim()
      if (key !== '' && !keys.includes(key)) keys.push(key)
    }
  }
  return keys
}

function assertNoKey(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (KEY_PARAMETERS.has(name.toLowerCase())) throw keyInUrl(name)
  }
}

function keyInUrl(name: string): GatewayError {
  return new GatewayError(
    'invalid_request',
    `The URL holds a key ("${name}"). URLs are written to logs and histories, so it was not read: send keys in a header, provider keys in the body, and replace this one.`,
    { origin: 'client', code: 'key_in_url', param: name },
  )
}

const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const

/** Headers of proxies. They never earn trust; here they cost it: what a proxy forwards does not come from this machine. */
export function isForwarded(headers: Inbound['headers']): boolean {
  return FORWARDING.some((name) => headers[name] !== undefined)
}
