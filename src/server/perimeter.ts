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
/** Stands in no header. */
const NO_HOST = '\n'
const NO_HEADERS: WireHeaders = {}
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/

export class Perimeter {
  readonly #hosts: ReadonlySet<string>
  readonly #origins: ReadonlySet<string>
  /** The Host that was let in last: hardly a client asks for another. */
  #last: { readonly asked: string; readonly host: string } = { asked: NO_HOST, host: '' }

  constructor(options: PerimeterOptions) {
    const bound = options.host.includes(':') ? `[${options.host}]` : options.host
    this.#hosts = new Set(
      [...LOOPBACK_NAMES, bound, ...options.allowedHosts].map((host) => host.toLowerCase()),
    )
    this.#origins = new Set(options.allowedOrigins.map((origin) => origin.toLowerCase()))
  }

  /** The Host header, if it names this server; a page that re-points its own name here is turned away. */
  assertHost({ headers }: Pick<Inbound, 'headers'>): string {
    const asked = headers['host'] ?? ''
    if (asked === this.#last.asked) return this.#last.host
    const host = asked.toLowerCase()
    // Several are joined by a comma, which stands in none.
    const [, name = ''] = HOST.exec(host) ?? []
    if (name === '') {
      throw refusal('The request needs exactly one well-formed Host header.', 400, 'bad_host')
    }
    if (this.#hosts.has(name) || this.#hosts.has(host)) {
      this.#last = { asked, host }
      return host
    }
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
  assertOrigin({ headers }: Pick<Inbound, 'headers'>, host: string): WireHeaders {
    const origin = headers['origin']?.toLowerCase()
    if (origin === undefined) {
      if (!crossSite(headers)) return NO_HEADERS
      throw originRefused()
    }
    if (origin === `http://${host}` || origin === `https://${host}`) return NO_HEADERS
    if (this.#origins.has(origin)) {
      return { 'access-control-allow-origin': origin, vary: 'origin' }
    }
    throw originRefused()
  }
}

/** Letters, digits and little else, in segments that do not begin with a dot: nothing in it can be read in two ways. */
const PLAIN_PATH = /^(?:\/[\w~:-][\w.~:-]*)+$/
const NO_QUERY = new URLSearchParams()

/** Path and query; refuses what different parsers could read differently. */
export function parseTarget(url: string): RequestTarget {
  const mark = url.indexOf('?')
  const query = mark === -1 ? NO_QUERY : new URLSearchParams(url.slice(mark + 1))
  const path = mark === -1 ? url : url.slice(0, mark)
  if (PLAIN_PATH.test(path)) return { path, query }
  if (!path.startsWith('/') || /[^\x21-\x7e]|[\\#]/.test(path) || !decodes(path) || climbs(path)) {
    throw refusal('The path of the request is not well-formed.', 400, 'bad_path')
  }
  return { path: path.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, ''), query }
}

/**
 * What a request for a WebSocket is told at once; undefined for any other. Codex falls back on plain HTTP at the first
 * 426, and tries seven times after a 404; other clients fall back after either.
 */
export function upgradeRefusal({ headers }: Pick<Inbound, 'headers'>): GatewayError | undefined {
  const wanted = headers['upgrade']
  if (wanted?.toLowerCase().includes('websocket') !== true) return undefined
  const message = 'Patchbay speaks no WebSocket. POST to the same path over plain HTTP.'
  return refusal(message, 426, 'upgrade_refused')
}

/** What a browser asks before it lets a listed page call. */
export function preflightHeaders(methods: readonly string[]): WireHeaders {
  return {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers':
      'authorization, content-type, x-api-key, x-goog-api-key, x-goog-api-client, idempotency-key, x-patchbay-cache, x-patchbay-policy, x-patchbay-priority, anthropic-version, anthropic-beta',
    'access-control-max-age': '600',
  }
}

/** A browser says so of requests that carry no Origin, such as images of a foreign page; links stay allowed. */
function crossSite(headers: WireHeaders): boolean {
  const site = headers['sec-fetch-site']?.split(',')[0]
  if (site !== 'cross-site' && site !== 'same-site') return false
  return headers['sec-fetch-mode'] !== 'navigate'
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
