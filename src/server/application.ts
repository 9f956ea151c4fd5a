// The way of every request: host, path, origin, route, key, body, handler; and the way of every failure back.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import { type LimitHeaders, usualLimitHeaders } from '../dialects/limit-headers.ts'
import type { RequestAnswered } from '../exchange/facts/server.ts'
import type { Tell } from '../exchange/happening.ts'
import { LimitSheet } from '../exchange/limit-sheet.ts'
import type { RequestHint } from '../dialects/dialect.ts'
import { targetName } from '../exchange/target.ts'
import { Trail } from '../exchange/trail.ts'
import type { WireHeaders } from '../wire/message.ts'
import { type AdminRecord, governed } from './admin/governed.ts'
import { assertEndpoint } from './keys/assert-endpoint.ts'
import { assertMay } from './admin/may.ts'
import { type Access, type Auth, type Caller, assertAccess, keyIdOf } from './auth.ts'
import { type ParsedBody, assertJsonType, assertPlain, parseBody } from './body.ts'
import { clientError, retryHeaders } from './client-error.ts'
import type { Door } from './door.ts'
import { standardLimitHeaders } from './limit-headers.ts'
import type { Idempotency } from './idempotency.ts'
import {
  type Application,
  type Inbound,
  JSON_HEADERS,
  type Outbound,
  joinedHeaders,
} from './message.ts'
import {
  type Perimeter,
  type RequestTarget,
  parseTarget,
  preflightHeaders,
  upgradeRefusal,
} from './perimeter.ts'
import { writePlainError } from './plain-error.ts'
import type { Call, ErrorWriter } from './route.ts'
import { type Place, type Router, chooseRoute } from './router.ts'

export interface ApplicationOptions {
  readonly router: Router
  readonly perimeter: Perimeter
  readonly auth: Auth
  readonly maxBodyBytes: number
  /** Makes calls of one Idempotency-Key once. */
  readonly idempotency?: Idempotency
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newId: () => string
  /** Hears of each request, when the head of its answer is known. */
  readonly tell?: Tell
  /** Absent: everybody is let in. */
  readonly door?: Door
  /** Writes down what admins do. Absent: nobody does. */
  readonly record?: AdminRecord
  /** Who prints the failures of paths that nothing is mounted at. */
  readonly errorWriterOf: (hint: RequestHint) => ErrorWriter
  /** What is said at a path where nothing is mounted, when there is more to say than that. */
  readonly refusalAt?: (path: string) => GatewayError | undefined
}

export function createApplication(options: ApplicationOptions): Application {
  return async (inbound) => new Visit(options, inbound).answer()
}

/** Those that stand behind every stream, and those that may. */
const TRAILERS = 'x-patchbay-attempts, x-patchbay-trail, x-patchbay-continued, x-patchbay-notes'

const SAFETY_HEADERS: WireHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** One request on its way; remembers how far it came, so that a failure is told in the right protocol. */
class Visit {
  readonly #options: ApplicationOptions
  readonly #inbound: Inbound
  readonly #id: string
  #writeError: ErrorWriter = writePlainError
  #limitHeaders: LimitHeaders = usualLimitHeaders
  #extraHeaders: WireHeaders = {}
  #trail: Trail | undefined
  #caller: Caller | undefined
  #route: string | undefined
  readonly #limits = new LimitSheet()

  constructor(options: ApplicationOptions, inbound: Inbound) {
    this.#options = options
    this.#inbound = inbound
    this.#id = options.newId()
  }

