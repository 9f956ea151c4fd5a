// Patchbay's own keys: how they look, how they are made, and how a presented one is recognised.
import { createHash, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** The admin token governs the server; the client key lets its holder chat with every provider. */
export type TokenKind = 'admin' | 'client'

/** What is kept of a token: enough to recognise it, not enough to use it. */
export interface StoredToken {
  readonly kind: TokenKind
  /** The public part, for display. */
  readonly id: string
  /** SHA-256 of the whole token, in hex. Its secret has 256 random bits, so a slow hash would protect nothing. */
  readonly sha256: string
  readonly createdAt: string
}

export type RandomBytes = (size: number) => Uint8Array

const PREFIXES: Readonly<Record<TokenKind, string>> = { admin: 'pba', client: 'pb_live' }
const ID_LENGTH = 12
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6

/** `<prefix>_<id>_<secret>_<check>` in base 62: 256 random bits, and a CRC-32 that lets scanners and typos be told apart. */
export function mintToken(kind: TokenKind, random: RandomBytes): string {
  const id = base62(random(8), ID_LENGTH)
  const secret = base62(random(32), SECRET_LENGTH)
  return withCheck(`${PREFIXES[kind]}_${id}_${secret}`)
}

/** The stored form of a token. */
export function storedToken(kind: TokenKind, token: string, createdAt: string): StoredToken {
  const id = token.split('_').at(-3) ?? ''
  return { kind, id, sha256: digest(token).toString('hex'), createdAt }
}

/** Whether a key claims to be one of ours; the dummies that SDKs insist on do not. */
export function looksLikeToken(key: string): boolean {
  return /^pb[a-z]?_/.test(key)
}

/** Which token this is; undefined when it is none of the stored ones. Takes the same time for each. */
export function recogniseToken(
  key: string,
  stored: readonly StoredToken[],
): StoredToken | undefined {
  const presented = digest(key)
  let known: StoredToken | undefined
  for (const token of stored) {
    const expected = Buffer.from(token.sha256, 'hex')
    if (expected.length === presented.length && timingSafeEqual(expected, presented)) {
      known = token
    }
  }
  return known
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function withCheck(text: string): string {
  const check = new Uint8Array(4)
  new DataView(check.buffer).setUint32(0, crc32(text))
  return `${text}_${base62(check, CHECK_LENGTH)}`
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function base62(bytes: Uint8Array, length: number): string {
  let value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  let text = ''
  while (value > 0n) {
    text = (DIGITS[Number(value % 62n)] ?? '') + text
    value /= 62n
  }
  return text.padStart(length, '0')
}
