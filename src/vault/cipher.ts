// AES-256-GCM with whole nonces and whole tags; nothing else is read or written.
import { type KeyObject, createCipheriv, createDecipheriv } from 'node:crypto'

export const CIPHER = 'aes-256-gcm'
export const NONCE_BYTES = 12
const TAG_BYTES = 16

export interface Sealed {
  readonly nonce: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

export interface ToSeal {
  readonly plaintext: Uint8Array
  /** What must be the same when it is opened. */
  readonly bound: Uint8Array
  readonly nonce: Buffer
}

export function seal(key: KeyObject, { plaintext, bound, nonce }: ToSeal): Sealed {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(bound)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return { nonce, ciphertext, tag: cipher.getAuthTag() }
}

/** Undefined where the key or what it is bound to is another, or a bit was changed. */
export function unseal(
  key: KeyObject,
  { nonce, ciphertext, tag }: Sealed,
  bound: Uint8Array,
): Buffer | undefined {
  // OpenSSL would take shorter tags, which are easier to guess.
  if (nonce.length !== NONCE_BYTES || tag.length !== TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(bound)
  decipher.setAuthTag(tag)
  const opened = decipher.update(ciphertext)
  try {
    decipher.final()
    return opened
  } catch {
    opened.fill(0)
    return undefined
  }
}
