// Where a vault lies: its rows, the file beside them, and a witness elsewhere that remembers how far it had come.
import { isDeepStrictEqual } from 'node:util'
import type { GatewayError } from '../canonical/errors.ts'
import { type SignedHeader, isKnown } from './header.ts'
import { vaultProblem } from './problem.ts'
import { type SecretRecord, recordKey } from './record.ts'
import { HEADER_KEY, type RowWrite, type SecretRecords } from './secret-records.ts'
import { type VaultContent, parseVault, printVault } from './vault-file.ts'
import { recordJson, signedJson } from './vault-json.ts'
import { readHeader, readRecord } from './vault-reader.ts'

/** One file that is replaced as a whole. */
export interface TextFile {
  read(): Promise<string | undefined>
  write(text: string): Promise<void>
}

/** The highest epoch seen of each vault, kept apart from the data. */
export interface EpochWitness {
  epochOf(vaultId: string): Promise<number>
  saw(vaultId: string, epoch: number): Promise<void>
}

export interface Shelf {
  readonly records: SecretRecords
  readonly file: TextFile
  readonly witness: EpochWitness
}

/** What lies there, not yet believed. */
export interface Found {
  readonly header: SignedHeader
  readonly records: ReadonlyMap<string, SecretRecord>
  /** Rows that cannot even be read. */
  readonly unreadable: readonly string[]
  /** Of the header's row; 0 where there is none, and the file is all there is. */
  readonly revision: number
  /** The highest epoch that anything here knows of. */
  readonly highest: number
  /** Why it must not be used, but by whoever says so. */
  readonly doubt?: GatewayError
  /** The file is to be written anew. */
  readonly isFileStale: boolean
}

/** Undefined where there is no vault. */
export async function findVault(shelf: Shelf): Promise<Found | undefined> {
  const found = await look(shelf)
  // Another process may have written between two looks; then the next look finds everything in order.
  return found?.doubt === undefined ? found : look(shelf)
}

async function look({ records, file, witness }: Shelf): Promise<Found | undefined> {
  const filed = await filedVault(file)
  const stored = await storedVault(records)
  const content = stored ?? filed.content
  if (content === undefined) {
    if (filed.problem !== undefined) throw filed.problem
    return undefined
  }
  const { vaultId, epoch } = content.header
  const filedEpoch = filed.content?.header.epoch ?? 0
  const highest = Math.max(epoch, filedEpoch, await witness.epochOf(vaultId))
  const doubt = filed.problem ?? doubtOf(content.header, { stored, filed: filed.content, highest })
  return {
    header: content.header,
    records: new Map(content.records.map((record) => [recordKey(record), record])),
    unreadable: stored?.unreadable ?? [],
    revision: stored?.revision ?? 0,
    highest,
    isFileStale: filed.content === undefined || filedEpoch < epoch,
    ...(doubt === undefined ? {} : { doubt }),
  }
}

interface Stored extends VaultContent {
  readonly revision: number
  readonly unreadable: readonly string[]
}

async function storedVault(records: SecretRecords): Promise<Stored | undefined> {
  const rows = await records.list()
  const head = rows.find(({ key }) => key === HEADER_KEY)
  if (head === undefined) return undefined
  const unreadable: string[] = []
  const read = rows.flatMap((row) => {
    if (row === head) return []
    try {
      const record = readRecord(row.body)
      // A record that stands in another's row is not that other.
      if (recordKey(record) === row.key) return [record]
    } catch {}
    unreadable.push(row.key)
    return []
  })
  return { header: readHeader(head.body), records: read, revision: head.revision, unreadable }
}

async function filedVault(
  file: TextFile,
): Promise<{ readonly content?: VaultContent; readonly problem?: GatewayError }> {
  const text = await file.read()
  if (text === undefined) return {}
  try {
    return { content: parseVault(text) }
  } catch (cause) {
    const why = cause instanceof Error ? ` ${cause.message}` : ''
    return { problem: vaultProblem('vault_corrupt', `vault.pbv cannot be believed.${why}`, cause) }
  }
}

interface Sides {
  readonly stored: Stored | undefined
  readonly filed: VaultContent | undefined
  readonly highest: number
}

function doubtOf(
  header: SignedHeader,
  { stored, filed, highest }: Sides,
): GatewayError | undefined {
  if (stored === undefined) {
    return rollback('The database has no vault, but vault.pbv has one of epoch', header.epoch)
  }
  if (filed !== undefined && filed.header.vaultId !== header.vaultId) {
    return vaultProblem(
      'vault_tampered',
      'vault.pbv and the database hold different vaults. Restore the one you mean: patchbay vault restore <file>.',
    )
  }
  if (header.epoch < highest) {
    return rollback(`The vault is of epoch ${header.epoch}, but was already at`, highest)
  }
  const isSame = filed?.header.epoch !== header.epoch || isSameHeader(filed.header, header)
  if (isSame) return undefined
  return vaultProblem(
    'vault_tampered',
    'vault.pbv says something else than the database of the same epoch. If you trust the database: patchbay vault unlock --accept-rollback.',
  )
}

function isSameHeader(one: SignedHeader, other: SignedHeader): boolean {
  return isDeepStrictEqual(signedJson(one), signedJson(other))
}

function rollback(what: string, epoch: number): GatewayError {
  return vaultProblem(
    'vault_rollback',
    `${what} ${epoch}: somebody has put an older state in its place. If that was you: patchbay vault unlock --accept-rollback, or patchbay vault restore.`,
  )
}

/** What the rows hold before a change. */
export interface Before {
  /** Of the header's row; 0: there is none. */
  readonly revision: number
  /** Record key -> digest. */
  readonly digests: Readonly<Record<string, string>>
}

export const NOTHING: Before = { revision: 0, digests: {} }

export interface Storing {
  readonly before: Before
  readonly header: SignedHeader
  readonly records: ReadonlyMap<string, SecretRecord>
}

/** Rows first, all together. Gives the header's new revision; undefined where others wrote meanwhile. */
export async function storeRows(
  { records }: Shelf,
  { before, header, records: content }: Storing,
): Promise<number | undefined> {
  const changed = [...content].filter(
    ([key]) => Object.hasOwn(header.records, key) && header.records[key] !== before.digests[key],
  )
  const gone = Object.keys(before.digests).filter((key) => !Object.hasOwn(header.records, key))
  const writes: readonly RowWrite[] = [
    ...changed.map(([key, record]) => ({ key, body: recordJson(record) })),
    ...gone.map((key) => ({ key })),
    { key: HEADER_KEY, body: signedJson(header) },
  ]
  return records.write(writes, before.revision)
}

/** All rows there are, whatever they hold: to be written over. */
export async function whateverIsThere({ records }: Shelf): Promise<Before> {
  const rows = await records.list()
  const revision = rows.find(({ key }) => key === HEADER_KEY)?.revision ?? 0
  const others = rows.filter(({ key }) => key !== HEADER_KEY)
  return { revision, digests: Object.fromEntries(others.map(({ key }) => [key, ''])) }
}

/** What stands beside the rows: it may be behind them after a crash, never before them. */
export async function storeBeside(
  { file, witness }: Shelf,
  { header, records }: Pick<Storing, 'header' | 'records'>,
): Promise<void> {
  const known = [...records.values()].filter((record) => isKnown(header, record))
  await file.write(printVault({ header, records: known }))
  await witness.saw(header.vaultId, header.epoch)
}
