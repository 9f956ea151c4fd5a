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

/** The call as a dialect reads it. */
export function wireRequest(call: Call): WireRequest {
  return compact({
    method: call.method,
    path: call.path,
    query: Object.fromEntries(call.query),
    headers: call.headers,
    body: call.body,
  })
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
): Pick<
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
> {
  const patience = patienceIn(headers)
  const trail = openTrail()
  const priority = priorityIn(headers, caller)
  const own = compact({
    caller: keyIdOf(caller),
    account: accountOf(caller, headers),
    limits,
    priority,
    cache: cacheAsk(headers),
  })
  const asking = { target, trail, ...patience, ...own }
  if (choice === undefined) return asking
  return { ...asking, choice: { ...choice, ...compact({ session: sessionIn(headers) }) } }
}

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
  const { target = asked } = reply
  const summary = formatNotes(toldNotes(policy, notes))
  const { askedIn } = reply
  return compact({
    'x-patchbay-provider': headerText(target.provider),
    'x-patchbay-model': headerText(target.model),
    'x-patchbay-lane': laneOf(reply),
    'x-patchbay-protocol':
      askedIn === undefined ? undefined : `${askedIn.dialect};reason=${askedIn.reason}`,
    'x-patchbay-notes': summary === '' ? undefined : summary,
    'x-patchbay-cost': reply.kind === 'whole' ? reply.cost?.usd : undefined,
    ...cacheHeaders(reply),
  })
}

/** What the log says, whatever the policy tells the caller. */
export function logged(notes: readonly Note[]): Pick<Outbound, 'notes'> {
  const summary = formatNotes(notes)
  return summary === '' ? {} : { notes: summary }
}

/** Names may hold what a header may not. */
function headerText(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}

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
  const all = [...reply.notes, ...notes]
  const headers = { ...JSON_HEADERS, ...value.headers, ...callHeaders(asking, reply, all) }
  return { status: value.status, headers, body, ...logged(all) }
}
