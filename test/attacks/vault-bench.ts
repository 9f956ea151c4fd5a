// The vault of a build, on rows, a file and a witness that can be looked at and changed behind its back.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type * as fileVault from '../../src/vault/file-vault.ts'
import { benchShelf, newSecret } from '../../src/vault/fixtures/bench.ts'
import type { BenchShelf } from '../../src/vault/fixtures/bench.ts'
import type { VaultRow } from '../../src/vault/secret-records.ts'
import type { Build } from './build.ts'
import { CANARIES } from './canaries.ts'

export type Vault = fileVault.FileVault

export const TEXTS: readonly [string, string, string] = [
  CANARIES.keyByEnvironment,
  CANARIES.keyInFile,
  CANARIES.keyByApi,
]

/** As a start finds it. */
export async function vaultOn(
  build: Build,
  shelf: BenchShelf,
  random: (size: number) => Buffer = randomBytes,
): Promise<Vault> {
  const { FileVault } = await build.load<typeof fileVault>('vault/file-vault.ts')
  return FileVault.open({ shelf, random, now: () => 0 })
}

/** With the slots and three secrets, `s0` to `s2`. */
export async function madeVault(
  build: Build,
  slots: Parameters<Vault['create']>[0],
): Promise<{ readonly vault: Vault; readonly shelf: BenchShelf }> {
  const shelf = benchShelf()
  const vault = await vaultOn(build, shelf)
  await vault.create(slots)
  for (const [at, text] of TEXTS.entries()) await vault.put(newSecret(`s${at}`, text))
  return { vault, shelf }
}

export async function rowOf(shelf: BenchShelf, key: string): Promise<VaultRow> {
  const row = (await shelf.records.rowsByKey()).get(key)
  assert.ok(row !== undefined, `there is no row ${key}`)
  return row
}

/** What an error that was thrown calls itself. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
  return 'nothing was refused'
}
