// Remembers how far each vault had come, in a folder apart from the data: who puts back all of the data is found out.
import { type JsonObject, isObject, tryParseJson } from '../wire/json.ts'
import type { EpochWitness, TextFile } from './vault-shelf.ts'

export class DiskWitness implements EpochWitness {
  readonly #file: TextFile

  constructor(file: TextFile) {
    this.#file = file
  }

  async epochOf(vaultId: string): Promise<number> {
    const epoch = (await this.#read())[vaultId]
    return typeof epoch === 'number' ? epoch : 0
  }

  /** A folder that cannot be written has no witness: the vault works all the same. */
  async saw(vaultId: string, epoch: number): Promise<void> {
    try {
      const known = await this.#read()
      const highest = known[vaultId]
      if (typeof highest === 'number' && highest >= epoch) return
      await this.#file.write(`${JSON.stringify({ ...known, [vaultId]: epoch }, undefined, 1)}\n`)
    } catch {}
  }

  async #read(): Promise<JsonObject> {
    const json = tryParseJson((await this.#file.read().catch(() => undefined)) ?? '{}')
    return isObject(json) ? json : {}
  }
}
