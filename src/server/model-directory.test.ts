// The directory of models: asked once, in parallel, never held up by one that hangs.
import { describe, expect, it } from 'vitest'
import {
  FakeProvider,
  type FakeProviderOptions,
  FakeTime,
  settled,
} from '../../test/server-fakes.ts'
import type { ModelCard } from '../canonical/model-card.ts'
import { ProviderManager } from '../providers/manager.ts'
import { UNBOUND } from '../access/grant.ts'
import type { Caller } from './auth.ts'
import { ModelDirectory } from './model-directory.ts'

const client: Caller = { kind: 'client', keyId: 'one', grant: UNBOUND }
const anonymous: Caller = { kind: 'anonymous', use: 'local', foreignKey: false }

/** Counts how often it is asked for its list, and answers when told to. */
class ListedProvider extends FakeProvider {
  lists = 0
  gate: Promise<void> = Promise.resolve()
  aborted = false

  constructor(options: Partial<FakeProviderOptions> = {}) {
    super({ name: 'box', local: true, ...options })
  }

  override async describeModels(signal?: AbortSignal): Promise<readonly ModelCard[]> {
    this.lists += 1
    signal?.addEventListener('abort', () => {
      this.aborted = true
    })
    await this.gate
    return super.describeModels(signal)
  }
}

interface Setup {
  readonly directory: ModelDirectory
  readonly time: FakeTime
}

function setup(...providers: readonly FakeProvider[]): Setup {
  const time = new FakeTime()
  const manager = new ProviderManager({ clock: time.now })
  for (const provider of providers) manager.registerProvider(provider)
  const aliases = { quick: 'box/tiny', dear: 'cloud/large', broken: 'nowhere' }
  return {
    time,
    directory: new ModelDirectory({ manager, aliases, now: time.now, after: time.after }),
  }
}

/** Without the aliases: those stay known whatever becomes of a list. */
const listed = (cards: readonly ModelCard[]): readonly string[] =>
  cards.map((card) => card.id).filter((id) => id.includes('/'))

const ids = (cards: readonly ModelCard[]): readonly string[] => cards.map((card) => card.id)

describe('a list', () => {
  it('is asked for once by many, and again when it has grown old', async () => {
    const box = new ListedProvider()
    const { directory, time } = setup(box)
    await Promise.all([directory.cards(client), directory.cards(client)])
    await time.pass(29_999)
    await directory.cards(client)
    expect(box.lists).toBe(1)
    await time.pass(1)
    await directory.cards(client)
    expect(box.lists).toBe(2)
    expect(time.waiting).toBe(0)
  })

  it('that fails is missing, and is asked for again soon', async () => {
    const box = new ListedProvider({ listFailure: new Error('down') })
    const { directory, time } = setup(box)
    expect(listed(await directory.cards(client))).toEqual([])
    await time.pass(4999)
    await directory.cards(client)
    expect(box.lists).toBe(1)
    await time.pass(1)
    await directory.cards(client)
    expect(box.lists).toBe(2)
  })

  it('that does not come holds nobody up, and is called off', async () => {
    const box = new ListedProvider()
    box.gate = new Promise(() => undefined)
    const { directory, time } = setup(box, new FakeProvider({ name: 'other', local: true }))
    const cards = directory.cards(client)
    await settled()
    await time.pass(5000)
    expect(listed(await cards)).toEqual(['other/tiny'])
    expect(box.aborted).toBe(true)
  })

  it('is not waited for when the name says it all', async () => {
    const box = new ListedProvider({ defaultModel: 'tiny' })
    const { directory } = setup(box)
    const targets = await Promise.all(
      ['box/any', 'box', 'quick', ''].map((model) => directory.resolve({ model }, client)),
    )
    expect(targets.map(({ target }) => target.model)).toEqual(['any', 'tiny', 'tiny', 'tiny'])
    expect(box.lists).toBe(0)
  })
})

const cloud = (): ListedProvider =>
  new ListedProvider({ name: 'cloud', local: false, models: ['large'] })

describe('what a caller may see', () => {
  it('has the aliases that lead to it, and no others', async () => {
    const { directory } = setup(new ListedProvider(), cloud())
    expect(ids(await directory.cards(client))).toEqual(['box/tiny', 'cloud/large', 'quick', 'dear'])
    expect(ids(await directory.cards(anonymous))).toEqual(['box/tiny', 'quick'])
  })

  it('is not asked of providers out of reach', async () => {
    const far = cloud()
    const { directory } = setup(new ListedProvider(), far)
    await directory.cards(anonymous)
    expect(far.lists).toBe(0)
  })

  it('needs a key where only a key is missing', async () => {
    const { directory } = setup(cloud(), new ListedProvider())
    for (const model of ['cloud/large', 'large', 'cloud', 'dear', '']) {
      await expect(directory.resolve({ model }, anonymous)).rejects.toMatchObject({
        status: 401,
        code: 'missing_api_key',
      })
    }
    await expect(directory.resolve({ model: 'lagre' }, anonymous)).rejects.toMatchObject({
      status: 404,
    })
  })

  it('never goes to another provider than the one that was named', async () => {
    const { directory } = setup(new ListedProvider({ listFailure: new Error('down') }), cloud())
    await expect(directory.resolve({ model: 'cloud/tiny' }, anonymous)).rejects.toMatchObject({
      status: 401,
    })
  })
})

describe('one model', () => {
  it('is found by every name and shown by its full one', async () => {
    const { directory } = setup(new ListedProvider())
    for (const name of ['tiny', 'box/tiny', 'box', 'tiny:latest']) {
      expect((await directory.card(name, client)).id).toBe('box/tiny')
    }
    expect((await directory.card('quick', client)).id).toBe('quick')
  })

  it('may be asked for apart from its provider', async () => {
    const { directory } = setup(new ListedProvider())
    const asked = { provider: 'box', model: 'tiny' }
    expect((await directory.resolve(asked, client)).target).toEqual({
      provider: 'box',
      model: 'tiny',
    })
    await expect(directory.resolve({ provider: 'bix', model: '' }, client)).rejects.toMatchObject({
      code: 'provider_not_found',
    })
  })

  it('that its provider does not list is not found', async () => {
    const { directory } = setup(new ListedProvider())
    await expect(directory.card('box/none', client)).rejects.toMatchObject({ status: 404 })
  })

  it('is taken on trust where the list cannot be had', async () => {
    const { directory } = setup(new ListedProvider({ listFailure: new Error('down') }))
    expect(await directory.card('box/any', client)).toEqual({ id: 'box/any' })
  })
})
