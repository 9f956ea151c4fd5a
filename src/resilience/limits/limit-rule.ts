// The limits of a configuration, and which of them a call must pass.
import type { Allowance } from '../../canonical/allowance.ts'
import type { Counted } from '../../canonical/limit-standing.ts'
import type { OnLoss } from './limit.ts'

/** Whose calls are counted: everybody's together, or each key's, team's, provider's or model's for itself. */
export type LimitScope = 'all' | 'key' | 'team' | 'provider' | 'model'

/** How much in a minute, and how much in a day. */
export interface Quota {
  readonly perMinute?: number
  readonly perDay?: number
}

export interface LimitRule {
  readonly scope: LimitScope
  /**
   * The key's public id (`anonymous` for callers without a key), the team's id, the provider's name, or `provider/model`; `*` at the end
   * stands for any rest. Absent: every one, each with a count of its own.
   */
  readonly of?: string
  readonly requests?: Quota
  readonly tokens?: Quota
  /** Calls at once. */
  readonly concurrency?: number
  /**
   * What holds while the place where shared limits are counted is lost. Default: `leased` for tokens, `local_share` for the
   * rest. Calls at once cannot be set aside: `leased` is `local_share` for them.
   */
  readonly onBackendLoss?: OnLoss
}

/** One count that a call goes into. */
export interface AppliedLimit {
  readonly key: string
  /** For headers. */
  readonly name: string
  readonly counts: Counted
  readonly limit: number
  /** Absent of calls at once. */
  readonly periodMs?: number
  readonly onLoss: OnLoss
  /** For people: `Provider "p"`. */
  readonly subject: string
  /** Where it is set: `"rateLimit"`. */
  readonly setting: string
}

/** Whom a call counts for, by scope; a scope that is not known yet is left out. */
export type Subjects = Readonly<Partial<Record<LimitScope, string>>>

/** Callers without a key: nothing tells them apart. */
export const ANONYMOUS = 'anonymous'

const PERIODS = [
  { quota: 'perMinute', word: 'minute', ms: 60_000 },
  { quota: 'perDay', word: 'day', ms: 86_400_000 },
] as const

export function appliedLimits(
  rules: readonly LimitRule[],
  subjects: Subjects,
): readonly AppliedLimit[] {
  return rules.flatMap((rule) => {
    const { scope, of } = rule
    const name = subjects[scope]
    if (name === undefined || !matches(of, name)) return []
    // A rule of its own for a name counts beside the rule for all names, not into it.
    const count = { scope, id: `${scope}:${of ?? ''}/${name}`, setting: SETTING }
    return limitsOf(rule, { ...count, subject: subjectOf(scope, name) })
  })
}

/** What a provider's own setting says of it. */
export function providerRate(provider: string, perMinute: number): readonly AppliedLimit[] {
  const rule = { scope: 'provider', requests: { perMinute } } as const
  const subject = subjectOf('provider', provider)
  return limitsOf(rule, {
    scope: 'provider',
    id: `rate_limit/${provider}`,
    subject,
    setting: 'its "rateLimit"',
  })
}

/** What a key or a team may use by its own record; `caller`: the key that calls, to tell it from those that it was made under. */
export function allowedLimits(
  { scope, id, limits = {} }: Allowance,
  caller: string,
): readonly AppliedLimit[] {
  const own = scope === 'key' && id !== caller ? `The key ${id}, which yours was made under,` : ''
  return limitsOf(
    { scope, ...limits },
    {
      scope,
      id: `${scope}_record/${id}`,
      subject: own === '' ? subjectOf(scope, id) : own,
      setting: scope === 'team' ? 'the limits of the team' : 'the limits of the key',
    },
  )
}

interface Count {
  readonly scope: LimitScope
  readonly id: string
  readonly subject: string
  readonly setting: string
}

const SETTING = 'it under "limits.rules"'

function limitsOf(rule: LimitRule, { scope, id, ...told }: Count): readonly AppliedLimit[] {
  const { onBackendLoss, concurrency } = rule
  const rates = (['requests', 'tokens'] as const).flatMap((counts) =>
    PERIODS.flatMap(({ quota, word, ms }): AppliedLimit[] => {
      const limit = rule[counts]?.[quota]
      if (limit === undefined) return []
      const onLoss = onBackendLoss ?? (counts === 'tokens' ? 'leased' : 'local_share')
      const name = `${scope}-${counts}-${word}`
      return [
        { key: `${id}/${counts}/${word}`, name, counts, limit, periodMs: ms, onLoss, ...told },
      ]
    }),
  )
  if (concurrency === undefined) return rates
  const place: AppliedLimit = {
    key: `${id}/calls`,
    name: `${scope}-calls`,
    counts: 'calls',
    limit: concurrency,
    onLoss: onBackendLoss ?? 'local_share',
    ...told,
  }
  return [...rates, place]
}

function matches(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined) return true
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function subjectOf(scope: LimitScope, name: string): string {
  switch (scope) {
    case 'all':
      return 'This gateway'
    case 'key':
      return name === ANONYMOUS ? 'Everybody without a key, together,' : 'Your key'
    case 'team':
      return `Your team "${name}"`
    case 'provider':
      return `Provider "${name}"`
    case 'model':
      return `Model "${name}"`
  }
}
