// Reads a request with what it stands on in it.
import type { Note } from '../canonical/note.ts'
import type { Keeping, Recalled } from '../dialects/keeping.ts'
import type { WireRequest } from '../wire/message.ts'
import type { Asked, ChatFront } from './chat-front.ts'

export interface KeptReaderOptions {
  readonly front: Pick<ChatFront, 'decode'>
  readonly keeping: Keeping
  readonly recalled: Recalled
}

export class KeptReader {
  readonly #options: KeptReaderOptions
  /** What of that could not be said. */
  notes: readonly Note[] = []

  constructor(options: KeptReaderOptions) {
    this.#options = options
  }

  decode(wire: WireRequest): Asked {
    const { front, keeping, recalled } = this.#options
    if (wire.body === undefined) return front.decode(wire)
    const stands = recalled.conversation.length > 0 || recalled.holders.size > 0
    // Read as it came first: what is wrong with it is then said of the client's own places.
    if (stands) front.decode(wire)
    const { value: body, notes } = keeping.whole(wire.body, recalled)
    this.notes = notes
    const asked = front.decode({ ...wire, body })
    return { ...asked, request: keeping.unkept(asked.request) }
  }
}
