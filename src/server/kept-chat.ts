// A chat call in a protocol whose clients may come back to an answer: with what it stands on on the way in, kept on the way out.
import { formatNotes } from '../canonical/note.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Keeping, Recall } from '../dialects/keeping.ts'
import type { WireRequest } from '../wire/message.ts'
import { ownerOf } from './auth.ts'
import { type ChatDesk, answerChat } from './chat.ts'
import type { Asked, ChatFront } from './chat-front.ts'
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
  const decode = await decoder({ front, keeping, shelf }, call, asked)
  const outbound = await answerChat(desk, { ...front, decode }, call)
  if (body === undefined || outbound.status !== 200) return outbound
  const recall = { ...asked, keep: asked.keep && shelf.isOpen }
  const isRefused = asked.keep && !shelf.isOpen
  if (!recall.keep && recall.previous === undefined) {
    return isRefused ? withNote(outbound) : outbound
  }
  const teller = new Teller({ keeping, shelf, recall, requestId, body, signal })
  if (typeof outbound.body !== 'string') {
    const { framing } = dialect
    return { ...outbound, body: toldStream(outbound.body, { keeping, framing, teller }) }
  }
  const { text, isKept } = await teller.ended(outbound.body)
  const told = { ...outbound, body: text }
  return asked.keep && !isKept ? withNote(told) : told
}

/** The front that `answerKept` reads a call with: what the call stands on is in the request. */
export async function keptFront(
  desk: ChatDesk,
  { front, keeping }: Pick<KeepingFront, 'front' | 'keeping'>,
  call: Call,
): Promise<ChatFront> {
  const shelf = shelfOf(desk, keeping, call)
  const decode = await decoder({ front, keeping, shelf }, call, keeping.recall(call.body))
  return { ...front, decode }
}

function shelfOf({ answers }: ChatDesk, keeping: Keeping, { caller }: Call): Shelf {
  return new Shelf({ keeping, store: answers, owner: ownerOf(caller) })
}

interface Decoding {
  readonly front: ChatFront
  readonly keeping: Keeping
  readonly shelf: Shelf
}

/** Reads the request with what it stands on in it. */
async function decoder(
  { front, keeping, shelf }: Decoding,
  { body }: Call,
  recall: Recall,
): Promise<(wire: WireRequest) => Asked> {
  const recalled = await shelf.recalled(body, recall)
  return (wire) => {
    if (body === undefined) return front.decode(wire)
    // Read as it came first: what is wrong with it is then said of the client's own places.
    if (recall.previous !== undefined || recalled.holders.size > 0) front.decode(wire)
    const asked = front.decode({ ...wire, body: keeping.whole(body, recalled) })
    return { ...asked, request: keeping.unkept(asked.request) }
  }
}

/** Says in the head of the answer that it is not kept, although the client may count on it. */
function withNote(outbound: Outbound): Outbound {
  const note = formatNotes([
    {
      action: 'dropped',
      feature: 'store',
      path: 'store',
      weight: 1,
      reason: 'the answer cannot be kept',
    },
  ])
  const notes = [outbound.headers['x-patchbay-notes'], note].filter((some) => some !== undefined)
  return { ...outbound, headers: { ...outbound.headers, 'x-patchbay-notes': notes.join(';') } }
}
