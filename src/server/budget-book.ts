// The budgets that hold now: those of the configuration, those that admins set while it runs, and those of keys and teams.
import { GatewayError } from '../canonical/errors.ts'
import { type BudgetSetting, budgetSetting, toRule } from '../config/budget-schema.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { AppliedBudget } from '../ledger/budget.ts'
import { type BudgetRule, allowedBudgets, appliedBudgets } from '../ledger/budget-rule.ts'
import type { DocumentChange } from '../store/documents/document.ts'
import type { WatchedDocuments } from '../store/documents/watched-documents.ts'

/** The kind of documents that budgets of the admin API are. */
export const BUDGET = 'budget'

export interface BudgetBookOptions {
  /** As the configuration has them now. */
  readonly configured: () => readonly BudgetRule[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export class BudgetBook {
  readonly #options: BudgetBookOptions
  readonly #set = new Map<string, BudgetRule>()

  constructor(options: BudgetBookOptions) {
    this.#options = options
  }

  /** Resolves once it knows those that are set, and hears of every change from then on. */
  async follow(documents: WatchedDocuments): Promise<() => void> {
    return documents.follow(BUDGET, (change) => this.#hear(change))
  }

  /** Of the configuration first. */
  get rules(): readonly BudgetRule[] {
    return [...this.#options.configured(), ...this.#set.values()]
  }

  /** Those that admins have set, by their ids. */
  get set(): ReadonlyMap<string, BudgetRule> {
    return this.#set
  }

  budgetsOf(exchange: Exchange): readonly AppliedBudget[] {
    const now = this.#options.now()
    return [
      ...appliedBudgets(this.#options.configured(), exchange, now),
      ...appliedBudgets(this.#set.values(), exchange, now),
      ...allowedBudgets(exchange, now),
    ]
  }

  #hear({ id, body }: DocumentChange): void {
    if (body === undefined) this.#set.delete(id)
    else this.#set.set(id, ruleOf(id, budgetSetting.parse(body)))
  }
}

/** What is spent is counted under the id: a budget that is changed goes on where it was. */
function ruleOf(id: string, setting: BudgetSetting): BudgetRule {
  return toRule(setting, `set:${id}`)
}

export function unknownBudget(id: string): GatewayError {
  return new GatewayError('not_found', `There is no budget "${id}" that was set by the API.`, {
    origin: 'client',
    code: 'budget_not_found',
  })
}
