// The chain of the audit log: each entry's hash covers all that it says and the hash before it.
import { type KeyObject, createHash, createHmac } from 'node:crypto'
import { compact } from '../../canonical/compact.ts'
import { isSame } from '../../vault/same.ts'
import type { AuditDeed, AuditEntry, AuditHead } from './entry.ts'

/** What makes hashes that nobody without the key can make. */
export interface ChainKey {
  /** Counted from 1. */
  readonly generation: number
  readonly secret: KeyObject
}

/** The keys there are. A log without any is chained all the same, but whoever can write it can chain it anew. */
export interface ChainKeys {
  /** The newest; undefined where there is none, or none at hand now. */
  current(): ChainKey | undefined
  /** Of a generation; undefined where it is not at hand. */
  of(generation: number): ChainKey | undefined
}

export const NO_KEYS: ChainKeys = { current: () => undefined, of: () => undefined }

/** What comes before the first entry. */
export const BEGINNING: AuditHead = { seq: 0, hash: '', generation: 0, signature: '' }

export interface Linking {
  readonly before: Pick<AuditHead, 'seq' | 'hash'>
  readonly at: number
  readonly key: ChainKey | undefined
}

/** The entry that follows. */
export function linked(deed: AuditDeed, { before, at, key }: Linking): AuditEntry {
  const { generation = 0 } = key ?? {}
  const entry = { ...storable(deed), seq: before.seq + 1, at, generation, previous: before.hash }
  return { ...entry, hash: digest(textOf(entry), key) }
}

export function signed(
  { seq, hash }: Pick<AuditEntry, 'seq' | 'hash'>,
  key: ChainKey | undefined,
): AuditHead {
  const { generation = 0 } = key ?? {}
  return { seq, hash, generation, signature: digest(headText({ seq, hash, generation }), key) }
}

/** `unknown`: the key of its generation is not at hand. */
export type Check = 'good' | 'bad' | 'unknown'

export function checkEntry({ hash, ...entry }: AuditEntry, keys: ChainKeys): Check {
  return checked({ text: textOf(entry), generation: entry.generation, mac: hash }, keys)
}

export function checkHead({ signature, ...head }: AuditHead, keys: ChainKeys): Check {
  return checked({ text: headText(head), generation: head.generation, mac: signature }, keys)
}

interface Signed {
  readonly text: string
  readonly generation: number
  readonly mac: string
}

function checked({ text, generation, mac }: Signed, keys: ChainKeys): Check {
  const key = generation === 0 ? undefined : keys.of(generation)
  if (generation !== 0 && key === undefined) return 'unknown'
  return isSame(digest(text, key), mac) ? 'good' : 'bad'
}

function digest(text: string, key: ChainKey | undefined): string {
  const hash = key === undefined ? createHash('sha256') : createHmac('sha256', key.secret)
  return hash.update(text).digest('hex')
}

/** As every database gives it back: half characters, and control characters that PostgreSQL takes none of, are replaced. */
function storable(deed: AuditDeed): AuditDeed {
  const { actorId, role, subject, requestId } = deed
  return compact({
    ...deed,
    action: plain(deed.action),
    actorId: actorId === undefined ? undefined : plain(actorId),
    role: role === undefined ? undefined : plain(role),
    subject: subject === undefined ? undefined : plain(subject),
    requestId: requestId === undefined ? undefined : plain(requestId),
  })
}

function plain(text: string): string {
  return text.toWellFormed().replaceAll(/\p{Cc}/gu, '\ufffd')
}

/** One text for one entry: the order is fixed, and what is not there is null. */
function textOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, at, generation, previous, actor, actorId, role } = entry
  const { action, subject, outcome, status, requestId, details } = entry
  const what = [action, subject, outcome, status, requestId].map((word) => word ?? null)
  const who = [actor, actorId, role].map((word) => word ?? null)
  const told = details === undefined ? null : JSON.stringify(details)
  return JSON.stringify(['patchbay-audit', 1, seq, at, generation, previous, who, what, told])
}

function headText({ seq, hash, generation }: Omit<AuditHead, 'signature'>): string {
  return JSON.stringify(['patchbay-audit-head', 1, seq, hash, generation])
}
