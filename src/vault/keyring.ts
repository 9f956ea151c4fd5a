// The generations of a vault's root key: the newest is in the slots, the older ones are sealed under it, and each says who follows.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { NONCE_BYTES, type Sealed, seal, unseal } from './cipher.ts'
import { measured } from './measured.ts'
import type { RandomBytes } from './record-cipher.ts'
import { type RootKey, commitment, derive, rootKey } from './root-key.ts'

/** Writings under one generation: random nonces are safe for 2^32 (NIST SP 800-38D, section 8.3). */
export const MOST_WRITES: number = 2 ** 31

export interface Generation {
  readonly generation: number
  readonly createdAt: string
  /** Records that were sealed under it, ever. */
  readonly writes: number
  /** Sealed under the newest; absent in the newest itself. */
  readonly sealed?: Sealed
  /** Said by the one before: this is my successor. Absent in the first. */
  readonly succession?: Buffer
}

/** By generation; never empty. */
export type Roots = ReadonlyMap<number, RootKey>

export function successionMac(before: RootKey, next: RootKey): Buffer {
  const key = derive(before.secret, { purpose: ['patchbay/v1/succession'] })
  return createHmac('sha256', key)
    .update(measured([next.generation, commitment(next.secret)]))
    .digest()
}

/** The older generations, sealed anew under the newest. */
export function sealedUnder(
  newest: RootKey,
  older: Roots,
  { vaultId, random }: { readonly vaultId: string; readonly random: RandomBytes },
): ReadonlyMap<number, Sealed> {
  const key = derive(newest.secret, { purpose: ['patchbay/v1/keyring', vaultId] })
  return new Map(
    [...older.values()].map(({ generation, secret }) => {
      const plaintext = secret.export()
      const bound = boundTo(vaultId, generation)
      const sealed = seal(key, { plaintext, bound, nonce: random(NONCE_BYTES) })
      plaintext.fill(0)
      return [generation, sealed]
    }),
  )
}

/** All of them; undefined where one does not open, or did not name its successor. */
export function openRoots(
  newest: RootKey,
  generations: readonly Generation[],
  vaultId: string,
): Roots | undefined {
  const key = derive(newest.secret, { purpose: ['patchbay/v1/keyring', vaultId] })
  const roots = new Map([[newest.generation, newest]])
  for (const { generation, sealed } of generations) {
    if (generation === newest.generation) continue
    if (sealed === undefined) return undefined
    const bytes = unseal(key, sealed, boundTo(vaultId, generation))
    if (bytes === undefined) return undefined
    roots.set(generation, rootKey(generation, bytes))
  }
  return generations.every((one) => follows(one, roots)) ? roots : undefined
}

function follows({ generation, succession }: Generation, roots: Roots): boolean {
  const own = roots.get(generation)
  const before = roots.get(generation - 1)
  if (own === undefined) return false
  if (before === undefined) return succession === undefined
  if (succession === undefined) return false
  const expected = successionMac(before, own)
  return expected.length === succession.length && timingSafeEqual(expected, succession)
}

function boundTo(vaultId: string, generation: number): Buffer {
  return measured(['patchbay/v1/keyring', vaultId, generation])
}
