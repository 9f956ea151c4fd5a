// How Patchbay's own keys look, and how they are made: `<prefix>_<id>_<secret>_<check>` in base 62.
import { crc32 } from 'node:zlib'

/** `admin` governs the server, `client` asks models, `run` is a client for the length of one run. */
export const KEY_KINDS = ['admin', 'client', 'run'] as const
export type KeyKind = (typeof KEY_KINDS)[number]

export type RandomBytes = (size: number) => Uint8Array

/** What a key says of itself; whether it is one is for the store to say. */
export interface ClaimedKey {
  readonly kind: KeyKind
  /** The public part: for display, and to look it up. */
  readonly id: string
}

const PREFIXES: Readonly<Record<KeyKind, string>> = { admin: 'pba', client: 'pb_live', run: 'pbs' }
const ID_LENGTH = 12
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6
const FORM = /^(pba|pb_live|pbs)_([0-9A-Za-z]{12})_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/

export function mintId(random: RandomBytes): string {
  return base62(random(8), ID_LENGTH)
}

/** 256 random bits behind the id, and a CRC-32 by which scanners and people tell a key from a typo. */
export function mintKey({ kind, id }: ClaimedKey, random: RandomBytes): string {
  return withCheck(`${PREFIXES[kind]}_${id}_${base62(random(32), SECRET_LENGTH)}`)
}

/** Whether a key claims to be one of ours; the dummies that SDKs insist on do not. */
export function looksLikeKey(key: string): boolean {
  return /^pb[a-z]?_/.test(key)
}

/** Undefined for what is no key of ours, or one with a typo in it. Nothing else is ever looked up. */
export function claimedKey(key: string): ClaimedKey | undefined {
  const [, prefix, id] = FORM.exec(key) ?? []
  const kind = KEY_KINDS.find((known) => PREFIXES[known] === prefix)
  if (kind === undefined || id === undefined) return undefined
  return withCheck(key.slice(0, -CHECK_LENGTH - 1)) === key ? { kind, id } : undefined
}

/** `pb_live_<id>_…`: how a key is shown. */
export function shownKey({ kind, id }: ClaimedKey): string {
  return `${PREFIXES[kind]}_${id}_…`
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
