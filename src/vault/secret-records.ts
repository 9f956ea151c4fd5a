// Where a vault keeps its rows, as it sees them: text that says nothing without the key, written all together or not at all.
import type { JsonObject } from '../wire/json.ts'

export interface VaultRow {
  readonly key: string
  /** Changes with every writing. */
  readonly revision: number
  readonly body: JsonObject
}

export interface RowWrite {
  readonly key: string
  /** Absent: it is removed. */
  readonly body?: JsonObject
}

/** The row that every writing goes through. */
export const HEADER_KEY = 'header'

export interface SecretRecords {
  /** All rows, as they were at one moment. */
  list(): Promise<readonly VaultRow[]>
  /**
   * All of them or none, the header among them, and only where the header has that revision (0: there is none). Gives the
   * header's new revision; undefined where others wrote meanwhile.
   */
  write(writes: readonly RowWrite[], headerRevision: number): Promise<number | undefined>
  /** What is kept outlives the process. */
  readonly lasts: boolean
}
