// The key in an environment variable: it works, and is taken out of the environment at once, but the system goes on showing it.
import { keyFromText } from '../key-text.ts'
import { vaultProblem } from '../problem.ts'
import type { KeySource } from './key-source.ts'

export const KEY_VARIABLE = 'PATCHBAY_VAULT_KEY'

export interface EnvironmentKeyOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Takes the variable away from whoever looks later: children, reports, plugins. */
  readonly forget: (name: string) => void
}

export function environmentKey({ env, forget }: EnvironmentKeyOptions): KeySource {
  let kept: string | undefined
  return {
    name: 'environment variable',
    read: async () => {
      kept = env[KEY_VARIABLE] ?? kept
      if (kept === undefined || kept === '') return undefined
      forget(KEY_VARIABLE)
      const bytes = keyFromText(kept)
      if (bytes === undefined) {
        throw vaultProblem(
          'vault_key_unfit',
          `${KEY_VARIABLE} does not hold a key of 32 bytes in base64url or hex.`,
        )
      }
      return {
        type: 'environment',
        given: { form: 'bytes', bytes },
        where: `the variable ${KEY_VARIABLE}`,
        warning: `The key of the vault came in the variable ${KEY_VARIABLE}, which other programs of this user can read in /proc. A key file or a systemd credential is safer.`,
      }
    },
  }
}
