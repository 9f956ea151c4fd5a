// A chat call in a protocol whose clients may come back to an answer: with what it stands on on the way in, kept on the way out.
import { type Note, formatNotes } from '../canonical/note.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Keeping, Recalled } from '../dialects/keeping.ts'
import type { WireRequest } from '../wire/message.ts'
import { ownerOf } from './auth.ts'
import { type Asked, type ChatDesk, type ChatFront, answerChat } from './chat.ts'
import type { Outbound } from './message.ts'
import type { Call } from './route.ts'
import { Shelf } from './shelf.ts'
import { Teller } from './teller.ts'
import { toldStream } from './told-stream.ts'

export interface KeepingFront {
  readonly front: ChatFront
  readonly dialect: Pick<Dialect, 'framing'>
  readonly keeping: Keeping
}

/** Nobody but Patchbay is asked to keep the answer: see decisions/007. */
export async function answerKept(
  desk: ChatDesk,
  { front, dialect, keeping }: KeepingFront,
  call: Call,
): Promise<Outbound> {
  const { body, caller, id: requestId, signal } = call
  const asked = keeping.recall(body)
  const shelf = new Shelf({ keeping, store: desk.answers, owner: ownerOf(caller) })
  const reader = new Reader({ front, keeping, recalled: await shelf.recalled(body, asked) })
  const decode = (wire: WireRequest): Asked => reader.decode(wire)
  const answered = await answerChat(desk, { ...front, decode }, call)
  const outbound = withNotes(answered, reader.notes)
  if (body === undefined || outbound.status !== 200) return outbound
  const recall = { ...asked, keep: asked.keep && shelf.isOpen }
  if (!recall.keep && recall.previous === undefined) {
    return asked.keep ? withNotes(outbound, [NOT_KEPT]) : outbound
  }
  const teller = new Teller({ keeping, shelf, recall, requestId, body, signal })
  if (typeof outbound.body !== 'string') {
    const { framing } = dialect
    return { ...outbound, body: toldStream(outbound.body, { keeping, framing, teller }) }
  }
  const { text, isKept } = await teller.ended(outbound.body)
  const told = { ...outbound, body: text }
  return asked.keep && !isKept ? withNotes(told, [NOT_KEPT]) : told
}

interface ReaderOptions {
  readonly front: ChatFront
  readonly keeping: Keeping
  readonly recalled: Recalled
}

/** Reads the request with what it stands on in it. */
class Reader {
  readonly #options: ReaderOptions
  /** What of that could not be said. */
  notes: readonly Note[] = []

  constructor(options: ReaderOptions) {
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

/** Said in the head of an answer that its client counts on. */
const NOT_KEPT: Note = {
  action: 'dropped',
  feature: 'store',
  path: 'store',
  weight: 1,
  reason: 'the answer cannot be kept',
}

function withNotes(outbound: Outbound, notes: readonly Note[]): Outbound {
  if (notes.length === 0) return outbound
  const told = [outbound.headers['x-patchbay-notes'], formatNotes(notes)]
  const line = told.filter((some) => some !== undefined).join(';')
  return { ...outbound, headers: { ...outbound.headers, 'x-patchbay-notes': line } }
}
