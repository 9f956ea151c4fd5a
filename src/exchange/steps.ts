// A stream in steps, each of them all that came at once, and who may watch them.
import type { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Hearing } from './hearing.ts'

/** What happens to the steps tells those who came to watch before first. */
export interface Watcher {
  /** Sees what came at once; nothing is the end. What it gives is waited for; what it throws ends the steps, and what makes them. */
  see(events: readonly ChatEvent[] | undefined, hearing: Hearing): Promise<unknown> | undefined
  /** The steps broke, or somebody who sees them before has ended them. */
  failed?(error: GatewayError, hearing: Hearing): void
  /** The reader has left, be it before the first step. */
  left?(hearing: Hearing): void
}

export interface Steps<T> extends AsyncIterable<T> {
  /** Takes one more who watches; false once the steps have begun. Absent: these steps take nobody. */
  readonly admit?: (watcher: Watcher) => boolean
}
