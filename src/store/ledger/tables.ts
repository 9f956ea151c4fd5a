// The tables of money: what every attempt used, the budgets that it counts into, and the attempts that are not over.
import type { Migration } from '../migration.ts'

export const ledgerTables: Migration = {
  version: 3,
  name: 'ledger',
  statements: [
    // Only ever added to. `counted_at` is null for what is no use yet (reserve, dispatch), and the time of the dispatch for what
    // is (settle, adjust, hedge_loser), so that a sum over a period is what the budgets of that period have spent.
    `CREATE TABLE ledger (
      attempt_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      call_id TEXT NOT NULL,
      at BIGINT NOT NULL,
      counted_at BIGINT,
      operation TEXT NOT NULL,
      caller TEXT,
      team TEXT,
      parents TEXT,
      route TEXT,
      provider TEXT NOT NULL,
      model TEXT NOT NULL,
      credential TEXT,
      price TEXT,
      input_tokens BIGINT,
      cache_read_tokens BIGINT,
      cache_write_tokens BIGINT,
      output_tokens BIGINT,
      reasoning_tokens BIGINT,
      nano_usd BIGINT,
      source TEXT,
      status TEXT,
      error_kind TEXT,
      latency_ms BIGINT,
      PRIMARY KEY (attempt_id, kind)
    )`,
    'CREATE INDEX ledger_counted ON ledger (counted_at, attempt_id, kind) WHERE counted_at IS NOT NULL',
    'CREATE INDEX ledger_caller ON ledger (caller, counted_at) WHERE counted_at IS NOT NULL',
    'CREATE INDEX ledger_team ON ledger (team, counted_at) WHERE counted_at IS NOT NULL',
    // By attempt: joined to what counts, they group it by tag.
    `CREATE TABLE ledger_tags (
      attempt_id TEXT NOT NULL,
      name TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (attempt_id, name)
    )`,
    'CREATE INDEX ledger_tags_name ON ledger_tags (name, value)',
    // One row for each period of a budget, from its first call on.
    `CREATE TABLE budgets (
      id TEXT NOT NULL,
      starts_at BIGINT NOT NULL,
      scope TEXT NOT NULL,
      subject TEXT NOT NULL,
      period TEXT NOT NULL,
      limit_nano BIGINT NOT NULL,
      spent_nano BIGINT NOT NULL,
      reserved_nano BIGINT NOT NULL,
      PRIMARY KEY (id, starts_at)
    )`,
    // What has been dispatched and not settled: whose it is, what it holds of which budgets, and what it has used for certain.
    `CREATE TABLE open_attempts (
      attempt_id TEXT PRIMARY KEY,
      holder TEXT NOT NULL,
      reserved_nano BIGINT NOT NULL,
      budgets TEXT NOT NULL,
      input_tokens BIGINT NOT NULL,
      output_tokens BIGINT NOT NULL,
      nano_usd BIGINT
    )`,
    'CREATE INDEX open_attempts_holder ON open_attempts (holder)',
    // A gateway that is not heard of until then has died, and others settle what it left open.
    'CREATE TABLE ledger_holders (id TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)',
  ],
}

/** Every call paid for these, and nothing asked by them: usage is asked for by its time, and open attempts are few. */
export const leanLedger: Migration = {
  version: 7,
  name: 'ledger without idle indexes',
  statements: [
    'DROP INDEX ledger_caller',
    'DROP INDEX ledger_team',
    'DROP INDEX open_attempts_holder',
  ],
}
