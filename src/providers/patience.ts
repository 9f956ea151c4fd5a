// How long each phase of a call to a provider may take: what its config says, then what holds for all, then the default.
import { LONGEST_WAIT_MS } from '../canonical/after.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Timeouts } from '../transport/transport.ts'
import type { Locality } from './base-provider.ts'
import type { CatalogRow } from './catalog-row.ts'
import type { ProviderConfig, ProviderTimeouts } from './provider-config.ts'

/** Seconds. A model on this machine is loaded first, and reads long texts slowly. */
const DEFAULTS: Readonly<Record<Locality, Required<ProviderTimeouts>>> = {
  cloud: { connect: 3, tls: 3, firstByte: 30, whole: 300, idle: 60, content: 60, total: 900 },
  local: { connect: 3, tls: 3, firstByte: 300, whole: 300, idle: 300, content: 300, total: 900 },
}

/** Of a host that sends signs of life: where even they stop, it is gone. */
const PINGING_IDLE_SECONDS = 30

export interface Patience {
  /** Of an answer that comes as a whole: nothing is heard of it until it is there. */
  readonly whole: Timeouts
  readonly stream: Timeouts
  /** Without a word of the answer, whatever signs of life come. */
  readonly contentMs: number
}

export interface PatienceOptions {
  readonly row: CatalogRow
  readonly locality: Locality
  readonly baseUrl: URL
  /** What holds for all providers. */
  readonly shared?: ProviderTimeouts | undefined
}

/** Throws GatewayError invalid_request that names the field at fault. */
export function patienceOf(config: ProviderConfig, options: PatienceOptions): Patience {
  const { row, locality, baseUrl, shared = {} } = options
  const { settings = {}, timeout } = config
  const usual = DEFAULTS[locality]
  const idle = row.pings === true ? Math.min(usual.idle, PINGING_IDLE_SECONDS) : usual.idle
  const said: Readonly<Record<keyof ProviderTimeouts, number | undefined>> = {
    connect: settings.connectTimeout,
    tls: settings.tlsTimeout,
    firstByte: settings.firstByteTimeout ?? timeout,
    whole: settings.wholeTimeout ?? timeout,
    idle: settings.idleTimeout ?? timeout,
    content: settings.contentTimeout ?? timeout,
    total: settings.totalTimeout,
  }
  const ms = (phase: keyof ProviderTimeouts, fallback: number = usual[phase]): number =>
    inMs(config, FIELDS[phase], said[phase] ?? shared[phase] ?? fallback)
  if (timeout !== undefined) inMs(config, 'timeout', timeout)
  const connectMs = ms('connect') + (baseUrl.protocol === 'https:' ? ms('tls') : 0)
  const idleMs = ms('idle', idle)
  const total = said.total ?? shared.total
  return {
    whole: { connectMs, firstByteMs: ms('whole'), idleMs, totalMs: ms('total') },
    stream: {
      connectMs,
      firstByteMs: ms('firstByte'),
      idleMs,
      // Who reads a stream has the end of the whole call for a limit.
      totalMs: total === undefined ? LONGEST_WAIT_MS : ms('total'),
    },
    contentMs: ms('content'),
  }
}

const FIELDS: Readonly<Record<keyof ProviderTimeouts, string>> = {
  connect: 'connectTimeout',
  tls: 'tlsTimeout',
  firstByte: 'firstByteTimeout',
  whole: 'wholeTimeout',
  idle: 'idleTimeout',
  content: 'contentTimeout',
  total: 'totalTimeout',
}

function inMs(config: ProviderConfig, field: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value * 1000
  throw new GatewayError(
    'invalid_request',
    `"${field}" must be a number of seconds above 0 (provider "${config.name}").`,
    { code: 'invalid_provider_config', param: field },
  )
}
