// The limits of a call in its two places: the caller's before anything is tried, a target's before each attempt.
import { compact } from '../canonical/compact.ts'
import type { Account } from '../exchange/account.ts'
import type { Middleware } from '../exchange/exchange.ts'
import type { Tell } from '../exchange/happening.ts'
import type { ProviderManager } from '../providers/manager.ts'
import { type Every, realEvery } from '../resilience/limits/lease.ts'
import type { LimitStore } from '../resilience/limits/limit.ts'
import { KnownLimits } from '../resilience/limits/known-limits.ts'
import {
  ANONYMOUS,
  type AppliedLimit,
  type LimitRule,
  allowedLimits,
  appliedLimits,
  providerRate,
} from '../resilience/limits/limit-rule.ts'
import { limited } from '../resilience/limits/limited.ts'
import { estimatedUsage } from '../usage/estimated-usage.ts'
import { OUTPUT_RESERVE, reservedTokens } from '../usage/reserved-tokens.ts'

/** What may change while it runs. */
export interface LimitSettings {
  readonly rules: readonly LimitRule[]
  /** Tokens set aside for an answer whose request sets no limit. Default 1024. */
  readonly outputReserve?: number
}

export interface LimitOptions {
  /** As they are now: asked for each call. */
  readonly settings: () => LimitSettings
  readonly store: LimitStore
  /** How to beat at intervals. Default: real ones. */
  readonly every?: Every
}

interface Surroundings extends LimitOptions {
  /** 0 to 1. */
  readonly random: () => number
  readonly newId: () => string
  readonly tell: Tell
}

const NOBODYS: Account = {}
const NONE: readonly AppliedLimit[] = []

/** A refused caller is told to wait up to so much longer than needed. */
const SPREAD = 0.1

/** Outside of all attempts: what a caller uses, it uses once. */
export function callerLimits(options: Surroundings): Middleware {
  const { settings, random } = options
  const known = new KnownLimits<Pick<Account, 'team' | 'allowances'>>()
  return limited({
    ...shared(options),
    code: 'rate_limit_exceeded',
    spread: () => random() * SPREAD,
    limitsOf: ({ caller = ANONYMOUS, account = NOBODYS }) => {
      const { rules } = settings()
      return known.of({ name: caller, of: account, rules }, ({ team, allowances = [] }) => [
        ...appliedLimits(rules, compact({ all: '', key: caller, team })),
        ...allowances.flatMap((allowance) => allowedLimits(allowance, caller)),
      ])
    },
    of: 'caller',
    mayHaveRun: ({ trail }) => trail?.attempts.some(({ uncertain }) => uncertain === true) === true,
    show: (exchange, limits) => exchange.limits?.tell(limits),
  })
}

/** Before each attempt: where one target has no room, another may. */
export function targetLimits(manager: ProviderManager, options: Surroundings): Middleware {
  const { settings } = options
  const known = new KnownLimits<number | undefined>()
  return limited({
    ...shared(options),
    of: 'target',
    code: 'provider_rate_limit',
    spread: () => 0,
    limitsOf: ({ target: { provider, model } }) => {
      const rate = manager.findProvider(provider)?.config.rateLimit
      const { rules } = settings()
      if (rate === undefined && rules.length === 0) return NONE
      const name = `${provider}/${model}`
      return known.of({ name, of: rate, rules }, (own) => [
        ...appliedLimits(rules, { provider, model: name }),
        ...(own === undefined ? [] : providerRate(provider, own)),
      ])
    },
  })
}

function shared({
  store,
  newId,
  tell,
  every = realEvery,
  settings,
}: Surroundings): Pick<
  Parameters<typeof limited>[0],
  'store' | 'newId' | 'tell' | 'every' | 'estimating' | 'tokensOf'
> {
  return {
    store,
    newId,
    tell,
    every,
    estimating: estimatedUsage,
    tokensOf: (exchange) => reservedTokens(exchange, settings().outputReserve ?? OUTPUT_RESERVE),
  }
}
