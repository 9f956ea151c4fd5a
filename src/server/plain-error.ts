// Errors of Patchbay's own API, and of paths that belong to no protocol.
import { compact } from '../canonical/compact.ts'
import type { GatewayError } from '../canonical/errors.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { ErrorWriter } from './route.ts'
import { JSON_HEADERS } from './message.ts'

export function plainErrorBody(error: GatewayError, requestId: string): JsonObject {
  return {
    error: compact({
      kind: error.kind,
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
