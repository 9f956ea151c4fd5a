// Who has the vault's rows, its file or its backups, and no key.
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as keyFiles from '../../../src/vault/key-sources/key-file.ts'
import {
  KEY,
  MemoryFile,
  OpenRecords,
  SLOT,
  WHERE,
  benchShelf,
  newSecret,
} from '../../../src/vault/fixtures/bench.ts'
import type { RowWrite } from '../../../src/vault/secret-records.ts'
import { Secret } from '../../../src/vault/secret.ts'
import { type JsonObject, isArray, isObject, parseJson } from '../../../src/wire/json.ts'
import type { Attack } from '../attack.ts'
import { assertAbsent } from '../canaries.ts'
import { TEXTS, type Vault, codeOf, madeVault, rowOf, vaultOn } from '../vault-bench.ts'

const CIPHER = 'src/vault/record-cipher.ts'
const RECORD = 'src/vault/record.ts'

/** Every row is believed to be the one that was stored. */
const BELIEVING: Attack['weaken'] = [
  {
    file: 'src/vault/header.ts',
    find: 'records[key] === digestOf(record)',
    put: "digestOf(record) !== ''",
  },
]

const OTHER = { providerType: 'house', origin: 'https://evil.test:443' } as const

/** Fails at the given writing, before or after it has happened. */
class CrashingRecords extends OpenRecords {
  left: number
  readonly #when: 'before' | 'after'

  constructor(left: number, when: 'before' | 'after') {
    super()
    this.left = left
    this.#when = when
  }

  override async write(
    writes: readonly RowWrite[],
    headerRevision: number,
  ): Promise<number | undefined> {
    this.left -= 1
    if (this.left === 0 && this.#when === 'before') throw new Error('killed')
    const revision = await super.write(writes, headerRevision)
    if (this.left === 0) throw new Error('killed')
    return revision
  }
}

class CrashingFile extends MemoryFile {
  left = Infinity

