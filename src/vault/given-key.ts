// A key as somebody gives it to the vault: 32 bytes, a passphrase, or an age identity.
import type { Secret } from './secret.ts'
import type { SlotType } from './slot-type.ts'

export type GivenKey =
  | { readonly form: 'bytes'; readonly bytes: Buffer }
  | { readonly form: 'passphrase'; readonly passphrase: Secret }
  | { readonly form: 'age'; readonly identity: Buffer }

/** Which keys a slot can be opened with: those that are 32 bytes may be moved from one place to another. */
export function fits(type: SlotType, given: GivenKey): boolean {
  if (type === 'passphrase' || type === 'age') return type === given.form
  return given.form === 'bytes'
}
