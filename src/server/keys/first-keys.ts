// The keys that there are at the first start: those of an older installation's file, else new ones, which are shown once.
import { digestOf } from '../../access/digest.ts'
import { type RandomBytes, mintId, mintKey } from '../../access/key-format.ts'
import type { KeyRecord } from '../../access/key-record.ts'
import { NO_PEPPER, type Pepper } from '../../access/pepper.ts'
import { keyJson } from '../../access/record-json.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { DocumentWrite } from '../../store/documents/document.ts'
import type { Documents } from '../../store/documents/documents.ts'
import { GOVERNORS, KEY } from './kinds.ts'
import { type FiledKey, readKeyFile, removeKeyFile, writeKeyFile } from './token-file.ts'

export interface FirstKeysOptions {
  readonly documents: Documents
  /** Whether what is stored is still there at the next start. */
  readonly isLasting: boolean
  readonly dataDir: string
  readonly pepper: Pepper | undefined
  readonly random: RandomBytes
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** In clear those that were made just now: this is the only time they can be shown. */
export interface FirstKeys {
  readonly admin?: string
  readonly client?: string
}

/** Makes sure that there is an owner, and at the very first start a client. */
export async function firstKeys(options: FirstKeysOptions): Promise<FirstKeys> {
  const { documents, isLasting, dataDir } = options
  const filed = await readKeyFile(dataDir)
  const isKnown = (await documents.find(GOVERNORS)) !== undefined
  if (isKnown && filed.length === 0) return {}
  const made: { admin?: string; client?: string } = {}
  const fresh: FreshKey[] = []
  if (!isKnown) {
    for (const kind of ['admin', 'client'] as const) {
      if (filed.some((key) => key.kind === kind)) continue
      const id = mintId(options.random)
      made[kind] = mintKey({ kind, id }, options.random)
      fresh.push({ kind, id, key: made[kind] })
    }
  }
  const isFirst = await written(
    [...filed.map(recordOf), ...fresh.map((one) => freshRecord(one, options))],
    options,
  )
  if (isLasting) {
    if (filed.length > 0 && (await areStored(filed, documents))) await removeKeyFile(dataDir)
  } else if (fresh.length > 0) {
    await writeKeyFile(dataDir, [...filed, ...fresh.map((one) => filedKey(one, options))])
  }
  // Another gateway on the same database was first: its keys are the ones.
  return isFirst ? made : {}
}

interface FreshKey {
  readonly kind: 'admin' | 'client'
  readonly id: string
  readonly key: string
}

async function written(
  records: readonly KeyRecord[],
  { documents }: FirstKeysOptions,
): Promise<boolean> {
  const writes = records.map((record): DocumentWrite => {
    return { kind: KEY, id: record.id, body: keyJson(record), expected: 'absent' }
  })
  try {
    await documents.write([...writes, { ...GOVERNORS, body: {}, expected: 'absent' }])
    return true
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code !== 'already_there') throw thrown
    return false
  }
}

async function areStored(keys: readonly FiledKey[], documents: Documents): Promise<boolean> {
  const found = await Promise.all(keys.map(({ id }) => documents.find({ kind: KEY, id })))
  return found.every((one) => one !== undefined)
}

const SHARED = {
  scope: {},
  limits: {},
  budgets: [],
  tags: {},
  state: 'active',
  createdBy: 'patchbay',
  requestTags: ['*'],
} as const

/** The first client may do whatever Patchbay can; those that are made later say what they may. */
function recordOf({ kind, id, sha256 }: FiledKey): KeyRecord {
  const digests = [{ digest: sha256, generation: NO_PEPPER }]
  return kind === 'admin'
    ? { ...SHARED, id, kind, role: 'owner', name: 'first owner', critical: false, digests }
    : { ...SHARED, id, kind, name: 'first client', critical: true, digests }
}

function freshRecord({ kind, id, key }: FreshKey, { pepper }: FirstKeysOptions): KeyRecord {
  const record = recordOf({ kind, id, sha256: '', createdAt: '' })
  return { ...record, digests: [digestOf(key, pepper)] }
}

function filedKey({ kind, id, key }: FreshKey, { now }: FirstKeysOptions): FiledKey {
  const { digest } = digestOf(key, undefined)
  return { kind, id, sha256: digest, createdAt: new Date(now()).toISOString() }
}
