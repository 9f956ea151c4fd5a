// What a caller may do: its key, the keys that one was made under and their team, taken together. Only what all of them allow is allowed.
import { compact } from '../canonical/compact.ts'
import type { Account } from '../exchange/account.ts'
import type { Allowance } from '../canonical/allowance.ts'
import type { Target } from '../exchange/target.ts'
import type { Holding, KeyRecord, TeamRecord } from './key-record.ts'
import {
  type KeyEndpoint,
  type Scope,
  allowsAddress,
  allowsEndpoint,
  allowsPolicy,
  allowsProvider,
  allowsTarget,
} from './scope.ts'

export interface Grant {
  /** Each of them must allow what is done. */
  readonly scopes: readonly Scope[]
  readonly account: Account
  /** Names of tags that a request may bring along; `*`: any. */
  readonly requestTags: readonly string[]
  /** Whether its calls may go before others. */
  readonly critical: boolean
}

/** Of who runs the gateway in this very process, and of callers without a key, whom other rules hold. */
export const UNBOUND: Grant = { scopes: [], account: {}, requestTags: ['*'], critical: false }

export interface Chain {
  readonly key: KeyRecord
  /** The nearest first. */
  readonly parents: readonly KeyRecord[]
  readonly team?: TeamRecord | undefined
}

export function grantOf({ key, parents, team }: Chain): Grant {
  const keys = [key, ...parents]
  const holders = [...keys, ...(team === undefined ? [] : [team])]
  const scopes = holders.map(({ scope }) => scope)
  const grant = {
    scopes,
    requestTags: key.requestTags,
    critical: keys.every(({ critical }) => critical),
  }
  const tags = Object.fromEntries(
    holders.toReversed().flatMap((holder) => Object.entries(holder.tags)),
  )
  const account: Account = compact({
    team: team?.id,
    parents: parents.length === 0 ? undefined : parents.map(({ id }) => id),
    tags: Object.keys(tags).length === 0 ? undefined : tags,
    content: key.content,
    allowances: [
      ...keys.map((holder) => allowanceOf('key', holder)),
      ...(team === undefined ? [] : [allowanceOf('team', team)]),
    ],
    permits: isOpen(scopes)
      ? undefined
      : (target: Target) => scopes.every((scope) => allowsTarget(scope, target)),
  })
  return { ...grant, account }
}

export function mayReach({ scopes }: Grant, provider: string): boolean {
  return scopes.every((scope) => allowsProvider(scope, provider))
}

export function mayAsk({ scopes }: Grant, target: Target): boolean {
  return scopes.every((scope) => allowsTarget(scope, target))
}

/** Whether there are models that it may not ask. */
export function isSelective({ scopes }: Grant): boolean {
  return !isOpen(scopes)
}

export function mayCall({ scopes }: Grant, endpoint: KeyEndpoint | undefined): boolean {
  return scopes.every((scope) => allowsEndpoint(scope, endpoint))
}

export function mayTranslate({ scopes }: Grant, policy: string): boolean {
  return scopes.every((scope) => allowsPolicy(scope, policy))
}

export function mayComeFrom({ scopes }: Grant, address: string | undefined): boolean {
  return scopes.every((scope) => allowsAddress(scope, address))
}

function isOpen(scopes: readonly Scope[]): boolean {
  return scopes.every(({ models, providers }) => models === undefined && providers === undefined)
}

function allowanceOf(scope: Allowance['scope'], { id, limits, budgets }: Holding): Allowance {
  return { scope, id, limits, budgets }
}
