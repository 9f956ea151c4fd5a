// The key in the keychain of the system, through @napi-rs/keyring where that is installed; Patchbay does not bring it.
import { keyFromText } from '../key-text.ts'
import { vaultProblem } from '../problem.ts'
import type { KeySource } from './key-source.ts'

export const KEYCHAIN_SERVICE = 'patchbay'
export const KEYCHAIN_ACCOUNT = 'vault-key'

export interface KeychainEntry {
  getPassword(): string | null
  setPassword(password: string): void
}

/** Undefined where the package is not installed. */
export type LoadKeychain = () => Promise<KeychainEntry | undefined>

export function keychain(load: LoadKeychain): KeySource {
  return {
    name: 'keychain',
    read: async () => {
      const text = await passwordOf(load)
      if (text === undefined) return undefined
      const bytes = keyFromText(text)
      const where = `keychain entry ${KEYCHAIN_SERVICE}/${KEYCHAIN_ACCOUNT}`
      if (bytes === undefined) {
        throw vaultProblem('vault_key_unfit', `The ${where} does not hold a key of 32 bytes.`)
      }
      return { type: 'keychain', given: { form: 'bytes', bytes }, where }
    },
  }
}

async function passwordOf(load: LoadKeychain): Promise<string | undefined> {
  try {
    const entry = await load()
    return entry?.getPassword() ?? undefined
  } catch (cause) {
    throw vaultProblem(
      'vault_key_unreachable',
      'The keychain of the system does not answer. Unlock it, or open the vault with another key: patchbay vault unlock.',
      cause,
    )
  }
}

/** As a variable, so that no type checker and no bundler asks for what may not be there. */
const PACKAGE: string = '@napi-rs/keyring'

export const systemKeychain: LoadKeychain = async () => {
  const loaded = await loadedPackage()
  if (loaded === undefined) return undefined
  const Entry: unknown = Reflect.get(loaded, 'Entry')
  if (typeof Entry !== 'function') throw new TypeError(`${PACKAGE} has no Entry`)
  const entry: unknown = Reflect.construct(Entry, [KEYCHAIN_SERVICE, KEYCHAIN_ACCOUNT])
  if (!isEntry(entry)) throw new TypeError(`${PACKAGE} makes no entries`)
  return entry
}

async function loadedPackage(): Promise<object | undefined> {
  try {
    const loaded: unknown = await import(PACKAGE)
    return typeof loaded === 'object' && loaded !== null ? loaded : undefined
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND') {
      return undefined
    }
    throw thrown
  }
}

function isEntry(value: unknown): value is KeychainEntry {
  return (
    typeof value === 'object' && value !== null && 'getPassword' in value && 'setPassword' in value
  )
}
