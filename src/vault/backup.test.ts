// A backup is the whole vault, sealed: it opens with the keys it was made for, and comes back only where that loses nothing unsaid.
import { describe, expect, it } from 'vitest'
import {
  CANARY,
  KEY,
  WHERE,
  benchShelf,
  keyOf,
  newSecret,
  openBench,
  reopened,
} from './fixtures/bench.ts'
import { ageIdentity, ageRecipient } from './age-key.ts'
import { Secret } from './secret.ts'
import { parseVault } from './vault-file.ts'

const CHEAP = { memoryKib: 19_456, passes: 2, lanes: 1 }
// Of age's own tests: 32 bytes of 0x42.
const IDENTITY = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX'

describe('V012 a backup', () => {
  it('holds no secret in clear, and not the name of a key', async () => {
    const { vault } = await openBench()
    await vault.put(newSecret('house'))
    const text = await vault.backup()
    expect(text).not.toContain(CANARY)
    expect(text).not.toContain(Buffer.from(CANARY).toString('base64').slice(0, 20))
  })

  it('opens on another machine with any key of the vault', async () => {
    const { vault } = await openBench()
    await vault.addSlot({ type: 'recovery', given: keyOf(9) })
    await vault.put(newSecret('house'))
    const text = await vault.backup()
    for (const key of [KEY, keyOf(9)]) {
      const { vault: other } = await reopened(benchShelf())
      await other.restore(text, [key])
      expect(other.reveal('house', WHERE).reveal()).toBe(CANARY)
    }
    const { vault: thief } = await reopened(benchShelf())
    await expect(thief.restore(text, [keyOf(1)])).rejects.toMatchObject({
      code: 'vault_key_refused',
    })
    expect(thief.status().state).toBe('absent')
  })

  it('that is for a passphrase opens with nothing else', async () => {
    const { vault } = await openBench()
    await vault.put(newSecret('house'))
    const given = { form: 'passphrase', passphrase: new Secret('correct horse battery') } as const
    const text = await vault.backup({ slots: [{ type: 'passphrase', given, cost: CHEAP }] })
    const { vault: other } = await reopened(benchShelf())
    await expect(other.restore(text, [KEY])).rejects.toMatchObject({ code: 'vault_key_refused' })
    await other.restore(text, [given])
    expect(other.reveal('house', WHERE).reveal()).toBe(CANARY)
    // What was only lent for the way can be given a key of its own.
    await other.addSlot({ type: 'key-file', given: KEY })
    expect(other.status().slots).toHaveLength(2)
    // The vault itself does not know that passphrase.
    expect(vault.status().slots).toHaveLength(1)
  })

  it.each<readonly [string, (text: string) => string]>([
    ['a record is gone', (text) => edited(text, (vault) => ({ ...vault, records: [] }))],
    ['the epoch is another', (text) => text.replace(/"epoch": \d+/, '"epoch": 77')],
    [
      'a state is another',
      (text) =>
        text.replace('"state": "active",\n   "provider', '"state": "retired",\n   "provider'),
    ],
  ])('that was changed is found out: %s', async (_what, change) => {
    const { vault } = await openBench()
    await vault.put(newSecret('house'))
    const text = await vault.backup()
    const changed = change(text)
    expect(changed).not.toBe(text)
    const { vault: other } = await reopened(benchShelf())
    const outcome = await other.restore(changed, [KEY]).then(() => other.status().refused, String)
    expect(outcome).toEqual(
      changed.includes('"epoch": 77')
        ? expect.stringContaining('changed by somebody')
        : ['house/1'],
    )
  })
})

function edited(text: string, edit: (vault: Readonly<Record<string, unknown>>) => unknown): string {
  return JSON.stringify(edit(JSON.parse(text)))
}

