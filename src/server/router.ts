// From method and path to the routes that stand there.
import findMyWay from 'find-my-way'
import type { RequestHint } from '../dialects/dialect.ts'
import type { Access } from './auth.ts'
import { METHODS, type Method, type Route } from './route.ts'

/** The routes of one place, in order, with what the path held and what is so of all of them. */
export interface Place {
  readonly routes: readonly Route[]
  readonly params: Readonly<Record<string, string | undefined>>
  /** Nobody else may call anything there. */
  readonly isForAdmins: boolean
  /** Routes of the admin, and those that tell how the server is: they are there also where others are not. */
  readonly isCritical: boolean
  /** Something there asks models. */
  readonly asksModels: boolean
  /** What every route there asks for at the least; absent where the routes themselves are to be asked. */
  readonly least?: Access
}

/** A model name may be long, but not longer than this many characters of a path segment. */
const MAX_SEGMENT = 1024
const NO_PARAMS: Place['params'] = {}

export class Router {
  readonly #table = findMyWay({ maxParamLength: MAX_SEGMENT })
  /** Places whose path holds nothing, by path: most calls are for one of them. */
  readonly #plain = new Map<Method, Map<string, Place>>()

  constructor(routes: readonly Route[]) {
    for (const method of METHODS) this.#plain.set(method, new Map())
    const byPlace = Map.groupBy(routes, (route) => `${route.method} ${route.path}`)
    for (const group of byPlace.values()) {
      const [first] = group
      if (first === undefined) continue
      const { method, path } = first
      const place = placeOf(group)
      this.#table.on(method, path, unused, place)
      if (!/[:*]/.test(path)) this.#plain.get(method)?.set(path, place)
    }
  }

  /** The routes for a request; a HEAD without a route of its own is a GET whose body is not sent. */
  find(method: string, path: string): Place | undefined {
    const found = METHODS.find((known) => known === method)
    if (found === undefined) return undefined
    const place = this.#at(found, path)
    return place === undefined && found === 'HEAD' ? this.#at('GET', path) : place
  }

  /** The methods a path knows, for 405 and preflight answers. */
  methodsOf(path: string): readonly Method[] {
    return METHODS.filter((method) => this.find(method, path) !== undefined)
  }

  #at(method: Method, path: string): Place | undefined {
    const plain = this.#plain.get(method)?.get(path)
    if (plain !== undefined) return plain
    const found = this.#table.find(method, path)
    if (found === null) return undefined
    const place: Place = found.store
    return { ...place, params: found.params }
  }
}

function placeOf(routes: readonly Route[]): Place {
  const every = (...allowed: readonly Access[]): boolean =>
    routes.every(({ access }) => allowed.includes(access))
  const isForAdmins = every('admin')
  const isClosed = !isForAdmins && routes.every(({ access }) => access !== 'open')
  return {
    routes,
    params: NO_PARAMS,
    isForAdmins,
    isCritical: every('open', 'admin'),
    asksModels: routes.some(({ access }) => access === 'client'),
    ...(isClosed ? { least: every('client') ? 'client' : 'known' } : {}),
  }
}

/**
 * Among the routes of one place: the first that claims the request, else the first that takes what is left, else the
 * last, so that there is always somebody to say what is wrong.
 */
export function chooseRoute<R extends Pick<Route, 'claims'>>(
  routes: readonly R[],
  hint: RequestHint,
): R | undefined {
  if (routes.length === 1) return routes[0]
  return (
    routes.find((route) => route.claims?.(hint) === true) ??
    routes.find((route) => route.claims === undefined) ??
    routes.at(-1)
  )
}

// The table only finds; what it finds is run by the application.
function unused(): void {}
