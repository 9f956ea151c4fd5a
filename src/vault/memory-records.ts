// Rows of a vault in memory: for tests, and for whoever remembers nothing.
import { HEADER_KEY, type RowWrite, type SecretRecords, type VaultRow } from './secret-records.ts'

export class MemoryRecords implements SecretRecords {
  readonly lasts: boolean = false
  readonly #rows = new Map<string, VaultRow>()
  #revision = 0

  async list(): Promise<readonly VaultRow[]> {
    return [...this.#rows.values()]
  }

  async write(writes: readonly RowWrite[], headerRevision: number): Promise<number | undefined> {
    if ((this.#rows.get(HEADER_KEY)?.revision ?? 0) !== headerRevision) return undefined
    this.#revision += 1
    for (const { key, body } of writes) {
      if (body === undefined) this.#rows.delete(key)
      else this.#rows.set(key, { key, revision: this.#revision, body })
    }
    return this.#revision
  }
}
