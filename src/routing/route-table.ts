// The routes that there are now; changed at run time, looked up for every call.
import { GatewayError } from '../canonical/errors.ts'
import type { Route } from './route.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/

/** Names that a route may not have, because they mean something else already. */
interface Reserved {
  /** Such as `provider`. */
  readonly what: string
  readonly has: (name: string) => boolean
}

interface Replacement {
  /** Names of those that nobody configured. */
  readonly others: readonly string[]
  readonly commit: () => void
}

export class RouteTable {
  readonly #reserved: Reserved[] = []
  readonly #routes = new Map<string, Route>()
  /** Calls so far, by route. */
  readonly #calls = new Map<string, number>()

  constructor(routes: readonly Route[] = []) {
    for (const route of routes) this.set(route)
  }

  /** Keeps names from routes: from those to come, and from those that are there. Throws GatewayError conflict. */
  reserve(what: string, has: (name: string) => boolean): void {
    for (const { name } of this.list()) assertFree(name, { what, has })
    this.#reserved.push({ what, has })
  }

  /** Adds a route, or puts it in the place of the one with its name. Throws GatewayError invalid_request and conflict. */
  set(route: Route): void {
    this.assertFits(route)
    this.#routes.set(route.name, route)
  }

  /** Throws what `set` throws. */
  assertFits(route: Route): void {
    assertRoute(route)
    for (const reserved of this.#reserved) assertFree(route.name, reserved)
  }

  /** Throws where a route has the name: it would hide a provider of that name. */
  assertNoRoute(name: string): void {
    if (!this.#routes.has(name)) return
    throw new GatewayError(
      'conflict',
      `A route is called "${name}" already. Give the provider another name, or rename the route.`,
      { code: 'name_taken', param: 'name' },
    )
  }

  /**
   * Makes ready another set of configured routes for the one before; the others stay. Throws GatewayError invalid_request, with
   * nothing changed; whether the names are free is for the caller to know, who may be changing those too.
   */
  replace(wanted: readonly Route[], forget: ReadonlySet<string>): Replacement {
    for (const route of wanted) assertRoute(route)
    const names = new Set(wanted.map(({ name }) => name))
    const others = this.list().filter(({ name }) => !names.has(name) && !forget.has(name))
    const next = [...wanted, ...others]
    const commit = (): void => {
      this.#routes.clear()
      for (const route of next) this.#routes.set(route.name, route)
    }
    return { others: others.map(({ name }) => name), commit }
  }

  /** Whether there was one. */
  delete(name: string): boolean {
    this.#calls.delete(name)
    return this.#routes.delete(name)
  }

  find(name: string): Route | undefined {
    return this.#routes.get(name)
  }

  /** In the order in which they were added. */
  list(): readonly Route[] {
    return [...this.#routes.values()]
  }

  /** How many calls a route has had. */
  callsOf(name: string): number {
    return this.#calls.get(name) ?? 0
  }

  called(name: string): void {
    this.#calls.set(name, this.callsOf(name) + 1)
  }
}

function assertFree(name: string, { what, has }: Reserved): void {
  if (!has(name)) return
  throw new GatewayError(
    'conflict',
    `There is ${what} called "${name}" already. Give the route another name.`,
    { code: 'name_taken', param: 'name' },
  )
}

function assertRoute({ name, targets, hedge = {}, timeoutMs = 1 }: Route): void {
  if (!NAME.test(name)) {
    throw invalid(
      "A route's name must be 1 to 64 letters, digits, dots, dashes, colons or underscores, and start with a letter or digit.",
      'name',
    )
  }
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) {
    throw invalid(`The timeout of the route "${name}" must be above 0.`, 'timeout')
  }
  if (targets.length === 0)
    throw invalid(`The route "${name}" needs at least one target.`, 'targets')
  for (const [field, value] of Object.entries(hedge)) {
    if (Number.isFinite(value) && value >= 0 && (field !== 'maxShare' || value <= 1)) continue
    throw invalid(
      `The hedge of the route "${name}" must have milliseconds from 0, and a share from 0 to 1.`,
      `hedge.${field}`,
    )
  }
  for (const [at, { model, weight = 1 }] of targets.entries()) {
    if (model.trim() === '' || model === name) {
      throw invalid(
        `A target of the route "${name}" must name a model, such as "openai/gpt-5", and not the route itself.`,
        `targets[${at}].model`,
      )
    }
    if (!Number.isFinite(weight) || weight <= 0) {
      throw invalid(`A weight in the route "${name}" must be above 0.`, `targets[${at}].weight`)
    }
  }
}

function invalid(message: string, param: string): GatewayError {
  return new GatewayError('invalid_request', message, { code: 'invalid_route', param })
}
