// What patchbay.yaml may say of where things are remembered.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import { Secret } from '../vault/secret.ts'
import type { StoreConfig } from './schema.ts'
import { asNumber, optional } from './values.ts'

const count = z.preprocess(asNumber, z.int().positive())

const storeEntry = z.strictObject({
  url: optional(
    z.string().regex(/^(?:postgres(?:ql)?:\/\/|memory:$)/, 'must be a postgres:// URL, or memory:'),
  ).describe(
    'A PostgreSQL that gateways share, as postgres://user:password@host/database; write ${DATABASE_URL}, never the password itself. memory: forgets everything at the end. Default: the file patchbay.db in the data folder.',
  ),
  durability: optional(z.enum(['strict', 'fast'])).describe(
    'Of the file: strict survives a loss of power; fast survives the end of the process, but may lose the last moments when the machine stops. Default: strict.',
  ),
  check: optional(z.enum(['quick', 'none'])).describe(
    'Of the file: quick reads it through at the start and refuses a damaged one; none does not. Default: quick.',
  ),
  connections: optional(count).describe('To PostgreSQL, at most, of this gateway. Default: 10.'),
  timeout_ms: optional(count).describe(
    'Milliseconds that PostgreSQL may take for a connection, and for all statements of one operation. Default: 5000.',
  ),
  wait_ms: optional(z.preprocess(asNumber, z.int().nonnegative())).describe(
    'Milliseconds for which a PostgreSQL that is not there is waited for at the start. Default: 30000.',
  ),
  gather_ms: optional(z.preprocess(asNumber, z.int().nonnegative())).describe(
    'Of the file: milliseconds that changes wait for others to share the next write to the disk, where the last one was shared too; whoever asks alone never waits. Default: 1.',
  ),
  max_waiting: optional(count).describe(
    'Operations that may wait for the database; more are refused at once. Default: 10000.',
  ),
})

export const store: z.ZodType<StoreConfig> = storeEntry.transform(
  ({ url, durability, check, connections, ...limits }) =>
    compact({
      url: url === undefined ? undefined : new Secret(url),
      durability,
      check,
      connections,
      timeoutMs: limits.timeout_ms,
      waitMs: limits.wait_ms,
      gatherMs: limits.gather_ms,
      maxWaiting: limits.max_waiting,
    }),
)
