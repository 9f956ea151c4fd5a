// Asks the places that may have the key, in order; the first that has one gives it.
import { GatewayError } from '../canonical/errors.ts'
import type { FoundKey, KeySource } from './key-sources/key-source.ts'

export interface Search {
  readonly found?: FoundKey
  /** Of the first place that did not answer, where no other had a key. */
  readonly unreachable?: GatewayError
}

/** Throws `vault_key_unfit` where a place has a key that may not be used as it is: going on would hide that. */
export async function findKey(sources: readonly KeySource[]): Promise<Search> {
  let unreachable: GatewayError | undefined
  for (const source of sources) {
    try {
      const found = await source.read()
      if (found !== undefined) return { found }
    } catch (thrown) {
      if (!(thrown instanceof GatewayError) || thrown.code !== 'vault_key_unreachable') throw thrown
      unreachable ??= thrown
    }
  }
  return unreachable === undefined ? {} : { unreachable }
}
