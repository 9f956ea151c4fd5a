// The key in a file of its own, apart from the data.
import { keyFromBytes } from '../key-text.ts'
import { vaultProblem } from '../problem.ts'
import type { FoundKey, KeySource } from './key-source.ts'
import { type PrivateFileOptions, readPrivateFile } from './private-file.ts'

/** A file that was named: it must be there. */
export function namedKeyFile(path: string, options: PrivateFileOptions): KeySource {
  return { name: 'key file', read: () => keyIn(path, options) }
}

/** The file that `patchbay init` makes. */
export function usualKeyFile(path: string, options: PrivateFileOptions): KeySource {
  return {
    name: 'key file',
    read: async () => {
      try {
        return await keyIn(path, options)
      } catch (thrown) {
        if (thrown instanceof Error && isMissing(thrown.cause)) return undefined
        throw thrown
      }
    },
  }
}

async function keyIn(path: string, options: PrivateFileOptions): Promise<FoundKey> {
  const content = await readPrivateFile(path, options)
  const bytes = keyFromBytes(content)
  content.fill(0)
  if (bytes !== undefined) {
    return { type: 'key-file', given: { form: 'bytes', bytes }, where: path }
  }
  throw vaultProblem(
    'vault_key_unfit',
    `The key file ${path} does not hold a key of 32 bytes. Restore it, or open the vault with another slot.`,
  )
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}
