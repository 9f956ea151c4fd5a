// Whether a request asks for thinking: some models refuse settings then that they take otherwise.
import type { ChatRequest } from '../../canonical/request.ts'

export function isAskedToReason({ reasoning: asked }: ChatRequest): boolean {
  if (asked === undefined || asked.mode === 'off' || asked.effort === 'none') return false
  return asked.mode !== undefined || asked.effort !== undefined || (asked.budgetTokens ?? 0) > 0
}
