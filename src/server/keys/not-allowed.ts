// What a key with a list of models is told of any other name: the same of models that there are and of those that there are not.
import { isSelective } from '../../access/grant.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { shown } from '../../routing/resolve.ts'
import type { Caller } from '../auth.ts'

export function notAllowed(name: string): GatewayError {
  return new GatewayError(
    'permission',
    `Your key may not use "${shown(name)}", or there is no such model. The list of models has those that it may use.`,
    { origin: 'client', code: 'model_not_allowed', param: 'model' },
  )
}

/** A refusal that would tell such a key what there is, in the words of all of them. */
export function asNotAllowed(thrown: unknown, name: string, caller: Caller): unknown {
  if (caller.kind !== 'client' || !isSelective(caller.grant)) return thrown
  return thrown instanceof GatewayError && TELLING.has(thrown.code ?? '')
    ? notAllowed(name)
    : thrown
}

const TELLING: ReadonlySet<string> = new Set([
  'model_not_found',
  'provider_not_found',
  'provider_disabled',
  'missing_api_key',
])
