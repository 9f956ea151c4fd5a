// What every call of an admin goes through besides its own handler: ids that are ids, nothing that nobody asked for, the state it is meant for, and the record of it.
import type { GatewayError } from '../../canonical/errors.ts'
import { isArray, isObject } from '../../wire/json.ts'
import type { Caller } from '../auth.ts'
import { clientError } from '../client-error.ts'
import type { Outbound } from '../message.ts'
import type { Call, Route } from '../route.ts'
import { queried, refused } from '../validate.ts'
import { asPrecondition, expectedIn } from './precondition.ts'

/** A call that was made to change something, as it went. */
export interface Deed {
  readonly route: Route
  readonly call: Call
  readonly status: number
  /** Absent where it succeeded. */
  readonly error?: GatewayError
}

/** A call of an admin that nobody was let in for. */
export interface Refusal {
  readonly id: string
  readonly route: Route
  /** Absent: the key is none of ours. */
  readonly caller?: Caller
  readonly error: GatewayError
}

/** Writes down what admins do. */
export interface AdminRecord {
  /** Resolves once it is written down; throws where it cannot be. */
  deed(deed: Deed): Promise<void>
  /** Never throws: who is not let in hears nothing of it. */
  refusal(refusal: Refusal): Promise<void>
}

/** Whether a route is there to change something. */
function changesSomething({ access, method }: Pick<Route, 'access' | 'method'>): boolean {
  return access === 'admin' && method !== 'GET' && method !== 'HEAD'
}

export interface Governing {
  readonly route: Route
  readonly call: Call
  readonly record?: AdminRecord | undefined
}

/** Answers a call of an admin. It is recorded before anybody hears how it went. */
export async function governed({ route, call, record }: Governing): Promise<Outbound> {
  const isChange = changesSomething(route)
  try {
    const outbound = await checked(route, call)
    if (isChange) await record?.deed({ route, call, status: outbound.status })
    return outbound
  } catch (thrown) {
    const error = clientError(thrown)
    if (isChange && error.code !== RECORD_FAILED) {
      await record?.deed({ route, call, status: error.status, error })
    }
    throw error
  }
}

/** The code of the failure to record. */
const RECORD_FAILED = 'audit_failed'

async function checked(route: Route, call: Call): Promise<Outbound> {
  const { precondition } = route
  assertIds(call)
  assertAsked(route, call)
  if (precondition === undefined) return route.handle(call)
  const expected = expectedIn(call.headers, precondition)
  try {
    return await route.handle({ ...call, expected })
  } catch (thrown) {
    throw asPrecondition(thrown, expected)
  }
}

const ID = /^[A-Za-z0-9_][A-Za-z0-9._:@-]{0,127}$/

function assertIds({ params }: Call): void {
  for (const [name, value = ''] of Object.entries(params)) {
    if (ID.test(value)) continue
    throw refused(
      name,
      `"${name}" in the path must be 1 to 128 letters, digits, dots, dashes, colons, @ or underscores.`,
      'invalid_id',
    )
  }
}

/** A body or a query that the route does not know was meant for something that will not happen. */
function assertAsked({ description }: Route, call: Call): void {
  const { request, anyBody, requestInQuery, query } = description
  if (query !== undefined) queried(query, call)
  else if (requestInQuery !== true && call.query.size > 0) {
    const [name = ''] = call.query.keys()
    throw refused(
      name,
      `This call takes nothing in the URL, and "${name}" stands there.`,
      'unknown_key',
    )
  }
  if (request !== undefined || anyBody === true || isNothing(call)) return
  throw refused('', 'This call takes no body.', 'unknown_key')
}

function isNothing({ body, text = '' }: Call): boolean {
  if (body === undefined) return text === ''
  return isObject(body) && !isArray(body) && Object.keys(body).length === 0
}
