// The work of one vendor's tool as it travels through a client of another wire: shown in that wire's form, with the vendor's own pieces sealed beside it.
import type { Origin } from '../canonical/extensions.ts'
import type { HostedWork } from '../canonical/hosted-work.ts'
import type { OpaquePart, Sealed } from '../canonical/part.ts'
import { isArray, isObject, tryParseJson } from '../wire/json.ts'
import { hashText } from './lowering/hash.ts'

const FORMAT = 'hosted-work'

/** The vendor's own pieces, in their order. */
export function sealWork(parts: readonly OpaquePart[], origin: Origin): Sealed {
  const pieces = parts.map(({ what, native }) => ({ what, native }))
  return { payload: JSON.stringify(pieces), format: FORMAT, origin }
}

/** Who made work whose seal was lost: nobody gets it back. */
const NOBODY: Origin = { dialect: 'unknown' }

/** What a client gave back: the vendor's own pieces, the last with what the client's wire tells of the work; without a good seal, that alone. */
export function openWork(
  seal: Sealed | 'foreign' | undefined,
  shown: Pick<OpaquePart, 'what' | 'native'> & { readonly hosted: HostedWork },
): readonly OpaquePart[] {
  const pieces = seal === undefined || seal === 'foreign' ? undefined : piecesOf(seal)
  if (seal === undefined || seal === 'foreign' || pieces === undefined) {
    return [{ type: 'opaque', origin: NOBODY, ...shown }]
  }
  return pieces.map((piece, at): OpaquePart => {
    const part = { type: 'opaque', origin: seal.origin, ...piece } as const
    const tool = shown.hosted.tool
    const hosted: HostedWork = at === pieces.length - 1 ? shown.hosted : { tool, phase: 'call' }
    return { ...part, hosted }
  })
}

function piecesOf({
  payload,
  format,
}: Sealed): readonly Pick<OpaquePart, 'what' | 'native'>[] | undefined {
  const list = format === FORMAT ? tryParseJson(payload) : undefined
  if (!isArray(list) || list.length === 0) return undefined
  const pieces = list.flatMap((piece) => {
    if (!isObject(piece) || typeof piece['what'] !== 'string') return []
    return [{ what: piece['what'], native: piece['native'] ?? null }]
  })
  return pieces.length === list.length ? pieces : undefined
}

const MARK = 'pb_'
const LENGTH = 16
const MARKED = new RegExp(`(?:^|_)${MARK}[0-9A-Za-z]{${LENGTH}}$`)

/** The id of shown work, by which it is known again even where its seal is lost. */
export function mintWorkId(seed: string): string {
  return `${MARK}${hashText(seed, LENGTH)}`
}

export function isWorkId(id: unknown): id is string {
  return typeof id === 'string' && MARKED.test(id)
}
