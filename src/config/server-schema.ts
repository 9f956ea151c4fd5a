// What patchbay.yaml may say of the server: where it listens, how slow clients may be, how it stops.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { type AddressRange, addressRange } from '../transport/address.ts'
import type { ClientPatience } from './client-patience.ts'
import type { AdminConfig, ConfigLayer, DrainConfig } from './schema.ts'
import { asNumber, flag, optional, positive, text, texts } from './values.ts'

const whole = z.preprocess(asNumber, z.int().positive())
const seconds = z.preprocess(asNumber, z.number().min(0))

const clients = z.strictObject({
  headers_timeout: optional(positive).describe(
    'Seconds for the head of a request, then 408. Default: 10.',
  ),
  request_timeout: optional(positive).describe('Seconds for a whole request. Default: 300.'),
  body_grace: optional(positive).describe(
    'Seconds before a body must have come at body_min_rate. Default: 10.',
  ),
  body_min_rate: optional(whole).describe('Bytes a second of a body, else 408. Default: 1024.'),
  body_pause: optional(positive).describe('Seconds for which a body may pause. Default: 30.'),
  write_stall: optional(positive).describe(
    'Seconds in which a client must take some of its answer, else it is cut with a reset. Default: 60.',
  ),
  buffer_bytes: optional(whole).describe(
    'Bytes of one answer that wait for a slow client. Default: 262144 (256 KiB).',
  ),
  discard_bytes: optional(whole).describe(
    'Bytes of a refused body that are still read, to keep the connection. Default: 65536 (64 KiB).',
  ),
  max_connections: optional(whole).describe('Connections at once. Default: 20000.'),
  max_per_address: optional(whole).describe(
    'Connections at once of one address, other than this machine and declared proxies. Default: 1000.',
  ),
})

const drain = z.strictObject({
  wait: optional(seconds).describe(
    'Seconds in which calls are still taken after SIGTERM, while /readyz says 503. Default: 5, on loopback 0.',
  ),
  deadline: optional(seconds).describe(
    'Seconds from SIGTERM until calls that are still under way are cut. Default: 25.',
  ),
})

const tls = z.strictObject({
  cert: text.describe('A file with the certificate and those of its authorities, in PEM.'),
  key: text.describe('The file with its private key, in PEM.'),
})

/** The proxies that a server trusts. */
const network = text.transform((entry, context): AddressRange => {
  const range = addressRange(entry)
  if (range !== undefined && range.bits > 0) return range
  context.addIssue({
    code: 'custom',
    message: 'must be the IP address of a proxy, or a range such as 10.0.0.0/8, and not everybody',
  })
  return z.NEVER
})

const LISTEN = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/

const listen = text.transform((entry, context): AdminConfig => {
  const [, six, host = six ?? '', port = ''] = LISTEN.exec(entry) ?? []
  if (host !== '' && Number(port) <= 65_535) return { host, port: Number(port) }
  context.addIssue({
    code: 'custom',
    message: 'must be an address and a port, such as 127.0.0.1:8788',
  })
  return z.NEVER
})

const adminEntry = z.strictObject({
  listen: listen.describe(
    'The address and port of the admin API and the console, which then are nowhere else. Default: where clients are answered.',
  ),
})

const serverEntry = z.strictObject({
  host: optional(text).describe('The address to listen on. Default: 127.0.0.1.'),
  port: optional(z.preprocess(asNumber, z.int().min(0).max(65_535))).describe(
    'The port to listen on; 0 takes a free one. Default: 8787.',
  ),
  allowed_hosts: optional(texts).describe('Further Host headers to accept.'),
  allowed_origins: optional(texts).describe('Browser origins to accept.'),
  open: optional(flag).describe(
    'On loopback only: chat needs no key, for cloud providers too. Default: false.',
  ),
  clients: optional(clients).describe('How slow clients may be.'),
  drain: optional(drain).describe('How it stops.'),
  tls: optional(tls).describe('To speak TLS. Read anew with the configuration.'),
  behind_proxy: optional(z.array(network).min(1)).describe(
    'Addresses and ranges of the proxies in front, which speak TLS to clients: what they say of a client is believed, and nobody else may connect.',
  ),
  workers: optional(
    z.union([z.literal('auto'), z.preprocess(asNumber, z.int().min(1).max(256))]),
  ).describe(
    'Processes that answer, at one address and with one count of all limits; auto: one for each core. Default: 1.',
  ),
  watch: optional(flag).describe(
    'true: this file is read anew when it has changed, as after SIGHUP. Default: false.',
  ),
})

type ServerLayer = NonNullable<ConfigLayer['server']>

function toServer(entry: z.infer<typeof serverEntry>): ServerLayer {
  return compact({
    host: entry.host,
    port: entry.port,
    allowedHosts: entry.allowed_hosts,
    allowedOrigins: entry.allowed_origins,
    open: entry.open,
    clients: entry.clients === undefined ? undefined : toPatience(entry.clients),
    drain: entry.drain === undefined ? undefined : toDrain(entry.drain),
    tls: entry.tls,
    behindProxy: entry.behind_proxy,
    workers: entry.workers,
    watch: entry.watch,
  })
}

function toPatience(entry: z.infer<typeof clients>): Partial<ClientPatience> {
  return compact({
    headersMs: milliseconds(entry.headers_timeout),
    requestMs: milliseconds(entry.request_timeout),
    bodyGraceMs: milliseconds(entry.body_grace),
    bodyMinRate: entry.body_min_rate,
    bodyPauseMs: milliseconds(entry.body_pause),
    writeStallMs: milliseconds(entry.write_stall),
    bufferBytes: entry.buffer_bytes,
    discardBytes: entry.discard_bytes,
    maxConnections: entry.max_connections,
    maxPerAddress: entry.max_per_address,
  })
}

function toDrain({ wait, deadline }: z.infer<typeof drain>): DrainConfig {
  return compact({ waitMs: milliseconds(wait), deadlineMs: milliseconds(deadline) })
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000)
}

export const server: z.ZodType<ServerLayer> = serverEntry.transform(toServer)
export const admin: z.ZodType<AdminConfig> = adminEntry.transform((entry) => entry.listen)
