// Errors of Patchbay's own API, and of paths that belong to no protocol.
import { compact } from '../canonical/compact.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { JsonObject } from '../canonical/json.ts'
import { asSeenOutside } from '../dialects/own-account.ts'
import type { ErrorWriter } from './route.ts'
import { JSON_HEADERS } from './message.ts'

/** A stream says it too. */
export function plainErrorBody(failure: GatewayError, requestId: string): JsonObject {
  const { kind } = failure
  // Of a refused key only the kind is the provider's word.
  const error = asSeenOutside(failure)
  return {
    error: compact({
      kind,
      code: error.code,
      message: error.message,
      param: error.param,
      request_id: requestId,
    }),
  }
}

export const writePlainError: ErrorWriter = (error, requestId) => ({
  status: error.status,
  headers: JSON_HEADERS,
  body: plainErrorBody(error, requestId),
})
