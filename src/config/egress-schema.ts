// What patchbay.yaml may say of outgoing connections: which private places may be reached, and what nobody may reach.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { type AddressRange, addressKind, addressRange } from '../transport/address.ts'
import { bareHost, parseUpstreamUrl } from '../transport/base-url.ts'
import type { EgressTuple } from '../transport/egress.ts'
import type { EgressConfig } from './schema.ts'
import { asNumber, optional, text } from './values.ts'

const port = z.preprocess(asNumber, z.int().min(1).max(65_535))

const tupleEntry = z.strictObject({
  provider: optional(text).describe('Only the provider of this name. Default: any.'),
  scheme: z.enum(['http', 'https']),
  host: text.describe('A name, or an IP address without brackets.'),
  port,
})

const allowed = z
  .union([text.describe('In short: http://127.0.0.1:8080'), tupleEntry])
  .transform((entry, context): EgressTuple => {
    const tuple = typeof entry === 'string' ? ofUrl(entry) : checked(entry)
    if (typeof tuple !== 'string') return tuple
    context.addIssue({ code: 'custom', message: tuple })
    return z.NEVER
  })

/** Nothing but scheme, host and port: a text says what is wrong. */
function ofUrl(given: string): EgressTuple | string {
  const url = parsed(given)
  if (typeof url === 'string') return url
  if (url.pathname !== '/') return 'must end after the port: a place has no path here'
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const host = bareHost(url)
  return (
    neverAllowed(host) ?? {
      scheme,
      host,
      port: Number(url.port || (scheme === 'https' ? 443 : 80)),
    }
  )
}

function checked({
  provider,
  scheme,
  host,
  port: at,
}: z.infer<typeof tupleEntry>): EgressTuple | string {
  const written = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const tuple = ofUrl(`${scheme}://${written}:${at}`)
  return typeof tuple === 'string' ? tuple : compact({ provider, ...tuple })
}

function parsed(given: string): URL | string {
  try {
    return parseUpstreamUrl(given, 'private')
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.replace(/^The base URL |\.$/g, '') : 'is no URL'
  }
}

function neverAllowed(host: string): string | undefined {
  const range = addressRange(host)
  const kind = range === undefined ? 'public' : addressKind(host)
  if (kind === 'never') return 'is a metadata service, which nothing may reach'
  return kind === 'reserved' ? 'is in a reserved range, where nothing can be' : undefined
}

/** Stands in the list for what is on it anyway: the ports that Patchbay itself listens on. */
const OWN_LISTENERS = 'own-listeners'

const forbidden = text.transform((entry, context): readonly AddressRange[] => {
  if (entry === OWN_LISTENERS) return []
  const range = addressRange(entry)
  if (range !== undefined) return [range]
  context.addIssue({
    code: 'custom',
    message: 'must be an IP address or a range such as 10.0.0.0/8',
  })
  return z.NEVER
})

const entry = z.strictObject({
  allow: optional(z.array(allowed)).describe(
    'Private places that registrations over the API may name, each exactly. What stands under providers needs no entry. Default: none.',
  ),
  public: optional(z.union([z.literal('https-only'), z.array(port).min(1)])).describe(
    'Ports of public addresses besides 443 for registrations over the API, always with https. Default: https-only, which is none.',
  ),
  never: optional(z.array(forbidden)).describe(
    'Addresses and ranges that nothing may reach, besides cloud metadata and Patchbay itself. Default: none.',
  ),
  tests_per_minute: optional(z.preprocess(asNumber, z.int().positive())).describe(
    'How often a minute the connection to a provider may be tried out over the API. Default: 10.',
  ),
})

export const egress: z.ZodType<EgressConfig> = entry.transform(
  ({ allow, public: ports, never, tests_per_minute: testsPerMinute }) =>
    compact({
      allow,
      publicPorts: ports === 'https-only' ? [] : ports,
      never: never?.flat(),
      testsPerMinute,
    }),
)
