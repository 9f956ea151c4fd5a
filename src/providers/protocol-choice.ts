// Which of several protocols a request goes out in: the one that loses least. Pure, and lazy: what cannot win is not prepared.
import type { Note } from '../canonical/note.ts'
import type { ProtocolReason } from '../exchange/exchange.ts'
import type { ModelFamily, Protocol } from './catalog-row.ts'
import type { PreparedCall } from './prepared-call.ts'

export interface ProtocolChoice {
  readonly chosen: PreparedCall
  readonly reason: ProtocolReason
  /** What was prepared to find out, the chosen one included, in the order in which it was tried. */
  readonly considered: readonly PreparedCall[]
}

/** What is asked, as far as the order of trying goes. */
export interface Asking {
  readonly model: string
  /** The protocol that the client speaks. */
  readonly dialect: string | undefined
}

/**
 * The protocols that serve the model: first the client's own, then those that the model is better asked in, then as declared.
 * A model that none of them is known to serve is asked for in all.
 */
export function orderedProtocols(
  protocols: readonly Protocol[],
  { model, dialect }: Asking,
): readonly Protocol[] {
  if (protocols.length === 1) return protocols
  const serving = protocols.filter((protocol) => !hasFamily(protocol, model, isAbsent))
  const rank = (protocol: Protocol): number => {
    if (protocol.dialect.id === dialect) return 0
    return hasFamily(protocol, model, isPreferred) ? 1 : 2
  }
  return (serving.length === 0 ? protocols : serving).toSorted((a, b) => rank(a) - rank(b))
}

const isAbsent = ({ served }: ModelFamily): boolean => served === false
const isPreferred = ({ preferred }: ModelFamily): boolean => preferred === true

function hasFamily(
  { families = [] }: Protocol,
  model: string,
  wanted: (family: ModelFamily) => boolean,
): boolean {
  return families.some((family) => wanted(family) && family.pattern.test(model))
}

/** Takes the first through which the client's own text passes, else the one with the least loss; of equals, the first. */
export function chooseProtocol(
  protocols: readonly Protocol[],
  prepare: (protocol: Protocol) => PreparedCall,
): ProtocolChoice {
  const considered: PreparedCall[] = []
  let best: PreparedCall | undefined
  for (const protocol of protocols) {
    const call = prepare(protocol)
    considered.push(call)
    if (best === undefined || compareLoss(call.notes, best.notes) < 0) best = call
    if (call.passage !== undefined || isLossless(call.notes)) break
  }
  if (best === undefined) throw new Error('a provider speaks no protocol')
  return { chosen: best, reason: reasonFor(best, considered, protocols.length), considered }
}

/** As chooseProtocol, but with every protocol prepared, for those who ask why. */
export function compareProtocols(
  protocols: readonly Protocol[],
  prepare: (protocol: Protocol) => PreparedCall,
): ProtocolChoice {
  const all = protocols.map((protocol) => prepare(protocol))
  const choice = chooseProtocol(protocols, (protocol) => {
    return all.find((call) => call.protocol === protocol) ?? prepare(protocol)
  })
  return { ...choice, considered: all }
}

function reasonFor(
  chosen: PreparedCall,
  considered: readonly PreparedCall[],
  count: number,
): ProtocolReason {
  if (count === 1) return 'only'
  if (chosen.passage !== undefined) return 'untouched'
  const others = considered.filter((call) => call !== chosen)
  const beats = (call: PreparedCall): boolean => compareLoss(chosen.notes, call.notes) < 0
  return others.some((call) => beats(call)) ? 'least-loss' : 'preferred'
}

const WEIGHTS = [4, 3, 2, 1] as const

/** Negative where the first loses less: the heaviest losses count first, so that no number of small ones outweighs a great one. */
function compareLoss(left: readonly Note[], right: readonly Note[]): number {
  for (const weight of WEIGHTS) {
    const difference = countOf(left, weight) - countOf(right, weight)
    if (difference !== 0) return difference
  }
  return 0
}

function isLossless(notes: readonly Note[]): boolean {
  return WEIGHTS.every((weight) => countOf(notes, weight) === 0)
}

/** A synthesized value loses nothing. */
function countOf(notes: readonly Note[], weight: number): number {
  return notes.filter((note) => note.weight === weight && note.action !== 'synthesized').length
}
