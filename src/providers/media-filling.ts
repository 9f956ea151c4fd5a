// Addresses that a target takes none of: their bytes in their place where the operator allows it, else a word on how to allow it.
import type { Note } from '../canonical/note.ts'
import type { MediaSource } from '../canonical/part.ts'
import { omit } from '../dialects/lowering/rewrite.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import {
  type MediaAddress,
  dataIn,
  losesMedia,
  lostAddresses,
  sample,
  withMedia,
} from './media-addresses.ts'
import type { ProtocolChoice } from './protocol-choice.ts'

export interface MediaFilling {
  readonly choose: (exchange: ChatExchange) => ProtocolChoice
  /** Undefined where the operator has not allowed it. */
  readonly obtain:
    | ((addresses: readonly MediaAddress[]) => Promise<ReadonlyMap<string, MediaSource>>)
    | undefined
  /** The provider's name. */
  readonly name: string
}

export interface FilledChoice {
  readonly choice: ProtocolChoice
  /** All there is to say, the choice's own included. */
  readonly notes: readonly Note[]
}

/** Fetches nothing, and so gives the choice at once, unless an address would be lost and its bytes would not be. */
export function filledChoice(
  exchange: ChatExchange,
  { choose, obtain, name }: MediaFilling,
): FilledChoice | Promise<FilledChoice> {
  const choice = choose(exchange)
  const { notes, request } = choice.chosen
  if (!losesMedia(notes)) return { choice, notes }
  const wanted = takenAsData(exchange, lostAddresses(exchange.request, request), choose)
  if (wanted.length === 0) return { choice, notes }
  if (obtain === undefined) return { choice, notes: hinted(notes, wanted, name) }
  return obtain(wanted).then((found) => {
    const filled = choose(filledExchange(exchange, found))
    return {
      choice: filled,
      notes: [...wanted.map((one) => fetchedNote(one)), ...filled.chosen.notes],
    }
  })
}

/** Those that the target would keep if they came as data. */
function takenAsData(
  exchange: ChatExchange,
  lost: readonly MediaAddress[],
  choose: MediaFilling['choose'],
): readonly MediaAddress[] {
  if (lost.length === 0) return []
  const samples = new Map(lost.map((address, at) => [address.url, sample(address, at)]))
  const kept = dataIn(choose(filledExchange(exchange, samples)).chosen.request)
  return lost.filter(({ url }) => kept.has(samples.get(url)?.data ?? ''))
}

/** The client's own text says the address still: it cannot pass. */
function filledExchange(
  exchange: ChatExchange,
  found: ReadonlyMap<string, MediaSource>,
): ChatExchange {
  return { ...omit(exchange, ['source']), request: withMedia(exchange.request, found) }
}

function fetchedNote({ type, path }: MediaAddress): Note {
  return {
    action: 'approximated',
    feature: type,
    path,
    weight: 1,
    reason: 'the target takes no addresses: Patchbay fetched what is there',
  }
}

function hinted(
  notes: readonly Note[],
  wanted: readonly MediaAddress[],
  name: string,
): readonly Note[] {
  const types = new Set<string>(wanted.map(({ type }) => type))
  const hint = `send it as base64 data, or set "fetch_media: true" in the settings of provider "${name}" to have Patchbay fetch it`
  return notes.map((note) =>
    note.action === 'dropped' && types.has(note.feature)
      ? { ...note, reason: `${note.reason}; ${hint}` }
      : note,
  )
}
