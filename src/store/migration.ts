// One step in how the tables came to be.

export interface Migration {
  /** One more than that of the one before. */
  readonly version: number
  readonly name: string
  /** SQL that SQLite and PostgreSQL read alike. Never changed once it has been released. */
  readonly statements: readonly string[]
}
