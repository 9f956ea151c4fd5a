// The published vectors open, and say the same to a second implementation that knows nothing of ours.
import * as crypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ObjectReader, parseJson } from '../wire/json.ts'
import { benchShelf, reopened } from './fixtures/bench.ts'
import { VECTOR_FILE, VECTOR_KEY, VECTOR_PASSPHRASE, vectorText } from './fixtures/vectors.ts'
import { Secret } from './secret.ts'

const text = readFileSync(VECTOR_FILE, 'utf8')
const vectors = ObjectReader.of(parseJson(text), '')
const file = ObjectReader.of(parseJson(vectors.string('vault')), '')
const header = file.object('header')
const WHERE = { providerType: 'custom', origin: 'https://house.example:443' }

describe('the vectors', () => {
  it('are what this version writes', async () => {
    expect(await vectorText()).toBe(text)
  })

  it.each([
    ['the key', { form: 'bytes', bytes: VECTOR_KEY } as const],
    ['the passphrase', { form: 'passphrase', passphrase: new Secret(VECTOR_PASSPHRASE) } as const],
  ])('open with %s', async (_name, given) => {
    const { vault } = await reopened(benchShelf())
    await vault.restore(vectors.string('vault'), [given])
    expect(vault.reveal('house', WHERE).reveal()).toBe('sk-house-0123456789abcdefghijklmnop')
    expect(vault.reveal('plain', WHERE).reveal()).toBe('päss wörd')
    expect(vault.key('virtual-key-pepper').secret.export().toString('base64')).toBe(
      vectors.string('virtual_key_pepper'),
    )
  })
})

// From here on: node:crypto and the description in decisions/023 alone.
describe('a second implementation', () => {
  const vaultId = header.string('vault_id')
  const [slot] = readers(header, 'slots')
  const [first, second] = readers(header, 'keyring')

  function readers(reader: ObjectReader, key: string): readonly ObjectReader[] {
    return reader.items(key).map(({ value, path }) => ObjectReader.of(value, path))
  }

  function bytes(reader: ObjectReader | undefined, key: string): Buffer {
    return Buffer.from(reader?.string(key) ?? '', 'base64')
  }

  function prefixed(...words: readonly (string | number | Buffer)[]): Buffer {
    return Buffer.concat(
      words.flatMap((word) => {
        const number = Buffer.alloc(8)
        if (typeof word === 'number') number.writeUInt32BE(word, 4)
        const content =
          typeof word === 'string' ? Buffer.from(word) : typeof word === 'number' ? number : word
        const length = Buffer.alloc(4)
        length.writeUInt32BE(content.length)
        return [length, content]
      }),
    )
  }

  function hkdf(key: Buffer, salt: Buffer, info: Buffer): Buffer {
    return Buffer.from(crypto.hkdfSync('sha256', key, salt, info, 32))
  }

  interface Parts {
    readonly nonce: Buffer
    readonly ciphertext: Buffer
    readonly tag: Buffer
    readonly bound: Buffer
  }

  function decrypt(key: Buffer, { nonce, ciphertext, tag, bound }: Parts): Buffer {
    const decipher = crypto.createDecipheriv('aes-256-gcm', key, nonce)
    decipher.setAAD(bound).setAuthTag(tag)
    return Buffer.concat([decipher.update(ciphertext), decipher.final()])
  }

  function rootOfSlot(): Buffer {
    const id = slot?.string('id') ?? ''
    const seed = hkdf(
      Buffer.alloc(32, 0x42),
      bytes(slot, 'salt'),
      prefixed('patchbay/v1/slot', vaultId, id),
    )
    const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), seed])
    const privateKey = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const spki = Buffer.from('302a300506032b656e032100', 'hex')
    const publicOf = (raw: Buffer): crypto.KeyObject =>
      crypto.createPublicKey({ key: Buffer.concat([spki, raw]), format: 'der', type: 'spki' })
    const [ephemeral, own] = [bytes(slot, 'ephemeral'), bytes(slot, 'public_key')]
    const shared = crypto.diffieHellman({ privateKey, publicKey: publicOf(ephemeral) })
    const wrapping = hkdf(
      shared,
      Buffer.concat([ephemeral, own]),
      prefixed('patchbay/v1/wrap', 'x25519-hkdf-sha256-aes-256-gcm'),
    )
    const bound = prefixed('patchbay/v1/slot', vaultId, id, 'key-file', 2, own, ephemeral)
    return decrypt(wrapping, {
      nonce: bytes(slot, 'nonce'),
      ciphertext: bytes(slot, 'wrapped_root'),
      tag: bytes(slot, 'tag'),
      bound,
    })
  }

  it('opens a secret by primitives alone', () => {
    const root = rootOfSlot()
    const record = readers(file, 'records').find((one) => one.string('record_id') === 'plain')
    const key = hkdf(root, bytes(record, 'salt'), prefixed('patchbay/v1/rec', 'plain', 1))
    const bound = prefixed(
      'patchbay-vault',
      1,
      vaultId,
      'plain',
      'provider-key',
      'secret',
      1,
      2,
      'custom',
      'https://house.example:443',
      '2026-11-28T00:00:00.000Z',
    )
    const padded = decrypt(key, {
      nonce: bytes(record, 'nonce'),
      ciphertext: bytes(record, 'ct'),
      tag: bytes(record, 'tag'),
      bound,
    })
    expect(padded).toHaveLength(64)
    expect(padded.subarray(4, 4 + padded.readUInt32BE()).toString()).toBe('päss wörd')
    const fingerprint = crypto
      .createHmac('sha256', hkdf(root, Buffer.alloc(0), prefixed('patchbay/v1/fingerprint')))
      .update('päss wörd')
      .digest('hex')
    expect(record?.string('fingerprint')).toBe(fingerprint.slice(0, 16))
  })

  it('finds the header signed, the older root under the newer, and its say of who follows', () => {
    const root = rootOfSlot()
    const { header_mac: mac, ...signed } = header.source
    const key = hkdf(root, Buffer.alloc(0), prefixed('patchbay/v1/header', vaultId))
    const expected = crypto
      .createHmac('sha256', key)
      .update(JSON.stringify(signed))
      .digest('base64')
    expect(mac).toBe(expected)
    const sealed = first?.object('sealed')
    const older = decrypt(hkdf(root, Buffer.alloc(0), prefixed('patchbay/v1/keyring', vaultId)), {
      nonce: bytes(sealed, 'nonce'),
      ciphertext: bytes(sealed, 'ct'),
      tag: bytes(sealed, 'tag'),
      bound: prefixed('patchbay/v1/keyring', vaultId, 1),
    })
    const commitment = crypto
      .createHash('sha256')
      .update(prefixed('patchbay/v1/commitment', root))
      .digest()
    const says = crypto
      .createHmac('sha256', hkdf(older, Buffer.alloc(0), prefixed('patchbay/v1/succession')))
      .update(prefixed(2, commitment))
      .digest('base64')
    expect(second?.string('succession')).toBe(says)
  })
})
