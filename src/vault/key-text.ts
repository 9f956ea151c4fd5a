// A key of 32 bytes as text, in files and variables, and the recovery code that a person types.
import { timingSafeEqual } from 'node:crypto'
import type { RandomBytes } from './record-cipher.ts'
import { ROOT_BYTES } from './root-key.ts'

export function keyText(key: Buffer): string {
  return key.toString('base64url')
}

/** Of 43 characters of base64url or 64 of hex; undefined for anything else. */
export function keyFromText(text: string): Buffer | undefined {
  const trimmed = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (!/^[\w-]{43}$/.test(trimmed)) return undefined
  const key = Buffer.from(trimmed, 'base64url')
  return key.toString('base64url') === trimmed ? key : undefined
}

/** As a file has it: 32 bytes as they are, or as text. */
export function keyFromBytes(content: Buffer): Buffer | undefined {
  if (content.length === ROOT_BYTES) return Buffer.from(content)
  return content.length > 100 ? undefined : keyFromText(content.toString('latin1'))
}

const PREFIX = 'PBR'
// Crockford's base 32: no letters that look like digits.
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUP = 5
const CHECK_BYTES = 2

/** 34 bytes in 55 letters: the key, and a check against mistakes in typing. */
export function recoveryCode(key: Buffer): string {
  const bits = Array.from(Buffer.concat([key, checkOf(key)]), (byte) =>
    byte.toString(2).padStart(8, '0'),
  )
  const groups = bits.join('').match(/.{1,5}/g) ?? []
  const letters = groups.map((group) => LETTERS[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
  return [PREFIX, ...(letters.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? [])].join('-')
}

/** Undefined where something was mistyped. */
export function keyFromRecoveryCode(code: string): Buffer | undefined {
  const [prefix, ...groups] = code.trim().toUpperCase().split('-')
  const letters = groups.join('').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  if (prefix !== PREFIX || !/^[0-9A-HJKMNP-TV-Z]{55}$/.test(letters)) return undefined
  const bits = Array.from(letters, (letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0'))
  const bytes = (bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  const all = Buffer.from(bytes)
  const key = all.subarray(0, ROOT_BYTES)
  const check = all.subarray(ROOT_BYTES, ROOT_BYTES + CHECK_BYTES)
  return timingSafeEqual(check, checkOf(key)) ? key : undefined
}

export function newKey(random: RandomBytes): Buffer {
  return random(ROOT_BYTES)
}

/** Fletcher's sum: it finds mistakes, it guards nothing. */
function checkOf(key: Buffer): Buffer {
  let low = 0
  let high = 0
  for (const byte of key) {
    low = (low + byte) % 255
    high = (high + low) % 255
  }
  return Buffer.from([low, high])
}
