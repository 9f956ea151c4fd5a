// Makes the file with a new key: for its owner alone, apart from the data, and never over one that is there.
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FoundKey } from '../../vault/key-sources/key-source.ts'
import { namedKeyFile } from '../../vault/key-sources/key-file.ts'
import { keyText, newKey } from '../../vault/key-text.ts'
import { vaultProblem } from '../../vault/problem.ts'
import type { RandomBytes } from '../../vault/record-cipher.ts'

export interface KeyFileMaking {
  readonly random: RandomBytes
  readonly outside: string
}

/** Throws `vault_present` where there is a file already. */
export async function makeKeyFile(
  path: string,
  { random, outside }: KeyFileMaking,
): Promise<FoundKey> {
  const bytes = newKey(random)
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(path, 'wx', 0o600)
    try {
      await handle.writeFile(`${keyText(bytes)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : 'unknown reason'
    if (code === 'EEXIST') {
      throw vaultProblem(
        'vault_present',
        `There is a key file at ${path} already; it is left as it is.`,
      )
    }
    throw vaultProblem('vault_not_written', `${path} cannot be written (${String(code)}).`, cause)
  } finally {
    bytes.fill(0)
  }
  const found = await namedKeyFile(path, { uid: process.geteuid?.(), outside }).read()
  if (found === undefined) throw vaultProblem('vault_not_written', `${path} is gone.`)
  return found
}
