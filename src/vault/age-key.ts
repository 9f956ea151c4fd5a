// Keys of age (age-encryption.org): X25519 keys in Bech32, so that backups can be made for keys that people have already.
import { ROOT_BYTES } from './root-key.ts'

const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const CHECK_LETTERS = 6
// Source: BIP 173, "Checksum".
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const

/** Of `age1…`; undefined for anything else. */
export function ageRecipient(text: string): Buffer | undefined {
  return bech32(text, 'age')
}

/** Of `AGE-SECRET-KEY-1…`; undefined for anything else. */
export function ageIdentity(text: string): Buffer | undefined {
  return bech32(text, 'age-secret-key-')
}

function bech32(given: string, prefix: string): Buffer | undefined {
  const text = given.trim()
  const lower = text.toLowerCase()
  // Mixed case is an error by the specification.
  if (text !== lower && text !== text.toUpperCase()) return undefined
  if (!lower.startsWith(`${prefix}1`)) return undefined
  const values = Array.from(lower.slice(prefix.length + 1), (letter) => LETTERS.indexOf(letter))
  if (values.length <= CHECK_LETTERS || values.includes(-1)) return undefined
  if (checksum([...expanded(prefix), ...values]) !== 1) return undefined
  return bytesOf(values.slice(0, -CHECK_LETTERS))
}

function expanded(prefix: string): readonly number[] {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0))
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)]
}

function checksum(values: readonly number[]): number {
  let sum = 1
  for (const value of values) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [at, term] of GENERATOR.entries()) if (((top >>> at) & 1) === 1) sum ^= term
  }
  return sum
}

function bytesOf(values: readonly number[]): Buffer | undefined {
  const bits = values.map((value) => value.toString(2).padStart(5, '0')).join('')
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  const isPadded = /^0{0,4}$/.test(bits.slice(bytes.length * 8))
  return isPadded && bytes.length === ROOT_BYTES ? Buffer.from(bytes) : undefined
}