  override async write(text: string): Promise<void> {
    this.left -= 1
    if (this.left === 0) throw new Error('killed')
    await super.write(text)
  }
}

async function assertAllOpen(vault: Vault): Promise<void> {
  await vault.unlock([KEY])
  for (const [at, text] of TEXTS.entries()) {
    const opened = vault.list(`s${at}`).some(({ isRefused }) => !isRefused)
    assert.ok(opened, `s${at} does not open any more`)
    assert.equal(vault.reveal(`s${at}`, WHERE).reveal(), text)
  }
  assert.deepEqual(await vault.check(), [])
}

/** The header with another cost in its only slot. */
function withCost(header: JsonObject, cost: JsonObject): JsonObject {
  const { slots } = header
  const [slot] = isArray(slots) ? slots : []
  assert.ok(isObject(slot))
  return { ...header, slots: [{ ...slot, kdf: { alg: 'argon2id', ...cost } }] }
}

export const vaultAttacks: readonly Attack[] = [
  {
    id: 'V002',
    name: 'exchanges what is sealed in two rows, or the rows themselves',
    run: async (build) => {
      const parts = ['salt', 'nonce', 'ct', 'tag'] as const
      for (const swapped of [parts, ['nonce', 'ct', 'tag'], ['ct', 'tag'], ['ct']]) {
        const { shelf } = await madeVault(build, [SLOT])
        const [one, two] = [await rowOf(shelf, 's0/1'), await rowOf(shelf, 's1/1')]
        const taken = (from: JsonObject): JsonObject =>
          Object.fromEntries(swapped.map((name) => [name, from[name] ?? null]))
        await shelf.records.tamper([
          { key: one.key, body: { ...one.body, ...taken(two.body) } },
          { key: two.key, body: { ...two.body, ...taken(one.body) } },
        ])
        const vault = await vaultOn(build, shelf)
        await vault.unlock([KEY])
        for (const id of ['s0', 's1']) {
          assert.equal(await codeOf(() => vault.reveal(id, WHERE)), 'secret_refused')
        }
        assert.deepEqual(await vault.check(), ['s0/1', 's1/1'])
        assert.equal(vault.reveal('s2', WHERE).reveal(), TEXTS[2])
      }
    },
    weaken: [
      ...BELIEVING,
      {
        file: CIPHER,
        find: "purpose: ['patchbay/v1/rec', id, version], salt",
        put: "purpose: ['patchbay/v1/rec', typeof id, version], salt",
      },
      { file: RECORD, find: '    record.id,\n    record.kind,\n', put: '    record.kind,\n' },
    ],
  },
  {
    id: 'V003',
    name: 'puts yesterday’s rows and file back',
    run: async (build) => {
      const { vault, shelf } = await madeVault(build, [SLOT])
      const rows = await shelf.records.copy()
      const file = new MemoryFile()
      file.text = shelf.file.text
      await vault.put(newSecret('s0', 'the-key-of-today-0123456789'))
      const old = { records: rows, file, witness: shelf.witness }
      const again = await vaultOn(build, old)
      assert.equal(again.status().state, 'sealed')
      assert.equal(await codeOf(() => again.unlock([KEY])), 'vault_rollback')
      // Who knows what they do says so.
      await again.unlock([KEY], { acceptRollback: true })
      assert.equal(again.reveal('s0', WHERE).reveal(), TEXTS[0])
    },
    weaken: [
      {
        file: 'src/vault/vault-shelf.ts',
        find: '  if (header.epoch < highest) {\n',
        put: '  if (header.epoch < 0) {\n',
      },
    ],
  },
  {
    id: 'V005',
    name: 'makes a passphrase cheap to guess, or so dear that the machine stands still',
    run: async (build) => {
      const given = { form: 'passphrase', passphrase: new Secret('correct horse') } as const
      const cost = { memoryKib: 19_456, passes: 2, lanes: 1 }
      const { shelf } = await madeVault(build, [{ type: 'passphrase', given, cost }])
      const header = await rowOf(shelf, 'header')
      for (const [memory, passes, lanes] of [
        [8, 1, 1],
        [19_456, 1, 1],
        [2 ** 30, 2, 1],
        [19_456, 2 ** 30, 1],
        [1_048_576, 16, 16],
        [19_456, 2, 0],
      ]) {
        const asked = { memory_kib: memory ?? 0, passes: passes ?? 0, lanes: lanes ?? 0 }
        await shelf.records.tamper([{ key: 'header', body: withCost(header.body, asked) }])
        shelf.file.text = undefined
        const start = performance.now()
        const vault = await vaultOn(build, shelf)
        assert.equal(await codeOf(() => vault.unlock([given])), 'vault_corrupt')
        assert.ok(performance.now() - start < 2000)
      }
    },
    weaken: [
      {
        file: 'src/vault/passphrase.ts',
        find: '  if (outside === undefined && cost.memoryKib * cost.passes <= MOST_WORK) return\n',
        put: '  if (outside === undefined || cost.passes < 16) return\n',
      },
    ],
  },
  {
    id: 'V007',
    name: 'leaves the key where others can read it, or leads to another file',
    run: async (build) => {
      const { namedKeyFile } = await build.load<typeof keyFiles>('vault/key-sources/key-file.ts')
      const folder = await mkdtemp(join(tmpdir(), 'patchbay-key-file-'))
      try {
        const path = join(folder, 'vault.key')
        await writeFile(path, Buffer.alloc(32, 7), { mode: 0o600 })
        const uid = process.getuid?.()
        const read = (
          at: string,
          more: { uid?: number; outside?: string } = {},
        ): Promise<unknown> => namedKeyFile(at, { uid, ...more }).read()
        assert.ok((await read(path)) !== undefined, 'a good key file is not read')
        for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602, 0o660, 0o777]) {
          await chmod(path, mode)
          assert.equal(await codeOf(() => read(path)), 'vault_key_unfit', mode.toString(8))
        }
        await chmod(path, 0o600)
        const link = join(folder, 'link.key')
        await symlink(path, link)
        const data = join(folder, 'data')
        await mkdir(data)
        const inside = join(data, 'vault.key')
        await writeFile(inside, Buffer.alloc(32, 7), { mode: 0o600 })
        for (const refused of [
          () => read(link),
          () => read(path, { uid: (uid ?? 0) + 1 }),
          () => read(inside, { outside: data }),
          () => read(data),
          () => read('/dev/zero'),
        ]) {
          assert.equal(await codeOf(refused), 'vault_key_unfit')
        }
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    weaken: [
      {
        file: 'src/vault/key-sources/private-file.ts',
        find: '(stat.mode & 0o177) === 0',
        put: '(stat.mode & 0o1) === 0',
      },
    ],
  },
  {
    id: 'V009',
    name: 'waits until a key and a nonce are used twice',
    run: async (build) => {
      const { vault, shelf } = await madeVault(build, [SLOT])
      for (let at = 0; at < 300; at += 1) await vault.put(newSecret(`n${at}`, TEXTS[0]))
      const rows = [...(await shelf.records.rowsByKey()).values()].filter(({ key }) =>
        key.startsWith('n'),
      )
      assert.equal(rows.length, 300)
      for (const part of ['salt', 'nonce', 'ct']) {
        const seen = new Set(rows.map(({ body }) => body[part]))
        assert.equal(seen.size, rows.length, `a ${part} came twice`)
      }
      // Each has a key of its own, so that even a broken source of nonces tells nothing.
      const same = benchShelf()
      let drawn = 0
      const poor = await vaultOn(build, same, (size) => {
        drawn += 1
        return size === 12 ? Buffer.alloc(12) : Buffer.alloc(size, drawn)
      })
      await poor.create([SLOT])
      for (const id of ['a', 'b']) await poor.put(newSecret(id, TEXTS[0]))
      const [one, two] = [await rowOf(same, 'a/1'), await rowOf(same, 'b/1')]
      assert.notEqual(one.body['ct'], two.body['ct'])
      assert.equal(vault.status().writes, 303)
    },
    weaken: [
      {
        file: CIPHER,
        find: '  const salt = random(SALT_BYTES)\n',
        put: '  const salt = Buffer.alloc(SALT_BYTES)\n',
      },
    ],
  },
  {
    id: 'V012',
    name: 'has a backup, and changes what it says',
    run: async (build) => {
      const { vault } = await madeVault(build, [SLOT])
      const text = await vault.backup()
      assertAbsent('a backup', text, TEXTS)
      assertAbsent('a backup', text, [Buffer.alloc(32, 7).toString('latin1')])
      const other = { form: 'bytes', bytes: Buffer.alloc(32, 8) } as const
      const fresh = await vaultOn(build, benchShelf())
      assert.equal(await codeOf(() => fresh.restore(text, [other])), 'vault_key_refused')
      const changed = text.replace(/"epoch":\s*\d+/, '"epoch": 999999')
      assert.notEqual(changed, text)
      assert.equal(await codeOf(() => fresh.restore(changed, [KEY])), 'vault_tampered')
      await fresh.restore(text, [KEY])
      assert.equal(fresh.reveal('s0', WHERE).reveal(), TEXTS[0])
      assert.ok(isObject(parseJson(text)))
    },
    weaken: [
      {
        file: 'src/vault/header-mac.ts',
        find: 'mac.length === expected.length && timingSafeEqual(mac, expected)',
        put: 'mac.length === expected.length',
      },
    ],
  },
  {
    id: 'V013',
    name: 'kills the process at every step of a new root key',
    run: async (build) => {
      for (const when of ['before', 'after'] as const) {
        for (let step = 1; step <= 3; step += 1) {
          const shelf = { ...benchShelf(), records: new CrashingRecords(Infinity, when) }
          const vault = await vaultOn(build, shelf)
          await vault.create([SLOT])
          for (const [at, text] of TEXTS.entries()) await vault.put(newSecret(`s${at}`, text))
          shelf.records.left = step
          const crashed = await vault.rotateRoot().catch(() => 'crashed')
          shelf.records.left = Infinity
          if (step === 1) assert.equal(crashed, 'crashed')
          await assertAllOpen(await vaultOn(build, shelf))
        }
      }
      const file = new CrashingFile()
      const shelf = { ...benchShelf(), file }
      const vault = await vaultOn(build, shelf)
      await vault.create([SLOT])
      for (const [at, text] of TEXTS.entries()) await vault.put(newSecret(`s${at}`, text))
      file.left = 1
      await vault.rotateRoot()
      await assertAllOpen(await vaultOn(build, shelf))
    },
    weaken: [
      {
        file: 'src/vault/vault-shelf.ts',
        find: '  return records.write(writes, before.revision)\n',
        put: '  const first = await records.write(writes.slice(-1), before.revision)\n  return first === undefined ? undefined : records.write([...writes.slice(0, -1), ...writes.slice(-1)], first)\n',
      },
    ],
  },
  {
    id: 'S013',
    name: 'writes another address beside a sealed key',
    run: async (build) => {
      const { shelf } = await madeVault(build, [SLOT])
      const row = await rowOf(shelf, 's0/1')
      const body = { ...row.body, origin: OTHER.origin }
      await shelf.records.tamper([{ key: row.key, body }])
      const vault = await vaultOn(build, shelf)
      await vault.unlock([KEY])
      assert.equal(await codeOf(() => vault.reveal('s0', OTHER)), 'secret_refused')
      assert.equal(await codeOf(() => vault.reveal('s0', WHERE)), 'secret_refused')
      assert.equal(await codeOf(() => vault.reveal('s1', OTHER)), 'secret_elsewhere')
      assert.deepEqual(vault.status().refused, ['s0/1'])
    },
    weaken: [
      ...BELIEVING,
      {
        file: RECORD,
        find: '    record.origin,\n    record.createdAt,\n',
        put: '    record.createdAt,\n',
      },
    ],
  },
]
