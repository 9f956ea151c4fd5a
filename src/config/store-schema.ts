// What patchbay.yaml may say of where things are remembered.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { Secret } from '../vault/secret.ts'
import type { StoreConfig } from './schema.ts'
import { optional } from './values.ts'

const storeEntry = z.strictObject({
  url: optional(
    z.string().regex(/^(?:postgres(?:ql)?:\/\/|memory:$)/, 'must be a postgres:// URL, or memory:'),
  ).describe(
    'A PostgreSQL that gateways share, as postgres://user:password@host/database; write ${DATABASE_URL}, never the password itself. memory: forgets everything at the end. Default: the file patchbay.db in the data folder.',
  ),
  durability: optional(z.enum(['strict', 'fast'])).describe(
    'Of the file: strict survives a loss of power; fast survives the end of the process, but may lose the last moments when the machine stops. Default: strict.',
  ),
})

export const store: z.ZodType<StoreConfig> = storeEntry.transform(({ url, durability }) =>
  compact({ url: url === undefined ? undefined : new Secret(url), durability }),
)
