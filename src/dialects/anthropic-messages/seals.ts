// Signatures of thinking: our own as they are, another provider's in an envelope that travels in the same slot.
import type { ReasoningPart, Sealed } from '../../canonical/part.ts'
import { unwrapSeal, wrapSeal } from '../lowering/seal.ts'
import { DIALECT } from './wire-types.ts'

export type SealFormat = 'anthropic.signature' | 'anthropic.redacted'

/** The seal in a signature slot; undefined where there is none, or one that was altered on its way. */
export function readSeal(text: string, format: SealFormat): Sealed | undefined {
  const inside = unwrapSeal(text)
  if (inside === 'foreign') return undefined
  return inside ?? { payload: text, format, origin: { dialect: DIALECT } }
}

/**
 * What an answer puts into the signature slot of `part`. Thinking of another provider that has no seal gets an empty
 * envelope, so that the next request shows whose it is. `maker` is the dialect that the answer came from.
 */
export function answerSeal(part: ReasoningPart, maker: string): string | undefined {
  const { seal } = part
  if (seal !== undefined) return isOwnSeal(seal) ? seal.payload : wrapSeal(seal)
  if (maker === DIALECT) return undefined
  return wrapSeal({ payload: '', format: 'none', origin: { dialect: maker } })
}

/** Whether this dialect's upstreams can verify it. */
export function isOwnSeal(seal: Sealed | undefined): seal is Sealed {
  return seal?.origin.dialect === DIALECT
}
