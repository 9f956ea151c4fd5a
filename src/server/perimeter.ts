// The checks that come before anybody is asked who they are: Host, path, upgrade and Origin.
import { GatewayError } from '../canonical/errors.ts'
import type { WireHeaders } from '../wire/message.ts'
import type { Inbound } from './message.ts'

export interface PerimeterOptions {
  /** The address the server listens on. */
  readonly host: string
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** A request target taken apart. */
export interface RequestTarget {
  /** Percent-encoded; without doubled slashes, and without one at its end. */
  readonly path: string
  readonly query: URLSearchParams
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'] as const
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/

export class Perimeter {
  readonly #hosts: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>

  constructor(options: PerimeterOptions) {
    const bound = options.host.includes(':') ? `[${options.host}]` : options.host
    this.#hosts = new Set(
      [...LOOPBACK_NAMES, bound, ...options.allowedHosts].map((host) => host.toLowerCase()),
    )
    this.#origins = new Set(options.allowedOrigins.map((origin) => origin.toLowerCase()))
  }

  /** The Host header, if it names this server; a page that re-points its own name here is turned away. */
  assertHost(inbound: Inbound): string {
    const values = inbound.headers['host'] ?? []
    const host = values[0]?.toLowerCase() ?? ''
    const [, name = ''] = HOST.exec(host) ?? []
    if (values.length !== 1 || name === '') {
      throw refusal('The request needs exactly one well-formed Host header.', 400, 'bad_host')
    }
    if (this.#hosts.has(name) || this.#hosts.has(host)) return host
    throw refusal(
      'The Host header names another server. Use the address Patchbay printed, or add the name to server.allowed_hosts in patchbay.yaml.',
      421,
      'host_not_allowed',
    )
  }

  /**
   * The headers that let a listed origin read the answer; none for a caller that is no browser page or a page of our
   * own. Throws when a page of another origin calls.
   */
  assertOrigin(inbound: Inbound, host: string): WireHeaders {
    const origin = inbound.headers['origin']?.[0]?.toLowerCase()
    if (origin === undefined) {
      if (!crossSite(inbound)) return {}
      throw originRefused()
    }
    if (origin === `http://${host}` || origin === `https://${host}`) return {}
    if (this.#origins.has(origin)) {
      return { 'access-control-allow-origin': origin, vary: 'origin' }
    }
    throw originRefused()
  }
}

/** Path and query; refuses what different parsers could read differently. */
export function parseTarget(url: string): RequestTarget {
  const [path = '', ...rest] = url.split('?')
  if (!path.startsWith('/') || /[^\x21-\x7e]|[\\#]/.test(path) || !decodes(path) || climbs(path)) {
    throw refusal('The path of the request is not well-formed.', 400, 'bad_path')
  }
  const canonical = path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  return { path: canonical, query: new URLSearchParams(rest.join('?')) }
}

/**
 * What a request for a WebSocket is told at once; undefined for any other. Codex falls back on plain HTTP at the first
 * 426, and tries seven times after a 404; other clients fall back after either.
 */
export function upgradeRefusal(inbound: Inbound): GatewayError | undefined {
  const wanted = inbound.headers['upgrade']?.join(',').toLowerCase() ?? ''
  if (!wanted.includes('websocket')) return undefined
  const message = 'Patchbay speaks no WebSocket. POST to the same path over plain HTTP.'
  return refusal(message, 426, 'upgrade_refused')
}

/** What a browser asks before it lets a listed page call. */
export function preflightHeaders(methods: readonly string[]): WireHeaders {
  return {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers':
      'authorization, content-type, x-api-key, x-goog-api-key, x-goog-api-client, idempotency-key, x-patchbay-cache, x-patchbay-policy, anthropic-version, anthropic-beta',
    'access-control-max-age': '600',
  }
}

/** A browser says so of requests that carry no Origin, such as images of a foreign page; links stay allowed. */
function crossSite(inbound: Inbound): boolean {
  const site = inbound.headers['sec-fetch-site']?.[0]
  if (site !== 'cross-site' && site !== 'same-site') return false
  return inbound.headers['sec-fetch-mode']?.[0] !== 'navigate'
}

function originRefused(): GatewayError {
  return refusal(
    'Web pages of this origin may not call Patchbay. Add it to server.allowed_origins in patchbay.yaml if it should.',
    403,
    'origin_not_allowed',
  )
}

function refusal(message: string, status: number, code: string): GatewayError {
  const kind = status === 403 ? 'permission' : 'invalid_request'
  return new GatewayError(kind, message, { origin: 'client', status, code })
}

function decodes(path: string): boolean {
  try {
    return !/\p{Cc}/u.test(decodeURIComponent(path))
  } catch {
    return false
  }
}

function climbs(path: string): boolean {
  return decodeURIComponent(path)
    .split('/')
    .some((segment) => segment === '.' || segment === '..')
}
