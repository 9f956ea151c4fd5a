// The database and the vault in it as a command opens them itself, where no server is asked.
import type { PatchbayConfig } from '../../config/schema.ts'
import { assertBoot } from '../../server/boot.ts'
import { type OpenedStore, openStore } from '../../server/open-store.ts'
import { openVault } from '../../server/vault/open-vault.ts'
import type { FileVault } from '../../vault/file-vault.ts'
import type { Terminal } from '../terminal.ts'

export interface Offline {
  readonly store: OpenedStore
  /** Sealed where its key is not here. */
  readonly vault: FileVault
}

/** Throws where this process may be looked into, or the database cannot be opened. */
export async function offline<T>(
  { env }: Terminal,
  config: PatchbayConfig,
  work: (opened: Offline) => Promise<T>,
): Promise<T> {
  const { execArgv, versions } = process
  const { dataDir } = config
  await assertBoot({ env, execArgv, version: versions.node, nowMs: Date.now(), dataDir })
  const store = await openStore(config, { now: Date.now, tell: nothing })
  try {
    const { vault } = await openVault({
      config,
      env,
      database: store.database,
      now: Date.now,
      after: () => nothing,
      tell: nothing,
      createsWithFound: false,
    })
    return await work({ store, vault })
  } finally {
    await store.close()
  }
}

function nothing(): void {}
