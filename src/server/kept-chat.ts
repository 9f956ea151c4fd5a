// A chat call in a protocol whose clients may come back to an answer: with what it stands on on the way in, kept on the way out.
import { type Note, formatNotes } from '../canonical/note.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Keeping } from '../dialects/keeping.ts'
import type { WireRequest } from '../wire/message.ts'
import { ownerOf } from './auth.ts'
import { type ChatDesk, answerChat } from './chat.ts'
import type { Asked, ChatFront } from './chat-front.ts'
import { KeptReader } from './kept-reader.ts'
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
  const { body, id: requestId, signal } = call
  const asked = keeping.recall(body)
  const shelf = shelfOf(desk, keeping, call)
  const reader = new KeptReader({ front, keeping, recalled: await shelf.recalled(body, asked) })
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

/** The front that `answerKept` reads a call with: what the call stands on is in the request. */
export async function keptFront(
  desk: ChatDesk,
  { front, keeping }: Pick<KeepingFront, 'front' | 'keeping'>,
  call: Call,
): Promise<ChatFront> {
  const shelf = shelfOf(desk, keeping, call)
  const recalled = await shelf.recalled(call.body, keeping.recall(call.body))
  const reader = new KeptReader({ front, keeping, recalled })
  return { ...front, decode: (wire) => reader.decode(wire) }
}

function shelfOf({ answers }: ChatDesk, keeping: Keeping, { caller }: Call): Shelf {
  return new Shelf({ keeping, store: answers, owner: ownerOf(caller) })
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
