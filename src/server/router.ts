// From method and path to the routes that stand there.
import findMyWay from 'find-my-way'
import type { RequestHint } from '../dialects/dialect.ts'
import { METHODS, type Method, type Route } from './route.ts'

/** The routes of one place, in order, with what the path held. */
export interface Place {
  readonly routes: readonly Route[]
  readonly params: Readonly<Record<string, string | undefined>>
}

/** A model name may be long, but not longer than this many characters of a path segment. */
const MAX_SEGMENT = 1024

export class Router {
  readonly #table = findMyWay({ maxParamLength: MAX_SEGMENT })

  constructor(routes: readonly Route[]) {
    const byPlace = Map.groupBy(routes, (route) => `${route.method} ${route.path}`)
    for (const place of byPlace.values()) {
      const [first] = place
      if (first === undefined) continue
      this.#table.on(first.method, first.path, unused, place)
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
    const found = this.#table.find(method, path)
    if (found === null) return undefined
    const routes: readonly Route[] = found.store
    return { routes, params: found.params }
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
  return (
    routes.find((route) => route.claims?.(hint) === true) ??
    routes.find((route) => route.claims === undefined) ??
    routes.at(-1)
  )
}

// The table only finds; what it finds is run by the application.
function unused(): void {}
