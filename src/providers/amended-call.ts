// Whether a refused call is worth a second try with what the refusal says changed; pure.
import { GatewayError } from '../canonical/errors.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import type { Amendment } from '../dialects/amendment.ts'
import type { PreparedCall } from './prepared-call.ts'

/** Statuses that say that nothing was done, and that the request is to blame. */
const REFUSED: ReadonlySet<number | undefined> = new Set([400, 422])

/** What the call's dialect would change, if the failure is a refusal that tells. */
export function amendmentOf(
  thrown: unknown,
  { request }: ChatExchange,
  { protocol, profile }: PreparedCall,
): Amendment | undefined {
  if (!(thrown instanceof GatewayError) || !REFUSED.has(thrown.upstream?.status)) return undefined
  return protocol.dialect.amend?.(thrown, request, profile)
}

/** Whether both calls would be the same on the wire: then the second would be refused like the first. */
export function isSameCall(one: PreparedCall, other: PreparedCall): boolean {
  return (
    one.protocol === other.protocol &&
    textOf(one) === textOf(other) &&
    one.wire.path === other.wire.path
  )
}

function textOf({ passage, wire }: PreparedCall): string {
  return passage?.text ?? JSON.stringify(wire.body)
}
