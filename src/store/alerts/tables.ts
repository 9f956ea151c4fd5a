// The tables of what is told and kept beside the ledger: alerts of budgets, each once, and the texts of calls whose keys want them kept.
import type { Migration } from '../migration.ts'

export const alertAndContentTables: Migration = {
  version: 4,
  name: 'alerts and contents',
  statements: [
    // One for each threshold and period of a budget, whichever gateway saw it first. `next_at` is null once it is told, or given up.
    `CREATE TABLE alerts (
      budget TEXT NOT NULL,
      starts_at BIGINT NOT NULL,
      threshold BIGINT NOT NULL,
      raised_at BIGINT NOT NULL,
      body TEXT NOT NULL,
      tries BIGINT NOT NULL,
      next_at BIGINT,
      PRIMARY KEY (budget, starts_at, threshold)
    )`,
    'CREATE INDEX alerts_due ON alerts (next_at) WHERE next_at IS NOT NULL',
    `CREATE TABLE contents (
      call_id TEXT PRIMARY KEY,
      at BIGINT NOT NULL,
      caller TEXT NOT NULL,
      provider TEXT NOT NULL,
      model TEXT NOT NULL,
      request TEXT NOT NULL,
      answer TEXT NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX contents_expiry ON contents (expires_at)',
    'CREATE INDEX contents_caller ON contents (caller, at, call_id)',
  ],
}
