// `thoughtSignature`: our own as it is, another provider's in an envelope; the slot takes base64 only.
import type { Part, Sealed } from '../../canonical/part.ts'
import type { Json } from '../../wire/json.ts'
import { unwrapSeal, wrapSeal } from '../lowering/seal.ts'
import { GEMINI } from './wire-types.ts'

const FORMAT = 'google.thought_signature'

/** What the vendor's validator takes for "this call was made elsewhere" (documented for histories of other models). */
const SKIP_VALIDATION = 'skip_thought_signature_validator'

/** Base64 of an envelope's first bytes. */
const ENVELOPE = 'cGIxL'

/** The seal in a signature slot; undefined where there is none, or one that was altered on its way. */
export function readSeal(text: string | undefined): Sealed | undefined {
  if (text === undefined || text === '') return undefined
  if (!text.startsWith(ENVELOPE)) return ownSeal(text)
  const inside = unwrapSeal(fromBase64(text) ?? '')
  if (inside === 'foreign') return undefined
  return inside ?? ownSeal(text)
}

/** An empty signature, and the word that stands for one: they stay leftovers. */
export function isNoSeal(value: Json | undefined): boolean {
  return value === '' || value === SKIP_VALIDATION
}

/** What goes into the signature slot. */
export function printSeal(seal: Sealed | undefined): string | undefined {
  if (seal === undefined) return undefined
  return isOwnSeal(seal) ? seal.payload : toBase64(wrapSeal(seal))
}

/** Whether this dialect's upstreams can verify it. */
export function isOwnSeal(seal: Sealed): boolean {
  return seal.origin.dialect === GEMINI
}

/** Stands for a signature that never was. */
export const SENTINEL: Sealed = ownSeal(SKIP_VALIDATION)

/** A call that another provider has made, as the vendor takes it back from a client: with the sentinel, where it has no state. */
export function signedElsewhere<P extends Part>(call: P): P {
  return call.seal === undefined ? { ...call, seal: SENTINEL } : call
}

function ownSeal(payload: string): Sealed {
  return { payload, format: FORMAT, origin: { dialect: GEMINI } }
}

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

/** Clients may have changed one base64 alphabet into the other. Undefined where it is none. */
function fromBase64(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0)))
  } catch {
    return undefined
  }
}
