// Refusals of a Responses host that tell what to leave out.
import type { Amend } from '../amendment.ts'
import { withoutRefusedState } from '../refused-state.ts'

/** The key that encrypted the thinking is another account's, or gone. */
export const amend: Amend = (error, request) =>
  error.code === 'invalid_encrypted_content' ? withoutRefusedState(request) : undefined
