// Which keys may be changed in a client's own text.
import type { Frame } from '../wire/frame.ts'

/** A key of the request's body that may be changed in the client's own text when everything else of it can pass as it is. */
export interface Patchable {
  /** Keys from the body's root inwards: one or two. */
  readonly path: readonly string[]
  /** Frames of a stream that come only because this key was changed: a client that did not set it never sees them. */
  readonly unasked?: (frame: Frame) => boolean
}
