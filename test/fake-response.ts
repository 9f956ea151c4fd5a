// The head of an upstream's answer for tests that need no socket: chunks, then an end or a failure.
import type { TransportResponse } from '../src/transport/transport.ts'

export interface FakeResponse {
  readonly response: TransportResponse
  /** How it was let go of, in order. */
  readonly left: readonly ('cancel' | 'release')[]
  /** How many chunks were asked for. */
  readonly pulled: () => number
}

/** `failure` is thrown after the chunks. */
export function fakeResponse(
  chunks: readonly (Uint8Array | string)[],
  failure?: unknown,
): FakeResponse {
  const left: ('cancel' | 'release')[] = []
  let pulled = 0
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) {
      pulled += 1
      yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
    }
    if (failure !== undefined) throw failure
  }
  const response: TransportResponse = {
    status: 200,
    headers: {},
    body: body(),
    cancel: () => void left.push('cancel'),
    release: () => void left.push('release'),
  }
  return { response, left, pulled: () => pulled }
}
