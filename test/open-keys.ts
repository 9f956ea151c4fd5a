// Keys for tests: on a database in memory, with a data folder of their own, and a clock that stands unless it is moved.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pepper } from '../src/access/pepper.ts'
import { mergeLayers } from '../src/config/merge.ts'
import type { KeysConfig } from '../src/config/schema.ts'
import type { Recognised } from '../src/server/auth.ts'
import { type OpenedKeys, openKeys } from '../src/server/keys/open-keys.ts'
import { WatchedDocuments } from '../src/store/documents/watched-documents.ts'
import { openDatabase } from '../src/store/open-database.ts'
import { Secret } from '../src/vault/secret.ts'

export interface TestKeysSetup {
  readonly now?: () => number
  readonly pepper?: () => Pepper | undefined
  readonly settings?: KeysConfig
}

export interface TestKeys extends Omit<OpenedKeys, 'close' | 'recognise'> {
  readonly recognise: (key: string) => Promise<Recognised | undefined>
  readonly documents: WatchedDocuments
  close(): Promise<void>
}

export async function openTestKeys(setup: TestKeysSetup = {}): Promise<TestKeys> {
  const { now = () => 1_000_000, settings = {}, pepper = () => undefined } = setup
  const dataDir = mkdtempSync(join(tmpdir(), 'patchbay-keys-'))
  const database = await openDatabase({ url: 'memory:', file: '', durability: 'fast', now })
  const documents = new WatchedDocuments(database, {
    now,
    every: () => () => undefined,
    failed: (thrown) => {
      throw thrown
    },
  })
  const config = {
    ...mergeLayers([], { dataDir, baseDir: dataDir }),
    store: { url: new Secret('memory:') },
    keys: settings,
  }
  const opened = await openKeys({ config: () => config, documents, now, pepper })
  return {
    ...opened,
    recognise: async (key) => opened.recognise(key),
    documents,
    close: async () => {
      opened.close()
      documents.close()
      await database.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
