// The database of a server: as its configuration says, else a file in its data folder.
import { join } from 'node:path'
import { compact } from '../canonical/compact.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import { openDatabase } from '../store/open-database.ts'
import type { Database } from '../store/operation.ts'

/** Throws GatewayError `store_…`. */
export async function openStore(
  { store = {}, dataDir }: PatchbayConfig,
  now: () => number,
): Promise<Database> {
  const { url, durability = 'strict' } = store
  const file = join(dataDir, 'patchbay.db')
  return openDatabase({ file, durability, now, ...compact({ url: url?.reveal() }) })
}