describe('restoring', () => {
  it('an older file is refused unless it is meant; then nothing can be put back unseen', async () => {
    const { vault, shelf } = await openBench()
    await vault.put(newSecret('house', 'the-key-of-then'))
    const old = await vault.backup()
    await vault.rotateRoot()
    await vault.put(newSecret('house', 'the-key-of-now'))
    await expect(vault.restore(old, [KEY])).rejects.toMatchObject({ code: 'vault_rollback' })
    expect(vault.reveal('house', WHERE).reveal()).toBe('the-key-of-now')
    const { epoch = 0 } = vault.status()
    await vault.restore(old, [KEY], { acceptRollback: true })
    expect(vault.reveal('house', WHERE).reveal()).toBe('the-key-of-then')
    expect(vault.status().epoch).toBe(epoch + 1)
    const { vault: again } = await reopened(shelf)
    await again.unlock([KEY])
    expect(again.list().map(({ version }) => version)).toEqual([1])
  })

  it('a file of another vault is refused unless it is meant', async () => {
    const { vault } = await openBench()
    const { vault: other } = await openBench()
    await expect(vault.restore(await other.backup(), [KEY])).rejects.toThrow(/another vault/)
    await vault.restore(await other.backup(), [KEY], { acceptRollback: true })
    expect(vault.status().vaultId).toBe(other.status().vaultId)
  })

  it('an older vault.pbv as it lay in the folder works like a backup', async () => {
    const { vault, shelf } = await openBench()
    await vault.put(newSecret('house'))
    const old = shelf.file.text ?? ''
    await vault.rotateRoot()
    await vault.remove({ id: 'house' })
    await vault.restore(old, [KEY], { acceptRollback: true })
    expect(vault.reveal('house', WHERE).reveal()).toBe(CANARY)
    expect(parseVault(shelf.file.text ?? '').records).toHaveLength(1)
  })

  it('brings back what the database lost, over rows that cannot even be read', async () => {
    const { vault, shelf } = await openBench()
    await vault.put(newSecret('house'))
    const text = await vault.backup()
    await shelf.records.tamper([{ key: 'header', body: { broken: true } }])
    const { vault: again } = await reopened(shelf)
    expect(again.status()).toMatchObject({ state: 'sealed', reason: 'vault_corrupt' })
    await again.restore(text, [KEY])
    expect(again.reveal('house', WHERE).reveal()).toBe(CANARY)
    const { vault: last } = await reopened(shelf)
    await last.unlock([KEY])
    expect(last.reveal('house', WHERE).reveal()).toBe(CANARY)
  })
})

describe('keys of age', () => {
  // The example of age's own documentation (github.com/FiloSottile/age, README).
  const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'

  it('are read with their checksum, and nothing else is', () => {
    expect(ageRecipient(RECIPIENT)).toHaveLength(32)
    expect(ageRecipient(RECIPIENT.toUpperCase())).toEqual(ageRecipient(RECIPIENT))
    expect(ageRecipient(RECIPIENT.replace('q', 'p'))).toBeUndefined()
    expect(ageRecipient(`A${RECIPIENT.slice(1)}`)).toBeUndefined()
    expect(ageRecipient('age1')).toBeUndefined()
    expect(ageRecipient(IDENTITY)).toBeUndefined()
    expect(ageIdentity(RECIPIENT)).toBeUndefined()
    expect(ageIdentity(IDENTITY)).toEqual(Buffer.alloc(32, 0x42))
    expect(ageIdentity(`${IDENTITY.slice(0, -1)}Q`)).toBeUndefined()
  })

  it('seal a backup for whoever has the identity', async () => {
    const identity = Buffer.alloc(32, 5)
    const { keyPairOf } = await import('./x25519.ts')
    const { publicKey } = keyPairOf(Buffer.from(identity))
    const { vault } = await openBench()
    await vault.put(newSecret('house'))
    const text = await vault.backup({ ageKeys: [publicKey] })
    const { vault: other } = await reopened(benchShelf())
    await expect(other.restore(text, [KEY])).rejects.toMatchObject({ code: 'vault_key_refused' })
    await other.restore(text, [{ form: 'age', identity }])
    expect(other.reveal('house', WHERE).reveal()).toBe(CANARY)
  })
})
