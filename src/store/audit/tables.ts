// The tables of the audit log: entries that are only ever added, and the signed end of them.
import type { Migration } from '../migration.ts'

export const auditTables: Migration = {
  version: 2,
  name: 'audit',
  statements: [
    `CREATE TABLE audit (
      seq BIGINT PRIMARY KEY,
      at BIGINT NOT NULL,
      actor TEXT NOT NULL,
      actor_id TEXT,
      role TEXT,
      action TEXT NOT NULL,
      subject TEXT,
      outcome TEXT NOT NULL,
      status BIGINT,
      request_id TEXT,
      details TEXT,
      generation BIGINT NOT NULL,
      previous TEXT NOT NULL,
      hash TEXT NOT NULL
    )`,
    'CREATE INDEX audit_action ON audit (action, seq)',
    'CREATE INDEX audit_actor ON audit (actor_id, seq)',
    `CREATE TABLE audit_head (
      id BIGINT PRIMARY KEY,
      seq BIGINT NOT NULL,
      hash TEXT NOT NULL,
      generation BIGINT NOT NULL,
      signature TEXT NOT NULL
    )`,
    "INSERT INTO audit_head (id, seq, hash, generation, signature) VALUES (1, 0, '', 0, '')",
  ],
}
