// What a call would do, found out without making it: what goes out, what is lost, what it costs, and whether it is refused.
import { compact } from '../canonical/compact.ts'
import { type GatewayError, toGatewayError } from '../canonical/errors.ts'
import { type Note, POLICIES, type Policy, type Verdict, verdictOf } from '../canonical/note.ts'
import type { AskedIn, ChatExchange, Lane, Target } from '../exchange/exchange.ts'
import type { BaseProvider } from '../providers/base-provider.ts'
import type { CallPlan } from '../providers/call-plan.ts'
import { refusedTranslation } from '../providers/refused-translation.ts'
import type { Standing } from '../resilience/target-health.ts'
import type { ExplainedReservation, Reserved } from '../ledger/explained-reservation.ts'
import { type Forecast, forecast } from '../usage/forecast.ts'
import type { ModelPrice, PriceOf } from '../usage/price.ts'
import type { Tokenizers } from '../usage/tokenizer.ts'

/** A loss or change, with what each policy makes of it. */
export interface JudgedNote extends Note {
  readonly verdicts: Readonly<Record<Policy, Verdict>>
}

/** A target in the order in which it would be asked, as it stands now. */
export interface PlannedTarget extends Standing {
  readonly target: Target
}

/** What a route would do with a call. */
export interface RouteExplanation {
  readonly name: string
  readonly strategy: string
  readonly order: readonly PlannedTarget[]
  /** Who would not be asked, and why. */
  readonly left: readonly { readonly model: string; readonly reason: string }[]
}

export interface Explanation {
  readonly target: Target
  readonly policy: Policy
  /** Absent, as are the call and the forecast, where the request is refused before they are known. */
  readonly lane?: Lane
  readonly call?: CallPlan['call']
  /** The protocol of the call, and why it of those that the provider speaks. */
  readonly askedIn?: AskedIn
  /** The others, with what they would have lost. */
  readonly others?: CallPlan['others']
  /** Addresses that would be fetched first; the call has samples for what is there. */
  readonly fetches?: readonly string[]
  readonly notes: readonly JudgedNote[]
  /** What each policy would do with the request as a whole. */
  readonly verdicts: Readonly<Record<Policy, Verdict>>
  readonly forecast?: Forecast
  /** What would be reserved, where budgets count the call. */
  readonly reservation?: ExplainedReservation
  /** What the call would be refused with. */
  readonly refusal?: GatewayError
  /** Absent where one target was meant. */
  readonly route?: RouteExplanation
}

/** What a call would have to reserve; undefined where no budget counts it. */
export type Paying = (
  exchange: ChatExchange,
  price: ModelPrice | undefined,
) => Promise<Reserved | undefined>

export interface ExplainOptions {
  readonly provider: BaseProvider
  readonly priceOf: PriceOf
  readonly paying?: Paying
  readonly tokenizers: Tokenizers
}

/** Asks nobody outside. Never throws for what is wrong with the request: that is `refusal`. */
export async function explained(
  exchange: ChatExchange,
  { provider, priceOf, paying, tokenizers }: ExplainOptions,
): Promise<Explanation> {
  const { target, policy } = exchange
  try {
    const price = await priceOf(target)
    const paid = await paying?.(exchange, price)
    const plan = await provider.plan(paid?.exchange ?? exchange)
    const refusal = refusedTranslation(provider.name, policy, plan.notes) ?? paid?.refusal
    const notes = [...plan.notes, ...(paid?.note === undefined ? [] : [paid.note])]
    return {
      target,
      policy,
      lane: plan.lane,
      call: plan.call,
      ...compact({ askedIn: plan.askedIn, others: plan.others, fetches: plan.fetches }),
      notes: notes.map((note) => ({ ...note, verdicts: verdicts([note]) })),
      verdicts: verdicts(notes),
      forecast: forecast(plan.request, price, await tokenizers.of(target.model)),
      ...(paid === undefined ? {} : { reservation: paid.reservation }),
      ...(refusal === undefined ? {} : { refusal }),
    }
  } catch (thrown) {
    return refusedBefore(exchange, toGatewayError(thrown))
  }
}

/** The explanation of a call that is refused before anything else is known of it. */
export function refusedBefore(
  { target, policy }: ChatExchange,
  refusal: GatewayError,
): Explanation {
  return { target, policy, notes: [], verdicts: ALWAYS_REFUSED, refusal }
}

/** Whatever the policy. */
const ALWAYS_REFUSED: Explanation['verdicts'] = {
  lenient: 'refuse',
  default: 'refuse',
  strict: 'refuse',
}

const GRAVITY: readonly Verdict[] = ['refuse', 'warn', 'pass']

/** Of several notes, the gravest. */
function verdicts(notes: readonly Note[]): Readonly<Record<Policy, Verdict>> {
  const of = (policy: Policy): Verdict => {
    const all = new Set(notes.map((note) => verdictOf(policy, note)))
    return GRAVITY.find((verdict) => all.has(verdict)) ?? 'pass'
  }
  const [lenient, byDefault, strict] = POLICIES
  return { lenient: of(lenient), default: of(byDefault), strict: of(strict) }
}
