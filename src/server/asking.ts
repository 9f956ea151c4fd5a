// What all calls to a model share on the server: the client's words read, and the answer's head written.
import { compact } from '../canonical/compact.ts'
import { GatewayError, REFUSED_TRANSLATION } from '../canonical/errors.ts'
import { type Lowered, type Note, formatNotes, toldNotes } from '../canonical/note.ts'
import {
  type Exchange,
  type PassedText,
  type Priority,
  type Reply,
  type Source,
  laneOf,
} from '../exchange/exchange.ts'
import type { Resolution } from '../routing/resolve.ts'
import type { WireHeaders, WireRequest, WireResponse } from '../wire/message.ts'
import { type Caller, keyIdOf } from './auth.ts'
import { accountOf } from './keys/account.ts'
import { cacheAsk, cacheHeaders } from './cache-header.ts'
import { JSON_HEADERS, type Outbound } from './message.ts'
import { patienceIn } from './patience.ts'
import type { Call } from './route.ts'

/** The client's own message, for providers that speak its dialect. */
export function sourceOf(dialect: string | undefined, call: Call): Source | undefined {
  const { path, body, text } = call
  if (dialect === undefined || body === undefined || text === undefined) return undefined
  return { dialect, path, body, text }
}

const NO_QUERY: NonNullable<WireRequest['query']> = {}

/** The call as a dialect reads it. */
export function wireRequest({ method, path, query, headers, body }: Call): WireRequest {
  const wire = {
    method,
    path,
    query: query.size === 0 ? NO_QUERY : Object.fromEntries(query),
    headers,
  }
  return body === undefined ? wire : { ...wire, body }
}

/** What a provider says of a place in the canonical request, said of the client's own. */
export function inOwnWords(
  thrown: unknown,
  wordFor: (path: string) => string | undefined,
): unknown {
  if (!(thrown instanceof GatewayError) || thrown.code !== REFUSED_TRANSLATION) return thrown
  const param = wordFor(thrown.param ?? '')
  const { kind, message, origin, code } = thrown
  return new GatewayError(kind, message, compact({ origin, code, param, cause: thrown }))
}

/** Who asks and how patiently, whom an exchange asks, and where it keeps account of that. */
export function targetsOf(
  { target, choice }: Resolution,
  { headers, caller, limits, openTrail }: Call,
): Targets {
  const targets: Writable<Targets> = { target, trail: openTrail(), ...patienceIn(headers) }
  const key = keyIdOf(caller)
  const account = accountOf(caller, headers)
  const priority = priorityIn(headers, caller)
  const cache = cacheAsk(headers)
  if (key !== undefined) targets.caller = key
  if (account !== undefined) targets.account = account
  if (limits !== undefined) targets.limits = limits
  if (priority !== undefined) targets.priority = priority
  if (cache !== undefined) targets.cache = cache
  if (choice === undefined) return targets
  targets.choice = { ...choice, ...compact({ session: sessionIn(headers) }) }
  return targets
}

type Targets = Pick<
  Exchange,
  | 'target'
  | 'choice'
  | 'trail'
  | 'caller'
  | 'account'
  | 'limits'
  | 'priority'
  | 'timeoutMs'
  | 'beginMs'
  | 'clientRetries'
  | 'cache'
>

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Anyone may stand back; only whose key says so may go first. */
function priorityIn(headers: WireHeaders, caller: Caller): Priority | undefined {
  const word = headers['x-patchbay-priority']?.toLowerCase()
  if (word === undefined || word === 'batch') return word
  if (word === 'critical' && caller.kind === 'client' && caller.grant.critical) return word
  const why =
    word === 'critical'
      ? 'The priority "critical" needs a key that is made for it (critical: true).'
      : 'The header x-patchbay-priority must be batch, or critical with a key that is made for it.'
  throw new GatewayError(word === 'critical' ? 'permission' : 'invalid_request', why, {
    origin: 'client',
    code: 'priority_refused',
    param: 'x-patchbay-priority',
  })
}

/** What clients call their conversation; opencode and others say it in the first, Claude Code in the second. */
function sessionIn(headers: WireHeaders): string | undefined {
  return headers['x-session-affinity'] ?? headers['x-session-id'] ?? headers['session-id']
}

/** Of whom something is asked, and under which policy. */
export type Asking = Pick<Exchange, 'target' | 'policy'>

/** Who answered, by which lane, what was lost and what it cost. */
export function callHeaders(
  { target: asked, policy }: Asking,
  reply: Reply,
  notes: readonly Note[],
): WireHeaders {
  const { target = asked, askedIn } = reply
  const headers: Record<string, string> = {
    'x-patchbay-provider': headerText(target.provider),
    'x-patchbay-model': headerText(target.model),
    'x-patchbay-lane': laneOf(reply),
  }
  if (askedIn !== undefined) {
    headers['x-patchbay-protocol'] = `${askedIn.dialect};reason=${askedIn.reason}`
  }
  const told = notes.length === 0 ? '' : formatNotes(toldNotes(policy, notes))
  if (told !== '') headers['x-patchbay-notes'] = told
  if (reply.kind === 'whole' && reply.cost !== undefined) {
    headers['x-patchbay-cost'] = reply.cost.usd
  }
  return reply.cached === undefined ? headers : { ...headers, ...cacheHeaders(reply) }
}

/** What the log says, whatever the policy tells the caller. */
export function logged(notes: readonly Note[]): Pick<Outbound, 'notes'> {
  const summary = notes.length === 0 ? '' : formatNotes(notes)
  return summary === '' ? {} : { notes: summary }
}

/** Names may hold what a header may not. */
function headerText(text: string): string {
  return PRINTABLE.test(text) ? text : text.replaceAll(/[^\x20-\x7e]/g, '?')
}

const PRINTABLE = /^[\x20-\x7e]*$/

/** An answer that is there as a whole, in the upstream's own words or in ours. */
export function wholeOutbound(
  reply: Reply & { readonly passed?: PassedText },
  asking: Asking,
  encode: () => Lowered<WireResponse>,
): Outbound {
  const { passed } = reply
  if (passed !== undefined) {
    const told = callHeaders(asking, reply, reply.notes)
    return {
      status: 200,
      headers: { 'content-type': passed.contentType, ...told },
      body: passed.text,
      ...logged(reply.notes),
    }
  }
  const { value, notes } = encode()
  const body = value.text ?? JSON.stringify(value.body)
  const all = notes.length === 0 ? reply.notes : [...reply.notes, ...notes]
  const headers = { ...JSON_HEADERS, ...value.headers, ...callHeaders(asking, reply, all) }
  return { status: value.status, headers, body, ...logged(all) }
}
