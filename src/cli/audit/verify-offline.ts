// Examines the audit log in the database itself: no server needs to run, and none is asked.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import { auditLog } from '../../server/open-audit.ts'
import { openStore } from '../../server/open-store.ts'
import { chainKeysOf } from '../../server/vault/derived-keys.ts'
import { openVault } from '../../server/vault/open-vault.ts'
import type { AuditVerdict } from '../../store/audit/verify.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import type { SharedOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'

export async function verifyOffline(
  { env, cwd }: Terminal,
  { config: file }: SharedOptions,
): Promise<AuditVerdict> {
  const config = await loadConfig({ env, cwd, ...compact({ file }) })
  const path = join(config.dataDir, 'patchbay.db')
  if (config.store?.url === undefined && !existsSync(path)) {
    throw new CommandFailure(`There is no database at ${path}.`, {
      code: EXIT.failure,
      next: 'Name the configuration of the server with --config, or its data folder with PATCHBAY_HOME.',
    })
  }
  const now = Date.now
  const store = await openStore(config, { now, tell: nothing })
  try {
    const { database } = store
    const { vault } = await openVault({
      config,
      env,
      database,
      now,
      after: () => nothing,
      tell: nothing,
      createsWithFound: false,
      execArgv: process.execArgv,
    })
    return await auditLog(config, { database, now, keys: chainKeysOf(vault) }).verify()
  } finally {
    await store.close()
  }
}

function nothing(): void {}
