// Rows of a vault as documents in SQLite: in memory, and in a file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { secretRecordsContract } from '../../vault/secret-records.contract.ts'
import { Documents } from '../documents/documents.ts'
import { openDatabase } from '../open-database.ts'
import type { Database } from '../operation.ts'
import { SecretRows } from './secret-rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-rows-'))
const opened: Database[] = []
afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()))
  rmSync(folder, { recursive: true })
})

async function rowsIn(url: 'memory:' | undefined): Promise<SecretRows> {
  const file = join(folder, `${opened.length}.db`)
  const where = url === undefined ? { file } : { file, url }
  const database = await openDatabase({ ...where, durability: 'fast', now: () => 1 })
  opened.push(database)
  return new SecretRows(new Documents(database, () => 1), { lasts: url === undefined })
}

secretRecordsContract({ name: 'SQLite in memory', open: () => rowsIn('memory:') })
secretRecordsContract({ name: 'SQLite in a file', open: () => rowsIn(undefined) })
