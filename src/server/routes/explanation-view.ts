// How an explanation is shown. Where a provider is, and what its operator adds to its calls, only the admin sees.
import { compact } from '../../canonical/compact.ts'
import { costOfNano } from '../../canonical/cost.ts'
import type { ExplainedReservation } from '../../ledger/explained-reservation.ts'
import { isOwn } from '../../ledger/refusals.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { formatNotes, toldNotes } from '../../canonical/note.ts'
import type { Target } from '../../exchange/exchange.ts'
import type { Explanation, JudgedNote, RouteExplanation } from '../../pipeline/explanation.ts'
import { reasonOf } from '../../routing/reason.ts'
import type { Forecast } from '../../usage/forecast.ts'
import { type JsonObject, tryParseJson } from '../../wire/json.ts'
import type { WireResponse } from '../../wire/message.ts'
import type { Caller } from '../auth.ts'
import type { Recalled } from '../model-directory.ts'
import { priceView } from './price-view.ts'
import { standingView } from './standing-view.ts'

/** What is known around an explanation. */
interface Surroundings {
  readonly protocol: string
  /** Undefined where the request was refused before its model was looked for. */
  readonly recalled: Recalled | undefined
  readonly refusal: WireResponse | undefined
}

interface Explained extends Surroundings {
  readonly caller: Caller
  /** The client's word for a place of its request. */
  readonly fieldOf: (path: string) => string | undefined
}

/** A request that is refused before it has a target. */
export function refusedView({ protocol, recalled, refusal }: Surroundings): JsonObject {
  return compact({ protocol, ...modelView(recalled), refusal: refusalView(refusal) })
}

export function explanationView(explanation: Explanation, around: Explained): JsonObject {
  const { policy, verdicts, lane, call, notes, forecast } = explanation
  const { protocol, recalled, refusal, caller, fieldOf } = around
  const told = formatNotes(toldNotes(policy, notes))
  return compact({
    protocol,
    ...modelView(recalled, explanation.target),
    policy,
    verdicts,
    lane,
    request: call === undefined ? undefined : requestView(call, caller),
    fetches: explanation.fetches,
    ...protocolsView(explanation),
    route: explanation.route === undefined ? undefined : routeView(explanation.route),
    notes: notes.map((note) => noteView(note, fieldOf(note.path))),
    notes_header: told === '' || refusal !== undefined ? undefined : told,
    tokens: forecast === undefined ? undefined : tokensView(forecast),
    price: forecast === undefined ? undefined : costView(forecast),
    reservation:
      explanation.reservation === undefined
        ? undefined
        : reservationView(explanation.reservation, caller),
    refusal: refusalView(refusal),
  })
}

/** `planned` is the target that a route comes to. */
function modelView(recalled: Recalled | undefined, planned?: Target): JsonObject {
  if (recalled === undefined) return {}
  const { outcome, unlisted } = recalled
  const lists = unlisted.length === 0 ? {} : { unlisted }
  if (outcome instanceof GatewayError) return lists
  const { rule, names } = outcome
  const target = planned ?? outcome.target
  const why = reasonOf({ ...outcome, target })
  return { model: { asked: names[0] ?? '', ...target, rule, why }, ...lists }
}

/** Who would be asked in which order, and who would not. */
function routeView({ name, strategy, order, left }: RouteExplanation): JsonObject {
  return {
    name,
    strategy,
    order: order.map(({ target, ...standing }) => ({ ...target, ...standingView(standing) })),
    left: left.map(({ model, reason }) => ({ model, reason })),
  }
}

/** Why the provider is asked in its protocol, and what the others that it speaks would have lost. */
function protocolsView({ askedIn, others = [] }: Explanation): JsonObject {
  if (askedIn === undefined) return {}
  const lost = others.map(({ dialect, notes }) =>
    compact({ protocol: dialect, notes: formatNotes(notes) }),
  )
  return {
    protocol_reason: askedIn.reason,
    ...(lost.length === 0 ? {} : { other_protocols: lost }),
  }
}

/** What would be held of which budgets. How those of all together stand, only the admin sees. */
function reservationView({ nanoUsd, budgets }: ExplainedReservation, caller: Caller): JsonObject {
  return compact({
    usd: nanoUsd === undefined ? undefined : costOfNano(nanoUsd).usd,
    budgets: budgets.map(({ standing, hard, fits }) => {
      const { id, scope, period, limitNano, spentNano, reservedNano } = standing
      const told = caller.kind === 'admin' || isOwn(standing)
      const stands = {
        limit_usd: costOfNano(limitNano).usd,
        spent_usd: costOfNano(spentNano).usd,
        reserved_usd: costOfNano(reservedNano).usd,
      }
      return { id, scope, period, hard, ...(told ? stands : {}), fits }
    }),
  })
}

type ShownCall = NonNullable<Explanation['call']>

function requestView(call: ShownCall, caller: Caller): JsonObject {
  if (call.kind === 'inner') return { given: call.given }
  const { dialect, method, url, path, headers, operatorHeaders, body } = call
  const isAdmin = caller.kind === 'admin'
  const hidden = new Set(isAdmin ? [] : operatorHeaders)
  const shown = Object.entries(headers).filter(([name]) => !hidden.has(name))
  const json = body === undefined ? undefined : tryParseJson(body)
  return compact({
    protocol: dialect,
    method,
    url: isAdmin ? url : undefined,
    path,
    headers: Object.fromEntries(shown),
    body: json,
    // Only where the value does not say it all: spacing, repeated keys, spellings of numbers.
    text: body === undefined || body === JSON.stringify(json) ? undefined : body,
  })
}

function noteView(note: JudgedNote, field: string | undefined): JsonObject {
  const { action, feature, path, weight, reason, from, to, verdicts } = note
  return compact({ action, feature, path, field, weight, reason, from, to, verdicts })
}

function tokensView({ inputTokens, exact, maxOutputTokens }: Forecast): JsonObject {
  return compact({ input: inputTokens, exact, max_output: maxOutputTokens })
}

/** Amounts as decimals in text, so that no digit is lost. */
function costView({ price, inputCost, worstCost }: Forecast): JsonObject {
  return compact({
    ...priceView(price),
    input_usd: inputCost?.usd,
    worst_usd: worstCost?.usd,
    unpriced: (worstCost ?? inputCost)?.unpriced,
  })
}

function refusalView(refusal: WireResponse | undefined): JsonObject | undefined {
  if (refusal === undefined) return undefined
  const { status, body, text } = refusal
  return compact({ status, body, text })
}
