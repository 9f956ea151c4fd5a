// A wait with an end.
import { GatewayError } from '../canonical/errors.ts'

/** Rejects with kind timeout after `ms`, and aborts the signal it gave, even when the work never looks at it. */
export async function withDeadline<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new GatewayError('timeout', `No answer within ${ms / 1000} seconds.`)
      controller.abort(error)
      reject(error)
    }, ms)
  })
  try {
    return await Promise.race([work(controller.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
