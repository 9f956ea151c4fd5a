// The audit log in SQLite, and its end in a file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openDatabase } from '../open-database.ts'
import { storeError } from '../store-failure.ts'
import { fileAnchor } from './anchor.ts'
import { auditLogContract } from './audit-log.contract.ts'
import { AuditLog } from './audit-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-audit-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SETUP = { durability: 'strict', now: () => 1 } as const

auditLogContract({
  name: 'SQLite in memory',
  open: async () => openDatabase({ ...SETUP, url: 'memory:', file: '' }),
})

it('notes its end in a file, and a file that nobody can read vouches for nothing', async () => {
  const anchor = fileAnchor(folder)
  const database = await openDatabase({ ...SETUP, file: join(folder, 'a.db') })
  const log = new AuditLog({ database, now: () => 1, anchor })
  expect(await log.open()).toBeUndefined()
  await log.record({ actor: 'system', action: 'server.start', outcome: 'done' })
  expect(await anchor.read()).toMatchObject({ seq: 1 })
  expect((await log.verify()).fault).toBeUndefined()
  writeFileSync(join(folder, 'audit-head.json'), 'gone')
  expect((await log.verify()).fault).toEqual({ fault: 'truncated', seq: 2 })
  await database.close()
})

it('says that nothing could be written down, and goes on once it can be', async () => {
  const database = await openDatabase({ ...SETUP, url: 'memory:', file: '' })
  let isDown = true
  const log = new AuditLog({
    now: () => 1,
    database: {
      isShared: false,
      run: async (operation, args) => {
        if (isDown) throw storeError('full', 'here')
        return database.run(operation, args)
      },
      close: async () => database.close(),
    },
  })
  const deed = { actor: 'system', action: 'server.start', outcome: 'done' } as const
  await expect(log.record(deed)).rejects.toMatchObject({ code: 'audit_failed', status: 503 })
  isDown = false
  await log.record(deed)
  expect(await log.list({ limit: 5 })).toHaveLength(1)
  await database.close()
})
