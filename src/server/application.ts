// The way of every request: host, path, origin, route, key, body, handler; and the way of every failure back.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import { usualLimitHeaders } from '../dialects/limit-headers.ts'
import type { Tell } from '../exchange/happening.ts'
import { LimitSheet } from '../exchange/limit-sheet.ts'
import type { RequestHint } from '../dialects/dialect.ts'
import { targetName } from '../exchange/target.ts'
import { Trail } from '../exchange/trail.ts'
import type { WireHeaders } from '../wire/message.ts'
import { type AdminRecord, governed } from './admin/governed.ts'
import { assertEndpoint } from './keys/assert-endpoint.ts'
import { assertMay } from './admin/may.ts'
import { type Auth, type Caller, assertAccess, keyIdOf } from './auth.ts'
import { type ParsedBody, assertJsonType, assertPlain, parseBody } from './body.ts'
import { clientError, retryHeaders } from './client-error.ts'
import type { Door } from './door.ts'
import { standardLimitHeaders } from './limit-headers.ts'
import type { Idempotency } from './idempotency.ts'
import { type Application, type Inbound, JSON_HEADERS, type Outbound } from './message.ts'
import {
  type Perimeter,
  type RequestTarget,
  parseTarget,
  preflightHeaders,
  upgradeRefusal,
} from './perimeter.ts'
import type { Call, ErrorWriter, Route } from './route.ts'
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
  /** Why no call is taken now, where none is: the vault is sealed. */
  readonly seal?: () => GatewayError | undefined
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
  return (inbound) => new Visit(options, inbound).answer()
}

/** Those that stand behind every stream, and those that may. */
const TRAILERS = 'x-patchbay-attempts, x-patchbay-trail, x-patchbay-continued, x-patchbay-notes'

