// Refusals of a Messages host that tell what to leave out.
import type { Amend } from '../amendment.ts'
import { withoutRefusedState } from '../refused-state.ts'
import { thinkingInLoop } from './replayed-thinking.ts'

/** The wire has no code for it: "messages.1.content.0: Invalid `signature` in `thinking` block" (seen 2025 to 2026). */
export const amend: Amend = ({ kind, message }, request) => {
  if (kind !== 'invalid_request') return undefined
  if (!message.includes('Invalid `signature` in `thinking` block')) return undefined
  const amended = withoutRefusedState(request)
  if (amended === undefined) return undefined
  const { value, notes } = thinkingInLoop(amended.request)
  return { request: value, notes: [...amended.notes, ...notes] }
}
