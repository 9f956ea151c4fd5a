// The limits that a name must pass, found once for as long as all that they rest on is the same.
import type { AppliedLimit, LimitRule } from './limit-rule.ts'

export interface LimitsAsked<Of> {
  /** Such as a caller's. */
  readonly name: string
  /** What is known of the name besides the rules; another value is another answer. */
  readonly of: Of
  readonly rules: readonly LimitRule[]
}

interface Known<Of> extends LimitsAsked<Of> {
  readonly limits: readonly AppliedLimit[]
}

/** Clients choose the names of models, so that there is no end to them. */
const MOST_KEPT = 10_000

export class KnownLimits<Of> {
  readonly #known = new Map<string, Known<Of>>()

  of(asked: LimitsAsked<Of>, find: (of: Of) => readonly AppliedLimit[]): readonly AppliedLimit[] {
    const known = this.#known.get(asked.name)
    if (known !== undefined && known.of === asked.of && known.rules === asked.rules) {
      return known.limits
    }
    const limits = find(asked.of)
    if (this.#known.size >= MOST_KEPT) this.#known.clear()
    this.#known.set(asked.name, { ...asked, limits })
    return limits
  }
}
