// No key is used twice with one nonce, however many secrets are sealed.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEY, newSecret, openBench, reopened } from './fixtures/bench.ts'
import { MOST_WRITES } from './keyring.ts'
import { pad, unpad } from './padding.ts'
import { openRecord, sealRecord } from './record-cipher.ts'
import { rootKey } from './root-key.ts'
import { Secret } from './secret.ts'
import { emptyContent, withRecord } from './vault-content.ts'

const ROOM = { vaultId: '00'.repeat(16), root: rootKey(1, Buffer.alloc(32, 1)) }
const FACTS = {
  id: 'house',
  version: 1,
  kind: 'provider-key',
  state: 'active',
  providerType: 'house',
  origin: 'https://house.example:443',
  createdAt: '2026-11-28T00:00:00.000Z',
} as const

describe('V009 nonces', () => {
  it('and salts are new for every writing, also of the same secret in the same row', () => {
    const seen = new Set<string>()
    const times = 20_000
    for (let at = 0; at < times; at += 1) {
      const { salt, sealed } = sealRecord(ROOM, FACTS, { text: 'same', random: randomBytes })
      expect(salt.length).toBe(32)
      expect(sealed.nonce.length).toBe(12)
      seen.add(salt.toString('hex'))
      seen.add(sealed.nonce.toString('hex'))
      seen.add(sealed.ciphertext.toString('hex'))
    }
    expect(seen.size).toBe(3 * times)
  })

  it('that are the same by bad luck still meet another key', () => {
    let calls = 0
    const salts = (size: number): Buffer => Buffer.alloc(size, size === 12 ? 9 : (calls += 1))
    const one = sealRecord(ROOM, FACTS, { text: 'same', random: salts })
    const two = sealRecord(ROOM, FACTS, { text: 'same', random: salts })
    const three = sealRecord(
      ROOM,
      { ...FACTS, version: 2 },
      { text: 'same', random: (size) => Buffer.alloc(size, size === 12 ? 9 : 1) },
    )
    const texts = [one, two, three].map(({ sealed }) => sealed.ciphertext.toString('hex'))
    expect(new Set(texts).size).toBe(3)
  })

  it('are counted, and a generation that has sealed 2^31 seals no more', () => {
    const content = emptyContent({ random: randomBytes, at: '2026' })
    const writes = MOST_WRITES - 1
    expect(writes).toBe(2_147_483_647)
    const worn = {
      ...content,
      header: { ...content.header, keyring: [{ generation: 1, createdAt: '', writes }] },
    }
    const sealing = { text: 'one more', random: randomBytes }
    const last = withRecord(worn, FACTS, sealing)
    expect(last.header.keyring.at(-1)?.writes).toBe(MOST_WRITES)
    expect(() => withRecord(last, FACTS, sealing)).toThrow(/rotate-root/)
  })

  it('are counted through every change and start', async () => {
    const { vault, shelf } = await openBench()
    await vault.put(newSecret('one'))
    await vault.put(newSecret('two'))
    await vault.remove({ id: 'one' })
    expect(vault.status().writes).toBe(2)
    await vault.rotateRoot()
    expect(vault.status()).toMatchObject({ writes: 1, generation: 2 })
    const { vault: again } = await reopened(shelf)
    await again.unlock([KEY])
    expect(again.status()).toMatchObject({ writes: 1, generation: 2 })
  })
})

function lengthOf(text: string): number {
  return sealRecord(ROOM, FACTS, { text, random: randomBytes }).sealed.ciphertext.length
}

describe('padding', () => {
  it('gives back every secret, in whole blocks of 64', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const padded = pad(bytes)
        expect(padded.length % 64).toBe(0)
        expect(unpad(padded)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('shows of the length no more than the number of blocks', () => {
    expect(lengthOf('x')).toBe(lengthOf('x'.repeat(60)))
    expect(lengthOf('x'.repeat(61))).toBe(128)
  })

  it('is refused where it is not as we write it', () => {
    const padded = pad(Buffer.from('secret'))
    expect(unpad(Buffer.alloc(0))).toBeUndefined()
    expect(unpad(padded.subarray(0, 63))).toBeUndefined()
    expect(unpad(Buffer.concat([padded, Buffer.alloc(64)]))).toBeUndefined()
    padded[63] = 1
    expect(unpad(padded)).toBeUndefined()
  })
})

it('any secret comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (text) => {
      const known = Buffer.from(text, 'utf8').toString('utf8')
      expect(openRecord(ROOM, sealRecord(ROOM, FACTS, { text, random: randomBytes }))).toBe(known)
    }),
    { numRuns: 200 },
  )
})

it('an empty secret is none', async () => {
  const { vault } = await openBench()
  await expect(vault.put({ ...newSecret('house'), secret: new Secret('') })).rejects.toMatchObject({
    code: 'vault_unfit',
  })
  await expect(vault.put(newSecret('../house'))).rejects.toMatchObject({ code: 'vault_unfit' })
})
