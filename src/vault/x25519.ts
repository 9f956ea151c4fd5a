// X25519 on raw keys: whoever knows a slot's public key can wrap for it, and only its key opens.
import { type KeyObject, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'

export const X25519_BYTES = 32

// What stands before the 32 bytes in DER. Source: RFC 8410, section 7 and 4.
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')

export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: Buffer
}

/** Overwrites the bytes. */
export function keyPairOf(seed: Buffer): KeyPair {
  const der = Buffer.concat([PRIVATE_PREFIX, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  seed.fill(0)
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, publicKey: spki.subarray(PUBLIC_PREFIX.length) }
}

/** Undefined where the public key is one that leaves nothing secret. */
export function agreed(privateKey: KeyObject, publicKey: Buffer): Buffer | undefined {
  const key = Buffer.concat([PUBLIC_PREFIX, publicKey])
  try {
    return diffieHellman({
      privateKey,
      publicKey: createPublicKey({ key, format: 'der', type: 'spki' }),
    })
  } catch {
    return undefined
  }
}
