// What a key or a team comes to by what is said of it.
import type { Holding } from '../../access/key-record.ts'
import type { Scope } from '../../access/scope.ts'
import { compact } from '../../canonical/compact.ts'
import type { KeyChange, ScopeInput } from './key-schema.ts'

type Said = ScopeInput & Pick<KeyChange, 'name' | 'limits' | 'budget' | 'tags'>

export function changed<Record extends Holding>(before: Record, said: Said): Record {
  return {
    ...before,
    name: said.name ?? before.name,
    scope: scopeOf(said, before.scope),
    limits: said.limits ?? before.limits,
    budgets: said.budget ?? before.budgets,
    tags: said.tags ?? before.tags,
  }
}

/** What is not said stays as it was; null opens it. */
export function scopeOf(said: ScopeInput, before: Scope = {}): Scope {
  return compact({
    models: listOf(said.models, before.models),
    providers: listOf(said.providers, before.providers),
    endpoints: listOf(said.endpoints, before.endpoints),
    policies: listOf(said.policies, before.policies),
    cidrs: listOf(said.cidrs, before.cidrs),
  })
}

function listOf(
  said: readonly string[] | null | undefined,
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  return said === undefined ? before : (said ?? undefined)
}