  async answer(): Promise<Outbound> {
    const { now } = this.#options
    const startedAt = now()
    const { outbound, error } = await this.#outcome()
    this.#tell(outbound, { elapsedMs: now() - startedAt, ...compact({ error }) })
    const { limits } = this.#limits
    const headers = {
      ...SAFETY_HEADERS,
      ...standardLimitHeaders(limits),
      ...this.#limitHeaders(limits, now()),
      ...outbound.headers,
      ...this.#extraHeaders,
      ...trailHeaders(this.#trail),
      // Each vendor's SDK looks for the id under the name its vendor uses.
      'request-id': this.#id,
      'x-request-id': this.#id,
      'x-patchbay-request-id': this.#id,
    }
    const { trailers } = outbound
    if (trailers === undefined) return { ...outbound, headers }
    return {
      ...outbound,
      headers: { ...headers, trailer: TRAILERS },
      trailers: () => ({ ...trailers(), ...trailHeaders(this.#trail) }),
    }
  }

  #tell(outbound: Outbound, more: Pick<RequestAnswered, 'elapsedMs' | 'error'>): void {
    const { method, url } = this.#inbound
    this.#options.tell?.({
      type: 'request-answered',
      id: this.#id,
      method,
      path: url.split('?')[0] ?? '',
      status: outbound.status,
      ...more,
      ...compact({
        route: this.#route,
        caller: this.#caller === undefined ? undefined : keyIdOf(this.#caller),
        provider: outbound.headers['x-patchbay-provider'],
        model: outbound.headers['x-patchbay-model'],
        notes: outbound.notes,
        attempts: this.#trail?.attempts,
        trail: this.#trail?.toString() || undefined,
      }),
    })
  }

  async #outcome(): Promise<{ readonly outbound: Outbound; readonly error?: GatewayError }> {
    try {
      return { outbound: await this.#handle() }
    } catch (thrown) {
      const error = clientError(thrown)
      const wire = this.#writeError(error, this.#id)
      const advice = retryHeaders(error, this.#trail?.attempts.length)
      const headers = { ...JSON_HEADERS, ...wire.headers, ...advice, ...errorHeaders(error) }
      const body = wire.text ?? JSON.stringify(wire.body ?? {})
      return { outbound: { status: wire.status, headers, body }, error }
    }
  }

  async #handle(): Promise<Outbound> {
    const { perimeter, router, auth } = this.#options
    const inbound = this.#inbound
    const headers = joinedHeaders(inbound)
    this.#writeError = this.#writerAt(inbound.url.split('?')[0] ?? '', headers)
    const host = perimeter.assertHost(inbound)
    const target = parseTarget(inbound.url)
    this.#refuseUpgrade()
    const origin = perimeter.assertOrigin(inbound, host)
    const place = this.#place(target, origin)
    if (place === undefined) return preflight(router.methodsOf(target.path))
    this.#route = place.routes[0]?.path
    const caller = await this.#letIn(place, () => auth.identify(inbound, target.query))
    assertPlain(headers['content-encoding'])
    if (announcedBytes(headers) > 0) assertJsonType(headers['content-type'])
    const leave = this.#options.door?.enter({
      id: this.#id,
      isCritical: place.routes.every(({ access }) => access === 'open' || access === 'admin'),
      bytes: announcedBytes(headers),
    })
    try {
      return await this.#read({ place, target, headers, origin, caller })
    } finally {
      leave?.()
    }
  }

  /** Who is calling, where they may call anything there. */
  async #letIn(place: Place, identify: () => Promise<Caller>): Promise<Caller> {
    const { record } = this.#options
    const [route] = place.routes
    try {
      const caller = await identify()
      this.#caller = caller
      if (isForAdmins(place)) for (const one of place.routes) assertMay(caller, one)
      else if (place.routes.every(({ access }) => access !== 'open')) {
        assertAccess(caller, leastAccess(place))
      }
      return caller
    } catch (thrown) {
      if (record !== undefined && route !== undefined && isForAdmins(place)) {
        const caller = compact({ caller: this.#caller })
        await record.refusal({ id: this.#id, route, error: clientError(thrown), ...caller })
      }
      throw thrown
    }
  }

  async #read({ place, target, headers, origin, caller }: Arrived): Promise<Outbound> {
    const inbound = this.#inbound
    const bytes = await inbound.readBody(this.#options.maxBodyBytes)
    const guess = guessedBody(bytes)
    const hint = {
      path: target.path,
      headers,
      ...(guess === undefined ? {} : { body: guess.json }),
    }
    const route = chooseRoute(place.routes, hint)
    if (route === undefined) throw nothingHere(target.path)
    this.#writeError = route.writeError
    this.#limitHeaders = route.limitHeaders ?? usualLimitHeaders
    assertMay(caller, route)
    assertEndpoint(caller, route)
    if (route.access !== 'admin') this.#extraHeaders = origin
    const body = guess ?? parseBody(bytes)
    const { idempotency } = this.#options
    const asked: Call = {
      id: this.#id,
      method: inbound.method,
      path: target.path,
      params: place.params,
      query: target.query,
      headers,
      body: body?.json,
      ...(body === undefined ? {} : { text: body.text }),
      caller,
      openTrail: () => (this.#trail ??= new Trail()),
      signal: inbound.signal,
      limits: this.#limits,
    }
    const { record } = this.#options
    const answer = async (): Promise<Outbound> =>
      route.access === 'admin' ? governed({ route, call: asked, record }) : route.handle(asked)
    return idempotency === undefined ? answer() : idempotency.answer(route, asked, answer)
  }

  /** The connection ends with the refusal: what its client sends next would be no HTTP. */
  #refuseUpgrade(): void {
    const refusal = upgradeRefusal(this.#inbound)
    if (refusal === undefined) return
    this.#extraHeaders = { connection: 'close' }
    throw refusal
  }

  /** Who tells of a failure at a path before anything else is known: whoever answers there, by whatever method. */
  #writerAt(path: string, headers: WireHeaders): ErrorWriter {
    const { router, errorWriterOf } = this.#options
    const [method] = router.methodsOf(path)
    const place = method === undefined ? undefined : router.find(method, path)
    const route = chooseRoute(place?.routes ?? [], { path, headers })
    return route?.writeError ?? errorWriterOf({ path, headers })
  }

  /** The routes at the path; undefined for a browser's preflight. */
  #place(target: RequestTarget, origin: WireHeaders): Place | undefined {
    const { router, refusalAt } = this.#options
    const { method } = this.#inbound
    const place = router.find(method, target.path)
    if (place !== undefined) return place
    const methods = router.methodsOf(target.path)
    if (methods.length === 0) throw refusalAt?.(target.path) ?? nothingHere(target.path)
    if (method === 'OPTIONS' && Object.keys(origin).length > 0) {
      this.#extraHeaders = origin
      return undefined
    }
    this.#extraHeaders = { allow: methods.join(', ') }
    throw new GatewayError(
      'invalid_request',
      `${target.path} does not take ${method}. It takes ${methods.join(', ')}.`,
      { origin: 'client', status: 405, code: 'method_not_allowed' },
    )
  }
}

/** A request that may be read. */
interface Arrived {
  readonly place: Place
  readonly target: RequestTarget
  readonly headers: WireHeaders
  /** What lets a listed page read the answer. */
  readonly origin: WireHeaders
  readonly caller: Caller
}

/** Nobody else may call anything there. */
function isForAdmins({ routes }: Place): boolean {
  return routes.every(({ access }) => access === 'admin')
}

/** What every route of a place asks for at the least. */
function leastAccess({ routes }: Place): Access {
  return routes.every(({ access }) => access === 'client') ? 'client' : 'known'
}

/** A body comes with its length or in chunks; nothing at all is no body. */
function announcedBytes(headers: WireHeaders): number {
  const length = headers['content-length']
  if (length !== undefined) return Number(length)
  return headers['transfer-encoding'] === undefined ? 0 : Infinity
}

function trailHeaders(trail: Trail | undefined): WireHeaders {
  if (trail === undefined) return {}
  const text = trail.toString()
  const { attempts } = trail
  const went = attempts.findLast(({ as, outcome }) => as === 'continued' && outcome === 'ok')
  return compact({
    'x-patchbay-attempts': String(attempts.length),
    'x-patchbay-trail': text === '' ? undefined : text,
    'x-patchbay-continued': went === undefined ? undefined : targetName(went.target),
  })
}

/** What several protocols have no place for in their errors. */
function errorHeaders({ upstream }: GatewayError): WireHeaders {
  return compact({
    'x-patchbay-upstream-request-id':
      upstream?.requestId === undefined ? undefined : plainText(upstream.requestId),
  })
}

const LONGEST_TOLD = 200

/** Providers may have written it. */
function plainText(text: string): string {
  return text.slice(0, LONGEST_TOLD).replaceAll(/[^\x20-\x7e]/g, '?')
}

function preflight(methods: readonly string[]): Outbound {
  return { status: 204, headers: preflightHeaders(methods), body: '' }
}

/** The body if it is what it should be; what is wrong with it is said later, once the protocol is known. */
function guessedBody(bytes: Uint8Array): ParsedBody | undefined {
  try {
    return parseBody(bytes)
  } catch {
    return undefined
  }
}

function nothingHere(path: string): GatewayError {
  return new GatewayError(
    'not_found',
    `There is nothing at ${path}. See /openapi.json for what there is.`,
    { origin: 'client', code: 'unknown_path' },
  )
}
