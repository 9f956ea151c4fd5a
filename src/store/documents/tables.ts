// The tables of documents: what is configured while it runs, and the count that orders its changes.
import type { Migration } from '../migration.ts'

export const documentTables: Migration = {
  version: 1,
  name: 'documents',
  statements: [
    'CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL)',
    "INSERT INTO counters (name, value) VALUES ('changes', 0)",
    // A removed document stays without a body, so that others hear of it and its version never comes again.
    `CREATE TABLE documents (
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      version BIGINT NOT NULL,
      body TEXT,
      changed BIGINT NOT NULL,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL,
      PRIMARY KEY (kind, id)
    )`,
    'CREATE UNIQUE INDEX documents_changed ON documents (changed)',
  ],
}
