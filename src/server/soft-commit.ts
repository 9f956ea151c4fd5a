// Behind a head that has gone out before its answer: words to wait by, then the answer or its failure, whoever gives it in the end.
import { type GatewayError, toGatewayError } from '../canonical/errors.ts'
import type { StreamEncoder } from '../dialects/dialect.ts'
import { abandon } from '../exchange/abandoned.ts'
import type { ChatReply } from '../exchange/exchange.ts'
import type { Frame } from '../wire/frame.ts'
import type { After } from './message.ts'

/** How long heads are held, and how often a client that has one is told to go on waiting; in milliseconds. */
export interface SoftCommit {
  readonly holdMs: number
  readonly waitingMs: number
}

export const SOFT_COMMIT: SoftCommit = { holdMs: 10_000, waitingMs: 10_000 }

interface Wait {
  readonly milliseconds: number
  readonly after: After
  /** Ends the wait with its reason. */
  readonly signal: AbortSignal
}

/** What comes in time; undefined when it does not. Throws what it throws in time. */
function inTime<T>(coming: Promise<T>, wait: Wait): Promise<T | undefined> {
  const { milliseconds, after, signal } = wait
  return new Promise<T | undefined>((resolve, reject) => {
    const callOff = after(milliseconds, () => settle(() => resolve(undefined)))
    const leave = (): void => settle(() => reject(toGatewayError(signal.reason)))
    const settle = (outcome: () => void): void => {
      callOff()
      signal.removeEventListener('abort', leave)
      outcome()
    }
    coming.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(toGatewayError(error))),
    )
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
  })
}

/** The answer when it begins in time; a reader that leaves lets it go. */
export async function held(coming: Promise<ChatReply>, wait: Wait): Promise<ChatReply | undefined> {
  try {
    return await inTime(coming, wait)
  } catch (thrown) {
    coming.then(abandon, () => undefined)
    throw thrown
  }
}

type Body = AsyncIterable<string | Uint8Array>

export interface WaitingBodyOptions {
  readonly coming: Promise<ChatReply>
  readonly bodyOf: (reply: ChatReply) => Body
  /** What is said instead of an answer. */
  readonly failed: (error: GatewayError) => Body
  /** What is said while there is none; empty where the protocol has no word for it. */
  readonly waiting: () => string
  readonly waitingMs: number
  readonly after: After
  readonly signal: AbortSignal
}

/** Leaving it early lets the answer go, also one that comes later. */
export async function* waitingBody(
  options: WaitingBodyOptions,
): AsyncGenerator<string | Uint8Array> {
  const { coming, waitingMs: milliseconds, after, signal } = options
  let reply: ChatReply | undefined
  try {
    while (reply === undefined) {
      const word = options.waiting()
      if (word !== '') yield word
      reply = await inTime(coming, { milliseconds, after, signal })
    }
  } catch (thrown) {
    yield* options.failed(toGatewayError(thrown))
    return
  } finally {
    if (reply === undefined) coming.then(abandon, () => undefined)
  }
  yield* options.bodyOf(reply)
}

/** The dialect's own sign of life, with a word in it where it is a comment. */
export function waitingFrame(encoder: Pick<StreamEncoder, 'keepAlive'>): readonly Frame[] {
  const frame = encoder.keepAlive()
  if (frame === undefined) return []
  return [frame.comment === undefined ? frame : { ...frame, comment: 'patchbay waiting' }]
}
