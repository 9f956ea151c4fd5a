// What a file may ask of the machine that reads it, and what is not read at all.
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, ObjectReader, parseJson } from '../wire/json.ts'
import { KEY, benchShelf, newSecret, openBench, reopened } from './fixtures/bench.ts'
import { type PassphraseCost, assertCost, fromPassphrase } from './passphrase.ts'
import { Secret } from './secret.ts'
import { parseVault } from './vault-file.ts'

const CHEAP: PassphraseCost = { memoryKib: 19_456, passes: 2, lanes: 1 }

async function fileWithPassphrase(): Promise<JsonObject> {
  const { vault } = await openBench()
  await vault.addSlot({
    type: 'passphrase',
    given: { form: 'passphrase', passphrase: new Secret('correct horse') },
    cost: CHEAP,
  })
  await vault.put(newSecret('house'))
  return ObjectReader.of(parseJson(await vault.backup()), '').source
}

/** The JSON with another value at a path. */
function edited(json: Json, path: readonly (string | number)[], value: Json | undefined): Json {
  const [step, ...rest] = path
  if (step === undefined) return value ?? null
  if (Array.isArray(json)) {
    return json.map((item: Json, at) => (at === step ? edited(item, rest, value) : item))
  }
  const source =
    typeof json === 'object' && json !== null ? new ObjectReader(Object(json), '').source : {}
  if (rest.length === 0 && value === undefined) {
    return Object.fromEntries(Object.entries(source).filter(([key]) => key !== step))
  }
  return { ...source, [step]: edited(source[step] ?? null, rest, value) }
}

const KDF = ['header', 'slots', 1, 'kdf'] as const

describe('V005 a passphrase slot', () => {
  it.each([
    ['almost no memory', { ...CHEAP, memoryKib: 1 }],
    ['less memory than the floor', { ...CHEAP, memoryKib: 19_455 }],
    ['more memory than the ceiling', { ...CHEAP, memoryKib: 2 ** 30 }],
    ['one pass', { ...CHEAP, passes: 1 }],
    ['passes without end', { ...CHEAP, passes: 2 ** 31 }],
    ['no lane', { ...CHEAP, lanes: 0 }],
    ['many lanes', { ...CHEAP, lanes: 17 }],
    ['half a pass', { ...CHEAP, passes: 2.5 }],
    ['all at once', { memoryKib: 1_048_576, passes: 16, lanes: 16 }],
  ])('is refused before any work is done: %s', async (_what, cost) => {
    expect(() => assertCost(cost)).toThrow(/not allowed/)
    const salt = Buffer.alloc(32)
    await expect(fromPassphrase(new Secret('x'), { salt, cost })).rejects.toMatchObject({
      code: 'vault_corrupt',
    })
    const file = await fileWithPassphrase()
    const { memoryKib, passes, lanes } = cost
    const kdf = { alg: 'argon2id', memory_kib: memoryKib, passes, lanes }
    const text = JSON.stringify(edited(file, KDF, kdf))
    expect(() => parseVault(text)).toThrow(/cannot be read|not allowed/)
  })

  it('is refused where its parameters are allowed, but others', async () => {
    const file = await fileWithPassphrase()
    const kdf = { alg: 'argon2id', memory_kib: 20_000, passes: 2, lanes: 1 }
    const text = JSON.stringify(edited(file, KDF, kdf))
    const { vault } = await reopened(benchShelf())
    await expect(vault.restore(text, [KEY])).rejects.toMatchObject({ code: 'vault_tampered' })
  })

  it('opens with its passphrase, written in whatever form of the same letters', async () => {
    const { vault, shelf } = await openBench()
    const slot = { type: 'passphrase', cost: CHEAP } as const
    await vault.addSlot({
      ...slot,
      given: { form: 'passphrase', passphrase: new Secret('caf\u00e9 au lait') },
    })
    const { vault: again } = await reopened(shelf)
    const wrong = { form: 'passphrase', passphrase: new Secret('cafe au lait') } as const
    await expect(again.unlock([wrong])).rejects.toMatchObject({ code: 'vault_key_refused' })
    await again.unlock([{ form: 'passphrase', passphrase: new Secret('cafe\u0301 au lait') }])
  })
})

describe('the parser', () => {
  it.each<readonly [string, readonly (string | number)[], Json | undefined]>([
    ['a later format', ['header', 'format'], 2],
    ['another magic', ['header', 'magic'], 'something'],
    ['another wrapping', ['header', 'slots', 0, 'wrap_alg'], 'none'],
    ['another cipher', ['records', 0, 'alg'], 'aes-256-ctr'],
    ['another way to stretch', [...KDF, 'alg'], 'pbkdf2'],
    ['a field that it does not know', ['header', 'extra'], 1],
    ['a field of a slot that it does not know', ['header', 'slots', 0, 'extra'], 1],
    ['a nonce of another length', ['records', 0, 'nonce'], 'AAAA'],
    ['a short tag', ['records', 0, 'tag'], 'AAAAAA=='],
    ['two ways to write the same bytes', ['records', 0, 'salt'], `${'A'.repeat(42)}B=`],
    ['no MAC', ['header', 'header_mac'], undefined],
    ['no slot type', ['header', 'slots', 0, 'type'], 'secret'],
    ['a slot without proof', ['header', 'slots', 0, 'proof'], undefined],
    ['no generation', ['header', 'keyring'], []],
    ['a negative epoch', ['header', 'epoch'], -1],
    ['a state that is none', ['records', 0, 'state'], 'stolen'],
  ])('refuses %s', async (_what, path, value) => {
    const text = JSON.stringify(edited(await fileWithPassphrase(), path, value))
    expect(() => parseVault(text)).toThrow(/cannot be read|no vault/)
  })

  it('refuses what is no vault at all', () => {
    for (const text of ['', 'null', '[]', '{', '{}', '{"header":{}}', '\u0000'.repeat(100)]) {
      expect(() => parseVault(text)).toThrow(/no vault|cannot be read/)
    }
  })

  it('reads what it wrote', async () => {
    const file = await fileWithPassphrase()
    expect(parseVault(JSON.stringify(file)).header.slots).toHaveLength(2)
  })
})
