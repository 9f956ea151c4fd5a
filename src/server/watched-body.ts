// The body of a streamed answer as it passes, with all of its text at its end.
import type { Outbound } from './message.ts'

export type Ending =
  | { readonly kind: 'whole'; readonly text: string }
  /** Left by its reader, broken, too long to be held, or no text. */
  | { readonly kind: 'none' }

export interface WatchedBodyOptions {
  /** Characters; nothing of a longer one is held. */
  readonly maxLength: number
  /** Called once, before the reader hears of the end. */
  readonly onEnd: (ending: Ending) => Promise<void>
}

export async function* watchedBody(
  body: Exclude<Outbound['body'], string>,
  { maxLength, onEnd }: WatchedBodyOptions,
): AsyncGenerator<string | Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let text: string | undefined = ''
  let isWhole = false
  try {
    for await (const piece of body) {
      const more =
        typeof piece === 'string' ? piece : textIn(() => decoder.decode(piece, { stream: true }))
      text = text === undefined || more === undefined ? undefined : text + more
      if (text !== undefined && text.length > maxLength) text = undefined
      yield piece
    }
    isWhole = true
  } finally {
    await onEnd(isWhole && text !== undefined ? { kind: 'whole', text } : { kind: 'none' })
  }
}

/** Undefined where it is no text. */
function textIn(decode: () => string): string | undefined {
  try {
    return decode()
  } catch {
    return undefined
  }
}
