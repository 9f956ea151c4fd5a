// A stream of events as the text of a response body: encoded, kept alive while the upstream is silent, never cut without a word.
import { toGatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { StreamEncoder } from '../dialects/dialect.ts'
import type { AnswerFraming, Frame } from '../wire/frame.ts'
import { frameWriter } from '../wire/framing.ts'
import type { After } from './message.ts'

export interface StreamBodyOptions {
  readonly events: AsyncIterable<ChatEvent>
  readonly encoder: StreamEncoder
  readonly framing: AnswerFraming
  /** Silence after which a keep-alive frame is sent, in milliseconds. */
  readonly keepAliveMs: number
  readonly after: After
  /** Aborts when the client has gone or the server stops; its reason becomes the in-band error. */
  readonly signal: AbortSignal
}

type Step = IteratorResult<ChatEvent> | 'silence'

/** One piece of text for each event that says something. Leaving it early cancels the events. */
export async function* streamBody(options: StreamBodyOptions): AsyncGenerator<string> {
  const { encoder } = options
  const writer = frameWriter(options.framing)
  const print = (frames: readonly Frame[]): string =>
    frames.map((frame) => writer.write(frame)).join('')
  const iterator = options.events[Symbol.asyncIterator]()
  let failure = ''
  try {
    let pending = iterator.next()
    for (;;) {
      const step = await nextStep(pending, options)
      if (step === 'silence') {
        const frame = encoder.keepAlive()
        if (frame !== undefined) yield print([frame])
        continue
      }
      if (step.done === true) break
      const text = print(encoder.write(step.value))
      if (text !== '') yield text
      pending = iterator.next()
    }
  } catch (thrown) {
    failure = print(encoder.write({ type: 'error', error: toGatewayError(thrown) }))
  } finally {
    // Not awaited: a provider that is still waiting for its upstream would hold the client up.
    iterator.return?.().catch(() => undefined)
  }
  const rest = failure + print(encoder.finish()) + writer.finish()
  if (rest !== '') yield rest
}

function nextStep(
  pending: Promise<IteratorResult<ChatEvent>>,
  options: StreamBodyOptions,
): Promise<Step> {
  const { signal, after, keepAliveMs } = options
  return new Promise<Step>((resolve, reject) => {
    const callOff = after(keepAliveMs, () => settle(() => resolve('silence')))
    const leave = (): void => settle(() => reject(toGatewayError(signal.reason)))
    const settle = (outcome: () => void): void => {
      callOff()
      signal.removeEventListener('abort', leave)
      outcome()
    }
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    pending.then(
      (result) => settle(() => resolve(result)),
      (error: unknown) => settle(() => reject(toGatewayError(error))),
    )
  })
}
