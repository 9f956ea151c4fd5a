// Documents in SQLite: in memory, and in a file that a thread of its own writes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openDatabase } from '../open-database.ts'
import { documentsContract } from './documents.contract.ts'
import { watchedContract } from './watched-documents.contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-store-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

const SETUP = { durability: 'strict', now: () => 1 } as const

documentsContract({
  name: 'SQLite in memory',
  open: async () => openDatabase({ ...SETUP, url: 'memory:', file: '' }),
})

documentsContract({
  name: 'SQLite in a file',
  open: async () => openDatabase({ ...SETUP, file: join(folder, `${(files += 1)}.db`) }),
})

watchedContract({
  name: 'SQLite in a file',
  open: async () => {
    const file = join(folder, `${(files += 1)}.db`)
    return [await openDatabase({ ...SETUP, file }), await openDatabase({ ...SETUP, file })]
  },
})
