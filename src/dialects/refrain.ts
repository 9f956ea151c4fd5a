// Most pieces of a long answer differ in one text only. What stands around it is found once: the pieces that follow are read and written around it.
import type { ChatEvent } from '../canonical/event.ts'
import type { Frame } from '../wire/frame.ts'

export interface TextDelta {
  readonly index: number
  readonly text: string
}

/** A frame that says one text and nothing beside. */
export interface Saying extends TextDelta {
  readonly frame: Frame
}

/** What the frames of a refrain have around their texts; all texts go to one part. */
export interface Refrain {
  readonly index: number
  readonly event: string | undefined
  readonly before: string
  readonly after: string
}

/** Longer frames have more text than anything around it. */
const LONGEST = 4096

/** So many frames without a refrain, one after the other, and none is looked for any more: something else in them changes as well. */
const PATIENCE = 12

/** The text that an event adds to its part, where it does nothing else. */
export function textDelta(event: ChatEvent | undefined): TextDelta | undefined {
  if (event?.type !== 'part-delta' || event.delta.kind !== 'text') return undefined
  if (event.extensions !== undefined || event.delta.text === '') return undefined
  return { index: event.index, text: event.delta.text }
}

/** Finds the refrain of a stream from what its frames say, one after the other. */
export class RefrainFinder {
  #earlier: Saying | undefined
  #patience = PATIENCE

  /** Told every frame that is read or written in full; `said` is absent where it says more or less than one text. */
  found(frame: Frame | undefined, said: TextDelta | undefined): Refrain | undefined {
    const earlier = this.#earlier
    this.#earlier = undefined
    if (frame === undefined || said === undefined || this.#patience === 0) return undefined
    if (frame.comment !== undefined || frame.data.length > LONGEST) return undefined
    const saying = { frame, ...said }
    const refrain = earlier === undefined ? undefined : commonRefrain(saying, earlier)
    // A frame may hold the memory of all that came with it.
    if (refrain === undefined) this.#earlier = saying
    if (earlier !== undefined)
      this.#patience = refrain === undefined ? this.#patience - 1 : PATIENCE
    return refrain
  }
}

/**
 * What two frames share around their texts, where they differ in nothing else: then the text is what makes the difference.
 * One place where the text happens to stand is not enough.
 */
export function commonRefrain(saying: Saying, earlier: Saying): Refrain | undefined {
  const { index, text, frame } = saying
  const { data, event } = frame
  const was = earlier.frame.data
  if (index !== earlier.index || event !== earlier.frame.event) return undefined
  const quoted = JSON.stringify(text)
  const quotedEarlier = JSON.stringify(earlier.text)
  if (text === earlier.text || data.length - quoted.length !== was.length - quotedEarlier.length) {
    return undefined
  }
  for (let at = data.indexOf(quoted); at !== -1; at = data.indexOf(quoted, at + 1)) {
    if (!was.startsWith(quotedEarlier, at)) continue
    const before = data.slice(0, at)
    const after = data.slice(at + quoted.length)
    if (was.startsWith(before) && was.endsWith(after)) {
      return { index, event, before: detached(before), after: detached(after) }
    }
  }
  return undefined
}

/** In memory of its own: a piece of a text keeps all of it. */
function detached(text: string): string {
  return `${text} `.slice(0, -1)
}

/** The text of a frame of the refrain; undefined for any other frame, and for no text. */
export function textWithin(frame: Frame, { event, before, after }: Refrain): string | undefined {
  const { data } = frame
  if (frame.event !== event || !data.startsWith(before) || !data.endsWith(after)) return undefined
  const quoted = data.slice(before.length, data.length - after.length)
  if (!quoted.startsWith('"')) return undefined
  try {
    const text: unknown = JSON.parse(quoted)
    return typeof text === 'string' && text !== '' ? text : undefined
  } catch {
    // More than one string: a frame like others.
    return undefined
  }
}

/** The frame as it would be without that key, where it is the last one and holds a plain word. */
export function withoutPadding(frame: Frame, key: string): Frame {
  const { data, event } = frame
  const start = `,"${key}":"`
  const at = data.lastIndexOf(start)
  // Nothing but the word's own end and that of the whole may follow.
  if (at === -1 || data.indexOf('"', at + start.length) !== data.length - 2) return frame
  if (!data.endsWith('}') || data.includes('\\', at)) return frame
  const bare = `${data.slice(0, at)}}`
  return event === undefined ? { data: bare } : { event, data: bare }
}

/** The frame of the refrain with that text. */
export function frameAround(text: string, { event, before, after }: Refrain): Frame {
  const data = before + JSON.stringify(text) + after
  return event === undefined ? { data } : { event, data }
}
