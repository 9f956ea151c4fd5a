// What is registered while it runs, beside a file that wins: kept, heard of elsewhere, its keys in the vault alone.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeTime } from '../../../test/server-fakes.ts'
import { mergeLayers } from '../../config/merge.ts'
import type { ConfigLayer, PatchbayConfig } from '../../config/schema.ts'
import { ProviderManager } from '../../pipeline/library.ts'
import type { ProviderConfig } from '../../providers/provider-config.ts'
import { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import { openDatabase } from '../../store/open-database.ts'
import type { Database, Operation, Row } from '../../store/operation.ts'
import { type Bench, type BenchShelf, openBench } from '../../vault/fixtures/bench.ts'
import type { Vault } from '../../vault/vault.ts'
import type { RegisterBody } from '../routes/register-body.ts'
import { InForce } from '../reload.ts'
import { type OpenedRegistry, openRegistry } from './open-registry.ts'

const KEY = 'sk-canary-0123456789abcdef'
const OTHER_KEY = 'sk-canary-fedcba9876543210'

const HOUSE: RegisterBody = {
  provider_type: 'custom',
  name: 'house',
  base_url: 'https://house.example/v1',
  models: ['m'],
}

const IN_FILE: ProviderConfig = {
  providerType: 'custom',
  name: 'house',
  baseUrl: 'https://file.example/v1',
}

function config(layer: ConfigLayer = {}): PatchbayConfig {
  const where = { dataDir: '', baseDir: '', file: '/etc/patchbay.yaml' }
  return mergeLayers([layer], where)
}

interface Gateway extends OpenedRegistry {
  readonly manager: ProviderManager
  readonly documents: WatchedDocuments
  readonly inForce: InForce
  reload(layer: ConfigLayer): void
  close(): void
}

let database: Database
let bench: Bench<BenchShelf>
const open: Gateway[] = []
let time = new FakeTime()

beforeEach(async () => {
  time = new FakeTime()
  database = await openDatabase({ url: 'memory:', file: '', durability: 'fast', now: () => 1 })
  bench = await openBench()
})
afterEach(async () => {
  for (const one of open.splice(0)) one.close()
  await database.close()
})

/** As a start does; on the same database and vault as any other. */
async function start(
  layer: ConfigLayer = {},
  vault: Vault | 'none' = bench.vault,
): Promise<Gateway> {
  const manager = new ProviderManager()
  const documents = new WatchedDocuments(database, {
    now: () => 1,
    every: () => () => undefined,
    failed: (thrown) => {
      throw thrown
    },
  })
  const inForce = new InForce(config(layer))
  for (const one of inForce.config.providers) manager.registerProvider(one)
  const given = vault === 'none' ? {} : { vault }
  const opened = await openRegistry({
    documents,
    manager,
    inForce,
    now: time.now,
    after: time.after,
    ...given,
  })
  const chosen = opened.registerStored()
  if (chosen !== undefined && manager.findProvider(chosen) !== undefined) manager.setDefault(chosen)
  const gateway = {
    ...opened,
    manager,
    documents,
    inForce,
    reload: (next: ConfigLayer) => {
      void opened.registry.apply(config(next))()
      inForce.config = config(next)
    },
    close: () => {
      opened.close()
      documents.close()
    },
  }
  open.push(gateway)
  return gateway
}

function keyIn({ manager }: Gateway, name: string): string | undefined {
  return manager.findProvider(name)?.credentials?.key()?.reveal()
}

const everything: Operation<null, readonly Row[]> = {
  name: 'test/everything',
  *steps() {
    return yield { sql: 'SELECT kind, id, body FROM documents WHERE body IS NOT NULL' }
  },
}

/** Everything that lies in the database. */
async function stored(): Promise<string> {
  return JSON.stringify(await database.run(everything, null))
}

/** As somebody does who can write the database. */
async function edit(sql: string): Promise<void> {
  await database.run(
    {
      name: 'test/edit',
      *steps() {
        yield { sql }
        return null
      },
    },
    null,
  )
}

describe('a provider that is registered over the API', () => {
  it('is there after a restart, with its key and as the default', async () => {
    const first = await start()
    await first.registrar.register({ ...HOUSE, api_key: KEY })
    await first.registrar.register({ ...HOUSE, name: 'second' })
    await first.registrar.setDefault('second')
    const again = await start()
    expect(again.manager.listProviders().map(({ name }) => name)).toEqual(['house', 'second'])
    expect(again.manager.defaultName).toBe('second')
    expect(keyIn(again, 'house')).toBe(KEY)
    expect(again.sources.ofProvider('house')).toBe('api')
  })

  it('stays away once it is removed, and its key is gone', async () => {
    const first = await start()
    await first.registrar.register({ ...HOUSE, api_key: KEY })
    await first.registrar.remove('house', 'any')
    expect(first.manager.findProvider('house')).toBeUndefined()
    expect(bench.vault.list()).toEqual([])
    expect((await start()).manager.listProviders()).toEqual([])
  })

  it('is stored without its key: that is in the vault, bound to its address', async () => {
    const first = await start()
    const keys = [{ name: 'spare', key: OTHER_KEY, weight: 2 }]
    await first.registrar.register({ ...HOUSE, api_key: KEY, api_keys: keys })
    const text = await stored()
    expect(text).toContain('provider:house:k1')
    expect(text).not.toContain(KEY)
    expect(text).not.toContain(OTHER_KEY)
    expect(bench.vault.list()).toMatchObject([
      { id: 'provider:house:k1', origin: 'https://house.example:443', providerType: 'custom' },
      { id: 'provider:house:spare' },
    ])
    const again = await start()
    expect(again.manager.getProvider('house').credentials?.configured).toMatchObject([
      { name: 'k1' },
      { name: 'spare', weight: 2 },
    ])
  })

  it('with a key needs a vault, or is for this process only', async () => {
    const first = await start({}, 'none')
    const body = { ...HOUSE, api_key: KEY }
    await expect(first.registrar.register(body)).rejects.toMatchObject({
      code: 'vault_missing',
      status: 409,
      message: expect.stringContaining('patchbay init'),
    })
    expect(first.manager.findProvider('house')).toBeUndefined()
    await first.registrar.register({ ...body, persist: false })
    expect(keyIn(first, 'house')).toBe(KEY)
    expect(await stored()).toBe('[]')
    await bench.vault.lock()
    const sealed = await start()
    await expect(sealed.registrar.register(body)).rejects.toMatchObject({ code: 'vault_sealed' })
  })

  it.each(['x-api-key', 'Authorization', 'X-Team-Token', 'apikey'])(
    'has no key in the header %s: that would not be in the vault',
    async (name) => {
      const first = await start()
      const body = { ...HOUSE, api_key: KEY, settings: { headers: { [name]: OTHER_KEY } } }
      await expect(first.registrar.register(body)).rejects.toMatchObject({
        code: 'key_outside_vault',
      })
      expect(bench.vault.list()).toEqual([])
      await first.registrar.register({ ...body, persist: false })
    },
  )

  it('that cannot be stored leaves no key behind', async () => {
    const first = await start()
    await first.registrar.register(HOUSE)
    await expect(first.registrar.register({ ...HOUSE, api_key: KEY })).rejects.toMatchObject({
      code: 'provider_exists',
    })
    expect(bench.vault.list()).toEqual([])
  })

  it('is heard of by others on the same database, and so is that it went', async () => {
    const [one, other] = [await start(), await start()]
    await one.registrar.register(HOUSE)
    await one.registrar.setDefault('house')
    await other.documents.look()
    expect(other.manager.defaultName).toBe('house')
    await one.registrar.setRoute('smart', ['house/m'], 'any')
    await other.documents.look()
    expect(other.manager.routes.find('smart')?.targets).toEqual([{ model: 'house/m' }])
    await one.registrar.removeRoute('smart', 'any')
    await one.registrar.remove('house', 'any')
    await other.documents.look()
    expect(other.manager.listProviders().map(({ name }) => name)).toEqual([])
    expect(other.manager.routes.list()).toEqual([])
  })
})

describe('the file', () => {
  it('wins for what it names; what is stored under the name is kept aside, and comes back', async () => {
    const first = await start()
    await first.registrar.register(HOUSE)
    await first.registrar.setRoute('smart', ['house/m'], 'any')
    const layer = {
      providers: [IN_FILE],
      routes: [{ name: 'smart', targets: [{ model: 'house/other' }] }],
    }
    const second = await start(layer)
    const url = (): string | undefined => second.manager.getProvider('house').config.baseUrl
    expect(url()).toBe(IN_FILE.baseUrl)
    expect(second.sources.ofProvider('house')).toBe('file')
    expect(second.registry.shadowed).toEqual([
      {
        kind: 'provider',
        name: 'house',
        reason: '/etc/patchbay.yaml names a provider "house", which wins.',
      },
      {
        kind: 'route',
        name: 'smart',
        reason: '/etc/patchbay.yaml names a route "smart", which wins.',
      },
    ])
    second.reload({})
    expect(url()).toBe(HOUSE.base_url)
    expect(second.registry.shadowed).toEqual([])
    expect(second.manager.routes.find('smart')?.targets).toEqual([{ model: 'house/m' }])
    second.reload(layer)
    expect(url()).toBe(IN_FILE.baseUrl)
  })

  it('cannot be changed over the API: neither what it names, nor the default that it names', async () => {
    const only = await start({
      providers: [IN_FILE],
      routes: [{ name: 'smart', targets: [{ model: 'house/m' }] }],
      defaultProvider: 'house',
    })
    await only.registrar.register({ ...HOUSE, name: 'other' })
    const { registrar } = only
    for (const attempt of [
      registrar.register(HOUSE),
      registrar.register({ ...HOUSE, persist: false }),
      registrar.change('house', { base_url: 'https://evil.example/v1' }, 'any'),
      registrar.enable('house', { key: KEY }),
      registrar.remove('house', 'any'),
      registrar.setRoute('smart', ['other/m'], 'any'),
      registrar.removeRoute('smart', 'any'),
      registrar.setDefault('other'),
    ]) {
      await expect(attempt).rejects.toMatchObject({
        code: 'managed_by_file',
        status: 409,
        message: expect.stringContaining('/etc/patchbay.yaml'),
      })
    }
    expect(only.manager.defaultName).toBe('house')
    expect(only.manager.getProvider('house').config.baseUrl).toBe(IN_FILE.baseUrl)
  })

  it('wins over a stored default as well', async () => {
    const first = await start({ providers: [IN_FILE] })
    await first.registrar.register({ ...HOUSE, name: 'other' })
    await first.registrar.setDefault('other')
    const second = await start({ providers: [IN_FILE], defaultProvider: 'house' })
    expect(second.registry.defaultName).toBe('house')
  })
})

describe('a stored provider that is changed', () => {
  it('takes what is said and keeps the rest; two who change one state do not both win', async () => {
    const first = await start()
    await first.registrar.register({ ...HOUSE, api_key: KEY, timeout: 5 })
    await first.registrar.change('house', { models: ['n'], timeout: null }, 1)
    const { config: now } = first.manager.getProvider('house')
    expect(now).toMatchObject({ models: ['n'], baseUrl: HOUSE.base_url })
    expect(now.timeout).toBeUndefined()
    expect(keyIn(first, 'house')).toBe(KEY)
    await expect(first.registrar.change('house', { models: ['o'] }, 1)).rejects.toMatchObject({
      code: 'version_conflict',
    })
  })

  it('keeps its key where it is sent: another address needs the key anew', async () => {
    const first = await start()
    await first.registrar.register({ ...HOUSE, api_key: KEY })
    const elsewhere = { base_url: 'https://evil.example/v1' }
    await expect(first.registrar.change('house', elsewhere, 'any')).rejects.toMatchObject({
      code: 'key_bound_to_origin',
      status: 409,
    })
    expect(first.manager.getProvider('house').config.baseUrl).toBe(HOUSE.base_url)
    await first.registrar.change('house', { base_url: 'https://house.example/v2' }, 'any')
    await first.registrar.change('house', { ...elsewhere, api_key: OTHER_KEY }, 'any')
    expect(keyIn(first, 'house')).toBe(OTHER_KEY)
    expect(keyIn(await start(), 'house')).toBe(OTHER_KEY)
  })

  it('goes on as it is where only a key changes, here and elsewhere', async () => {
    const [one, other] = [await start(), await start()]
    await one.registrar.register({ ...HOUSE, api_key: KEY })
    await other.documents.look()
    const before = [one, other].map(({ manager }) => manager.getProvider('house'))
    await one.registrar.replaceKey('house', { label: 'k1', key: OTHER_KEY })
    await other.documents.look()
    expect([one, other].map((each) => keyIn(each, 'house'))).toEqual([OTHER_KEY, OTHER_KEY])
    expect([one, other].map(({ manager }) => manager.getProvider('house'))).toEqual(before)
    await one.registrar.replaceKey('house', { label: 'k2', key: KEY, weight: 3 })
    expect(one.manager.getProvider('house').credentials?.labels).toEqual(['k1', 'k2'])
    await one.registrar.removeKey('house', 'k1')
    expect(keyIn(await start(), 'house')).toBe(KEY)
    expect(await stored()).not.toContain('sk-canary')
  })
})

describe('what somebody wrote into the database', () => {
  it('a provider pointed elsewhere gets no key: it says why, and the others work', async () => {
    const first = await start()
    await first.registrar.register({ ...HOUSE, api_key: KEY })
    await first.registrar.register({ ...HOUSE, name: 'other', api_key: OTHER_KEY })
    await edit(
      `UPDATE documents SET body = replace(body, 'house.example', 'evil.example') WHERE id = 'house'`,
    )
    const again = await start()
    const house = again.manager.getProvider('house')
    expect(house.disabledReason).toMatch(/does not open: it was entered for another address/)
    expect(house.credentials?.set).toBeUndefined()
    expect(() => house.assertEnabled()).toThrow(/does not open/)
    expect(keyIn(again, 'other')).toBe(OTHER_KEY)
    expect(again.manager.getProvider('other').enabled).toBe(true)
  })

  it('a provider that names the key of another gets none', async () => {
    const first = await start()
    await first.registrar.register({ ...HOUSE, api_key: KEY })
    const evil = { ...HOUSE, name: 'evil', base_url: 'https://evil.example/v1', api_key: OTHER_KEY }
    await first.registrar.register(evil)
    await edit(
      `UPDATE documents SET body = replace(body, 'provider:evil:k1', 'provider:house:k1') WHERE id = 'evil'`,
    )
    const again = await start()
    expect(again.manager.getProvider('evil').disabledReason).toMatch(/does not open/)
    expect(keyIn(again, 'evil')).toBeUndefined()
  })

  it('what is no provider and no route is said to be broken, and the others work', async () => {
    const first = await start()
    await first.registrar.register(HOUSE)
    await first.registrar.register({ ...HOUSE, name: 'other' })
    await first.registrar.setRoute('smart', ['house/m'], 'any')
    await first.registrar.setRoute('fine', ['other/m'], 'any')
    await edit(`UPDATE documents SET body = '{"provider":{"exec":"rm"}}' WHERE id = 'house'`)
    await edit(`UPDATE documents SET body = '{"route":7}' WHERE id = 'smart'`)
    const again = await start()
    expect(again.registry.broken.map(({ kind, name }) => [kind, name])).toEqual([
      ['provider', 'house'],
      ['route', 'smart'],
    ])
    expect(again.manager.listProviders().map(({ name }) => name)).toEqual(['other'])
    expect(again.manager.routes.list().map(({ name }) => name)).toEqual(['fine'])
    await again.registrar.remove('house', 'any')
    expect(again.registry.broken).toHaveLength(1)
  })

  it('of a type that is not there any more is broken until the type is back', async () => {
    const first = await start()
    await first.registrar.register(HOUSE)
    await edit(`UPDATE documents SET body = replace(body, '"custom"', '"gone"') WHERE id = 'house'`)
    const again = await start()
    expect(again.registry.broken).toMatchObject([
      { name: 'house', reason: expect.stringContaining('Unknown provider type "gone"') },
    ])
  })
})

describe('a vault that is sealed at the start', () => {
  it('leaves its providers without keys until it is opened', async () => {
    const first = await start()
    await first.registrar.register({ ...HOUSE, api_key: KEY })
    await bench.vault.lock()
    const again = await start()
    expect(again.manager.getProvider('house').disabledReason).toMatch(/vault unlock/)
    await bench.vault.unlock([{ form: 'bytes', bytes: Buffer.alloc(32, 7) }])
    expect(again.manager.getProvider('house').enabled).toBe(true)
    expect(keyIn(again, 'house')).toBe(KEY)
  })
})
