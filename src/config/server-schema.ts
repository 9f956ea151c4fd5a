// What patchbay.yaml may say of the server: where it listens, how slow clients may be, how it stops.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { ClientPatience } from './client-patience.ts'
import type { ConfigLayer, DrainConfig } from './schema.ts'
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
})

const drain = z.strictObject({
  wait: optional(seconds).describe(
    'Seconds in which calls are still taken after SIGTERM, while /readyz says 503. Default: 5, on loopback 0.',
  ),
  deadline: optional(seconds).describe(
    'Seconds from SIGTERM until calls that are still under way are cut. Default: 25.',
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
  })
}

function toDrain({ wait, deadline }: z.infer<typeof drain>): DrainConfig {
  return compact({ waitMs: milliseconds(wait), deadlineMs: milliseconds(deadline) })
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000)
}

export const server: z.ZodType<ServerLayer> = serverEntry.transform(toServer)
