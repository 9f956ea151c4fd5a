// The tables of kept answers: each belongs to one owner, for a time.
import type { Migration } from '../migration.ts'

export const answerTables: Migration = {
  version: 6,
  name: 'answers',
  statements: [
    // `turn` counts whenever an answer is kept or gone on from: whoever has too many gives up what was longest ago.
    `CREATE TABLE kept_answers (
      owner TEXT NOT NULL,
      id TEXT NOT NULL,
      previous TEXT,
      input TEXT NOT NULL,
      answer TEXT NOT NULL,
      items TEXT NOT NULL,
      bytes BIGINT NOT NULL,
      turn BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      PRIMARY KEY (owner, id)
    )`,
    'CREATE INDEX kept_answers_expiry ON kept_answers (expires_at)',
    'CREATE INDEX kept_answers_size ON kept_answers (owner, turn, bytes)',
    `CREATE TABLE kept_items (
      owner TEXT NOT NULL,
      item TEXT NOT NULL,
      id TEXT NOT NULL,
      turn BIGINT NOT NULL,
      PRIMARY KEY (owner, item, id)
    )`,
    'CREATE INDEX kept_items_answer ON kept_items (owner, id)',
    "INSERT INTO counters (name, value) VALUES ('answers', 0)",
  ],
}
