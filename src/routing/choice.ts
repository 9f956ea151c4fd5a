// The targets that a route means now, for one caller: names become targets, and what may not be used is left out with the reason.
import { toGatewayError } from '../canonical/errors.ts'
import type { Target } from '../exchange/exchange.ts'
import { type ModelSnapshot, resolveModel } from './resolve.ts'
import type { Route, RouteTarget } from './route.ts'

export interface ChosenTarget {
  readonly target: Target
  readonly spec: RouteTarget
}

export interface Choice {
  readonly route: Route
  /** In the order of the configuration. */
  readonly targets: readonly ChosenTarget[]
  /** Who cannot be asked at all. */
  readonly unusable: readonly { readonly model: string; readonly reason: string }[]
}

/** `snapshot` is what the caller may use. */
export function choiceOf(route: Route, snapshot: ModelSnapshot): Choice {
  const targets: ChosenTarget[] = []
  const unusable: { readonly model: string; readonly reason: string }[] = []
  for (const spec of route.targets) {
    try {
      targets.push({ target: resolveModel(spec.model, snapshot), spec })
    } catch (thrown) {
      unusable.push({ model: spec.model, reason: toGatewayError(thrown).message })
    }
  }
  return { route, targets, unusable }
}
