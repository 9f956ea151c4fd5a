// The root keys of a vault, by generation, and what is derived from them. They live outside of the JavaScript heap.
import { type KeyObject, createHash, createSecretKey, hkdfSync } from 'node:crypto'
import { type Word, measured } from './measured.ts'

export const ROOT_BYTES = 32

export interface RootKey {
  readonly generation: number
  readonly secret: KeyObject
}

/** Takes the bytes over: they are overwritten here. */
export function rootKey(generation: number, bytes: Buffer): RootKey {
  return { generation, secret: secretKey(bytes) }
}

/** Copies the bytes to where no heap snapshot looks, and overwrites them here. */
export function secretKey(bytes: Buffer): KeyObject {
  const secret = createSecretKey(bytes)
  bytes.fill(0)
  return secret
}

export interface Derivation {
  /** What the key is for; two purposes never share a key. */
  readonly purpose: readonly Word[]
  readonly salt?: Uint8Array
}

/** HKDF-SHA256. */
export function derive(secret: KeyObject, { purpose, salt }: Derivation): KeyObject {
  const info = measured(purpose)
  return secretKey(
    Buffer.from(hkdfSync('sha256', secret, salt ?? Buffer.alloc(0), info, ROOT_BYTES)),
  )
}

/** Tells a key from others without telling what it is. */
export function commitment(secret: KeyObject): Buffer {
  const bytes = secret.export()
  const digest = createHash('sha256')
    .update(measured(['patchbay/v1/commitment', bytes]))
    .digest()
  bytes.fill(0)
  return digest
}