const SAFETY_HEADERS: WireHeaders = {
  // Nothing of ours is a page, but for those that say so themselves.
  'content-security-policy':
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** One request on its way; remembers how far it came, so that a failure is told in the right protocol. */
class Visit {
  readonly #options: ApplicationOptions
  readonly #inbound: Inbound
  readonly #id: string
  /** Whom it is for, once that is known. */
  #route: Route | undefined
  /** As its place stands in the table of routes. */
  #path: string | undefined
  #extraHeaders: WireHeaders | undefined
  #trail: Trail | undefined
  #caller: Caller | undefined
  readonly #limits = new LimitSheet()

  constructor(options: ApplicationOptions, inbound: Inbound) {
    this.#options = options
    this.#inbound = inbound
    this.#id = options.newId()
  }

  async answer(): Promise<Outbound> {
    const { now } = this.#options
    const startedAt = now()
    let error: GatewayError | undefined
    let outbound: Outbound
    try {
      outbound = await this.#handle()
    } catch (thrown) {
      error = clientError(thrown)
      outbound = this.#refusal(error)
    }
    const trail = this.#trail?.toString()
    this.#tell(outbound, { elapsedMs: now() - startedAt, error, trail })
    const headers: Record<string, string> = { ...SAFETY_HEADERS }
    const { limits } = this.#limits
    if (limits.length > 0) {
      const inProtocol = this.#route?.limitHeaders ?? usualLimitHeaders
      Object.assign(headers, standardLimitHeaders(limits), inProtocol(limits, now()))
    }
    Object.assign(headers, outbound.headers, this.#extraHeaders)
    if (this.#trail !== undefined) addTrail(headers, this.#trail, trail)
    // Each vendor's SDK looks for the id under the name its vendor uses.
    headers['request-id'] = this.#id
    headers['x-request-id'] = this.#id
    headers['x-patchbay-request-id'] = this.#id
    const { trailers } = outbound
    if (trailers === undefined) return { ...outbound, headers }
    headers['trailer'] = TRAILERS
    return { ...outbound, headers, trailers: () => this.#trailers(trailers()) }
  }

  #trailers(own: WireHeaders): WireHeaders {
    const trailers: Record<string, string> = { ...own }
    if (this.#trail !== undefined) addTrail(trailers, this.#trail, this.#trail.toString())
    return trailers
  }

  #tell({ status, headers, notes }: Outbound, { elapsedMs, error, trail }: Ending): void {
    const { tell } = this.#options
    if (tell === undefined) return
    const { method, url } = this.#inbound
    const mark = url.indexOf('?')
    tell({
      type: 'request-answered',
      id: this.#id,
      method,
      path: mark === -1 ? url : url.slice(0, mark),
      route: this.#path,
      status,
      elapsedMs,
      caller: this.#caller === undefined ? undefined : keyIdOf(this.#caller),
      provider: headers['x-patchbay-provider'],
      model: headers['x-patchbay-model'],
      notes,
      attempts: this.#trail?.attempts,
      trail: trail === '' ? undefined : trail,
      error,
    })
  }

  #refusal(error: GatewayError): Outbound {
    const write = this.#route?.writeError ?? this.#writerHere()
    const wire = write(error, this.#id)
    const advice = retryHeaders(error, this.#trail?.attempts.length)
    const headers = { ...JSON_HEADERS, ...wire.headers, ...advice, ...errorHeaders(error) }
    return { status: wire.status, headers, body: wire.text ?? JSON.stringify(wire.body ?? {}) }
  }

  async #handle(): Promise<Outbound> {
    const { perimeter, router, door, maxBodyBytes } = this.#options
    const inbound = this.#inbound
    const { headers } = inbound
    const host = perimeter.assertHost(inbound)
    const target = parseTarget(inbound.url)
    this.#refuseUpgrade()
    const origin = perimeter.assertOrigin(inbound, host)
    const place = this.#place(target, origin)
    if (place === undefined) return preflight(router.methodsOf(target.path))
    this.#path = place.routes[0]?.path
    if (place.asksModels) this.#assertUnsealed()
    const letIn = this.#letIn(place, target)
    const caller = letIn instanceof Promise ? await letIn : letIn
    assertPlain(headers['content-encoding'])
    const bytes = announcedBytes(headers)
    if (bytes > 0) assertJsonType(headers['content-type'])
    const leave = door?.enter({ id: this.#id, isCritical: place.isCritical, bytes })
    try {
      const body = await inbound.readBody(maxBodyBytes)
      return await this.#answered({ place, target, origin, caller }, body)
    } finally {
      leave?.()
    }
  }

  /** Who is calling, where they may call anything there; at once where nobody has to be asked. */
  #letIn(place: Place, { query }: RequestTarget): Caller | Promise<Caller> {
    try {
      const caller = this.#options.auth.identify(this.#inbound, query)
      if (!(caller instanceof Promise)) return this.#known(place, caller)
      return caller
        .then((found) => this.#known(place, found))
        .catch(async (thrown: unknown) => this.#notLetIn(place, thrown))
    } catch (thrown) {
      return this.#notLetIn(place, thrown)
    }
  }

  #known({ routes, isForAdmins, least }: Place, caller: Caller): Caller {
    this.#caller = caller
    if (isForAdmins) for (const one of routes) assertMay(caller, one)
    else if (least !== undefined) assertAccess(caller, least)
    return caller
  }

  /** Throws what was thrown, once it is written down where that is done. */
  async #notLetIn({ routes, isForAdmins }: Place, thrown: unknown): Promise<never> {
    const { record } = this.#options
    const [route] = routes
    if (record !== undefined && route !== undefined && isForAdmins) {
      const caller = compact({ caller: this.#caller })
      await record.refusal({ id: this.#id, route, error: clientError(thrown), ...caller })
    }
    throw thrown
  }

  #answered({ place, target, origin, caller }: Arrived, bytes: Uint8Array): Promise<Outbound> {
    const { headers, method, signal } = this.#inbound
    const { path, query } = target
    const guess = guessedBody(bytes)
    const hint = { path, headers, ...(guess === undefined ? {} : { body: guess.json }) }
    const route = chooseRoute(place.routes, hint)
    if (route === undefined) throw nothingHere(path)
    this.#route = route
    assertMay(caller, route)
    assertEndpoint(caller, route)
    if (route.access !== 'admin') this.#extraHeaders = origin
    const body = guess ?? parseBody(bytes)
    const { idempotency, record } = this.#options
    const asked: Call = {
      id: this.#id,
      method,
      path,
      params: place.params,
      query,
      headers,
      body: body?.json,
      text: body?.text,
      caller,
      openTrail: () => (this.#trail ??= new Trail()),
      signal,
      limits: this.#limits,
    }
    const answer = (): Promise<Outbound> =>
      route.access === 'admin' ? governed({ route, call: asked, record }) : route.handle(asked)
    return idempotency === undefined ? answer() : idempotency.answer(route, asked, answer)
  }

  /** Before the key is looked at: what it is compared with may be in the vault. */
  #assertUnsealed(): void {
    const refusal = this.#options.seal?.()
    if (refusal !== undefined) throw refusal
  }

  /** The connection ends with the refusal: what its client sends next would be no HTTP. */
  #refuseUpgrade(): void {
    const refusal = upgradeRefusal(this.#inbound)
    if (refusal === undefined) return
    this.#extraHeaders = { connection: 'close' }
    throw refusal
  }

  /** Who tells of a failure at a path before anything else is known: whoever answers there, by whatever method. */
  #writerHere(): ErrorWriter {
    const { router, errorWriterOf } = this.#options
    const { url, headers } = this.#inbound
    const [path = ''] = url.split('?')
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
  /** What lets a listed page read the answer. */
  readonly origin: WireHeaders
  readonly caller: Caller
}

/** How it went. */
interface Ending {
  readonly elapsedMs: number
  readonly error: GatewayError | undefined
  readonly trail: string | undefined
}

/** A body comes with its length or in chunks; nothing at all is no body. */
function announcedBytes(headers: WireHeaders): number {
  const length = headers['content-length']
  if (length !== undefined) return Number(length)
  return headers['transfer-encoding'] === undefined ? 0 : Infinity
}

function addTrail(headers: Record<string, string>, { attempts }: Trail, text?: string): void {
  headers['x-patchbay-attempts'] = String(attempts.length)
  if (text !== undefined && text !== '') headers['x-patchbay-trail'] = text
  const went = attempts.findLast(({ as, outcome }) => as === 'continued' && outcome === 'ok')
  if (went !== undefined) headers['x-patchbay-continued'] = targetName(went.target)
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
