// Examines the audit log in the database itself: no server needs to run, and none is asked.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import { auditLog } from '../../server/open-audit.ts'
import { chainKeysOf } from '../../server/vault/derived-keys.ts'
import type { AuditVerdict } from '../../store/audit/verify.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import type { SharedOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { offline } from '../vault/offline.ts'

export async function verifyOffline(
  terminal: Terminal,
  { config: file }: SharedOptions,
): Promise<AuditVerdict> {
  const { env, cwd } = terminal
  const config = await loadConfig({ env, cwd, ...compact({ file }) })
  const path = join(config.dataDir, 'patchbay.db')
  if (config.store?.url === undefined && !existsSync(path)) {
    throw new CommandFailure(`There is no database at ${path}.`, {
      code: EXIT.failure,
      next: 'Name the configuration of the server with --config, or its data folder with PATCHBAY_HOME.',
    })
  }
  return offline(terminal, config, async ({ store: { database }, vault }) =>
    auditLog(config, { database, now: Date.now, keys: chainKeysOf(vault) }).verify(),
  )
}
