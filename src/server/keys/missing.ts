// What is said of a key or a team that is not there.
import { GatewayError } from '../../canonical/errors.ts'

export function gone(what: 'key' | 'team', id: string): GatewayError {
  return new GatewayError('not_found', `There is no ${what} "${id}".`, {
    origin: 'client',
    code: `${what}_not_found`,
    param: 'id',
  })
}
