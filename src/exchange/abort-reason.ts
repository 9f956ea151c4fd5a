// Why a call was given up, as a word: everything that aborts a call's signal says it by the code of its error.
import { GatewayError } from '../canonical/errors.ts'

/** `client`: its reader has gone. `client_stalled`: it takes nothing any more. */
export type AbortReason = 'client' | 'client_stalled' | 'deadline' | 'drain' | 'shed'

const REASONS: Readonly<Record<string, AbortReason>> = {
  client_stalled: 'client_stalled',
  deadline_exceeded: 'deadline',
  caller_timeout: 'deadline',
  gateway_draining: 'drain',
  gateway_overloaded: 'shed',
}

/** Undefined while nobody has given the call up. A reason that says nothing else is the caller's own wish. */
export function abortReason({ aborted, reason }: AbortSignal): AbortReason | undefined {
  if (!aborted) return undefined
  if (reason instanceof GatewayError) return REASONS[reason.code ?? ''] ?? 'client'
  return reason instanceof Error && reason.name === 'TimeoutError' ? 'deadline' : 'client'
}

/** Throws the reason of a call that was given up before anything was done for it. */
export function assertWanted({ aborted, reason }: AbortSignal): void {
  if (!aborted) return
  if (reason instanceof GatewayError) throw reason
  throw new GatewayError('cancelled', 'The call was given up.', { origin: 'client', cause: reason })
}
