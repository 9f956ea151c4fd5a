// Where a key may come from, and what is refused although it is a key.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findKey } from '../find-key.ts'
import { keyText } from '../key-text.ts'
import { environmentKey } from './environment-key.ts'
import { namedKeyFile, usualKeyFile } from './key-file.ts'
import type { KeySource } from './key-source.ts'
import { type LoadKeychain, keychain, systemKeychain } from './keychain.ts'
import { systemdCredential } from './systemd-credential.ts'

const KEY = Buffer.alloc(32, 7)
const GIVEN = { given: { form: 'bytes', bytes: KEY } }
const uid = process.geteuid?.()

let folder: string
let data: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'patchbay-keys-')))
  data = join(folder, 'data')
  mkdirSync(data)
})
afterEach(() => rmSync(folder, { recursive: true }))

function keyFile(name: string = 'vault.key', mode: number = 0o600): string {
  const path = join(folder, name)
  writeFileSync(path, `${keyText(KEY)}\n`)
  chmodSync(path, mode)
  return path
}

function source(path: string): KeySource {
  return namedKeyFile(path, { uid, outside: data })
}

describe('V007 a key file', () => {
  it.each([0o600, 0o400])('is taken with mode %o', async (mode) => {
    expect(await source(keyFile('k', mode)).read()).toMatchObject(GIVEN)
  })

  it.each([0o644, 0o640, 0o604, 0o660, 0o700, 0o602])(
    'is refused with mode %o, and the command that mends it is told',
    async (mode) => {
      const path = keyFile('k', mode)
      await expect(source(path).read()).rejects.toMatchObject({
        code: 'vault_key_unfit',
        message: expect.stringContaining(`Run: chmod 600 ${path}`),
      })
    },
  )

  it('is refused as a symbolic link, also to a good file', async () => {
    const link = join(folder, 'link')
    symlinkSync(keyFile(), link)
    await expect(source(link).read()).rejects.toThrow(/symbolic link/)
  })

  it.skipIf(uid !== 0)('is refused where it belongs to another user', async () => {
    const path = keyFile()
    chownSync(path, 12_345, 12_345)
    await expect(source(path).read()).rejects.toThrow(`Run: chown 0 ${path}`)
  })

  it('is refused in the data folder, in whatever way it is written', async () => {
    const inside = keyFile('data/vault.key')
    symlinkSync(data, join(folder, 'elsewhere'))
    mkdirSync(join(data, 'deep'))
    for (const path of [
      inside,
      join(folder, 'elsewhere', 'vault.key'),
      join(data, 'deep', '..', 'vault.key'),
    ]) {
      await expect(source(path).read()).rejects.toThrow(/lies in the data folder/)
    }
    expect(
      await namedKeyFile(keyFile('data-of-others'), { uid, outside: data }).read(),
    ).toMatchObject(GIVEN)
  })

  it('is refused where it is no file, no key, or not there', async () => {
    await expect(source(data).read()).rejects.toThrow(/no regular file|cannot be read/)
    const path = keyFile()
    writeFileSync(path, 'hunter2')
    await expect(source(path).read()).rejects.toThrow(/does not hold a key/)
    await expect(source(path).read()).rejects.not.toThrow(/hunter2/)
    await expect(source(join(folder, 'none')).read()).rejects.toThrow(/no key file at/)
  })

  it('at its usual place need not be there, but must be fit', async () => {
    const usual = usualKeyFile(join(folder, 'usual', 'vault.key'), { uid })
    expect(await usual.read()).toBeUndefined()
    await expect(usualKeyFile(keyFile('k', 0o644), { uid }).read()).rejects.toThrow(/chmod/)
  })
})

describe('a systemd credential', () => {
  it('is read where systemd shows it', async () => {
    expect(await systemdCredential(undefined).read()).toBeUndefined()
    expect(await systemdCredential(folder).read()).toBeUndefined()
    keyFile('patchbay-vault-key', 0o440)
    expect(await systemdCredential(folder).read()).toMatchObject({
      type: 'systemd-credential',
      ...GIVEN,
    })
    writeFileSync(join(folder, 'patchbay-vault-key'), 'something')
    await expect(systemdCredential(folder).read()).rejects.toMatchObject({
      code: 'vault_key_unfit',
    })
  })
})

function entry(password: string | null): LoadKeychain {
  return async () => ({ getPassword: () => password, setPassword: () => {} })
}

describe('the keychain', () => {
  it('is asked where its package is installed, which Patchbay does not bring', async () => {
    expect(existsSync('node_modules/@napi-rs/keyring')).toBe(false)
    expect(await keychain(systemKeychain).read()).toBeUndefined()
    expect(await keychain(entry(null)).read()).toBeUndefined()
    expect(await keychain(entry(keyText(KEY))).read()).toMatchObject({ type: 'keychain', ...GIVEN })
    await expect(keychain(entry('hunter2')).read()).rejects.toMatchObject({
      code: 'vault_key_unfit',
    })
  })

  it('that does not answer is told apart from one that has no key', async () => {
    const broken = keychain(async () => {
      throw new Error('org.freedesktop.secrets is locked')
    })
    await expect(broken.read()).rejects.toMatchObject({ code: 'vault_key_unreachable' })
  })
})

describe('V010 the environment variable', () => {
  it('works, is taken out of the environment, and is advised against', async () => {
    const env: Record<string, string | undefined> = { PATCHBAY_VAULT_KEY: keyText(KEY) }
    const forget = (name: string): void => void Reflect.deleteProperty(env, name)
    const variable = environmentKey({ env, forget })
    const found = await variable.read()
    expect(found).toMatchObject({ type: 'environment', ...GIVEN })
    expect(found?.warning).toContain('other programs of this user can read in /proc')
    expect(found?.warning).not.toContain(keyText(KEY))
    expect(env).toEqual({})
    // Asked again, after it was taken away.
    expect(await variable.read()).toMatchObject(GIVEN)
  })

  it('with something else in it is refused without telling what', async () => {
    const env = { PATCHBAY_VAULT_KEY: 'hunter2' }
    const read = environmentKey({ env, forget: () => {} }).read()
    await expect(read).rejects.toMatchObject({ code: 'vault_key_unfit' })
    await expect(read).rejects.not.toThrow(/hunter2/)
  })
})

describe('the places together', () => {
  const none: KeySource = { name: 'none', read: async () => undefined }
  const down = keychain(async () => {
    throw new Error('down')
  })

  it('are asked in order; the first that has one gives it', async () => {
    const one = usualKeyFile(keyFile('one'), { uid })
    const two = usualKeyFile(keyFile('two'), { uid })
    expect((await findKey([none, one, two])).found?.where).toBe(join(folder, 'one'))
  })

  it('go on past one that does not answer, and say so where no other has one', async () => {
    expect((await findKey([down, usualKeyFile(keyFile(), { uid })])).found).toBeDefined()
    expect((await findKey([down, none])).unreachable?.code).toBe('vault_key_unreachable')
    expect(await findKey([none])).toEqual({})
  })

  it('do not go on past a key that may not be used as it is', async () => {
    const bad = usualKeyFile(keyFile('bad', 0o644), { uid })
    await expect(findKey([bad, usualKeyFile(keyFile('good'), { uid })])).rejects.toThrow(/chmod/)
  })
})
