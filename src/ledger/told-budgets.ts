// Tells what a settled attempt means for its budgets.
import { compact } from '../canonical/compact.ts'
import type { Tell } from '../exchange/happening.ts'
import type { Settled, Settlement } from './ledger.ts'

export function tellSettled(
  tell: Tell,
  { callId: id, source, nanoUsd = 0, reserveNano, budgets }: Settlement,
  { how, standings }: Settled,
): void {
  tell(compact({ type: 'attempt-settled' as const, id, source, how, nanoUsd }))
  for (const standing of standings) {
    tell({ type: 'budget-changed', id, standing })
    const { limitNano, spentNano, reservedNano } = standing
    const isHard = budgets.some((budget) => budget.id === standing.id && budget.hard)
    const over = Math.min(nanoUsd - reserveNano, spentNano + reservedNano - limitNano)
    if (isHard && over > 0) tell({ type: 'budget-overspent', id, standing, nanoUsd: over })
  }
}
