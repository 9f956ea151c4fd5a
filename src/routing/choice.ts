// The targets that a route means now, for one caller: names become targets, and what may not be used is left out with the reason.
import { compact } from '../canonical/compact.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { Candidate, Choice } from '../exchange/choice.ts'
import type { Target } from '../exchange/exchange.ts'
import { type ModelSnapshot, resolveModel } from './resolve.ts'
import type { Route } from './route.ts'

/** `snapshot` is what the caller may use. Throws GatewayError `not_found` with code `no_usable_target` where that is nothing. */
export function choiceOf(route: Route, snapshot: ModelSnapshot): Choice {
  const candidates: Candidate[] = []
  const unusable: { readonly model: string; readonly reason: string }[] = []
  for (const { model, weight = 1, contextTokens, capabilities } of route.targets) {
    try {
      const target = resolveModel(model, snapshot)
      candidates.push(compact({ target, weight, contextTokens, capabilities }))
    } catch (thrown) {
      unusable.push({ model, reason: toGatewayError(thrown).message })
    }
  }
  if (candidates.length === 0) throw nothingUsable(route, unusable)
  const { name, strategy = 'priority', hedge, onStreamFailure, cache } = route
  const rules = { hedge, onStreamFailure, cache }
  return compact({ route: name, strategy, candidates, unusable, ...rules })
}

/** The target that stands for a choice until it is made. */
export function firstOf({ candidates }: Choice): Target {
  const [first] = candidates
  if (first === undefined) throw new Error('a choice has at least one candidate')
  return first.target
}

function nothingUsable({ name }: Route, unusable: Choice['unusable']): GatewayError {
  const reasons = unusable.map(({ model, reason }) => `${model}: ${reason}`).join(' ')
  return new GatewayError('not_found', `The route "${name}" has no target to use. ${reasons}`, {
    origin: 'client',
    code: 'no_usable_target',
    param: 'model',
  })
}
