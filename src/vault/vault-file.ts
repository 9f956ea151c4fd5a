// The file `vault.pbv`: the header and a copy of every record, sealed as they are. Backups have the same form.
import { type JsonObject, ObjectReader, tryParseJson } from '../wire/json.ts'
import type { SignedHeader } from './header.ts'
import { vaultProblem } from './problem.ts'
import { type SecretRecord, recordKey } from './record.ts'
import { recordJson, signedJson } from './vault-json.ts'
import { readHeader, readRecord } from './vault-reader.ts'

export interface VaultContent {
  readonly header: SignedHeader
  readonly records: readonly SecretRecord[]
}

export function printVault({ header, records }: VaultContent): string {
  const sorted = records.toSorted((one, other) => (recordKey(one) < recordKey(other) ? -1 : 1))
  const json: JsonObject = {
    header: signedJson(header),
    records: sorted.map((record) => recordJson(record)),
  }
  return `${JSON.stringify(json, undefined, 1)}\n`
}

/** Throws `vault_corrupt`. */
export function parseVault(text: string): VaultContent {
  const json = tryParseJson(text)
  if (json === undefined || json === null) throw notAVault()
  try {
    const reader = ObjectReader.of(json, 'file')
    const header = readHeader(reader.value('header'))
    const records = reader.items('records').map(({ value }) => readRecord(value))
    if (reader.rest() !== undefined) throw notAVault()
    return { header, records }
  } catch (cause) {
    if (cause instanceof TypeError || (cause instanceof Error && cause.name === 'WireError')) {
      throw notAVault(cause)
    }
    throw cause
  }
}

function notAVault(cause?: unknown): Error {
  return vaultProblem(
    'vault_corrupt',
    'The file is no vault of Patchbay. Restore one: patchbay vault restore <file>.',
    cause,
  )
}
