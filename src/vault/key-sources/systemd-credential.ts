// The key as a credential of the systemd unit (LoadCredentialEncrypted=): a file that systemd shows to this service alone.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keyFromBytes } from '../key-text.ts'
import { vaultProblem } from '../problem.ts'
import type { KeySource } from './key-source.ts'

const NAME = 'patchbay-vault-key'

/** `folder`: $CREDENTIALS_DIRECTORY. */
export function systemdCredential(folder: string | undefined): KeySource {
  return {
    name: 'systemd credential',
    read: async () => {
      if (folder === undefined || folder === '') return undefined
      const path = join(folder, NAME)
      const content = await contentOf(path)
      if (content === undefined) return undefined
      const bytes = keyFromBytes(content)
      content.fill(0)
      if (bytes === undefined) {
        throw vaultProblem(
          'vault_key_unfit',
          `The credential ${NAME} does not hold a key of 32 bytes. Encrypt the key file anew: systemd-creds encrypt vault.key ${NAME}.cred`,
        )
      }
      return { type: 'systemd-credential', given: { form: 'bytes', bytes }, where: path }
    },
  }
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw vaultProblem('vault_key_unreachable', `The credential ${path} cannot be read.`, cause)
  }
}
