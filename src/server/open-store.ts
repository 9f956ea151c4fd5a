// The database of a server: as its configuration says, else a file in its data folder; and what is heard of it.
import { join } from 'node:path'
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import type { Tell } from '../exchange/happening.ts'
import { realEvery } from '../resilience/limits/lease.ts'
import { WatchedDocuments } from '../store/documents/watched-documents.ts'
import { openDatabase } from '../store/open-database.ts'
import type { Database } from '../store/operation.ts'
import { storeFailureIn } from '../store/store-failure.ts'

export interface OpenedStore {
  readonly database: Database
  /** What is configured while it runs, by whichever process. */
  readonly documents: WatchedDocuments
  close(): Promise<void>
}

export interface StoreSurroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly tell: Tell
}

/** Throws GatewayError `store_…`. */
export async function openStore(
  { store = {}, dataDir }: PatchbayConfig,
  { now, tell }: StoreSurroundings,
): Promise<OpenedStore> {
  const { url, durability = 'strict', ...more } = store
  const file = join(dataDir, 'patchbay.db')
  const given = compact({ url: url?.reveal() })
  const database = await openDatabase({ ...more, file, durability, now, tell, ...given })
  const documents = new WatchedDocuments(database, {
    now,
    every: realEvery,
    failed: (thrown) => {
      const failure = thrown instanceof GatewayError ? storeFailureIn(thrown) : undefined
      tell({ type: 'store-failed', operation: 'watch', failure: failure ?? 'failed' })
    },
  })
  return {
    database,
    documents,
    close: async () => {
      documents.close()
      await database.close()
    },
  }
}
