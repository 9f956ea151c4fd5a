// Knowing a presented key: what is good, what is not any more, and what never was.
import { createSecretKey } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { type TestKeys, type TestKeysSetup, openTestKeys } from '../../../test/open-keys.ts'
import { NO_PEPPER, type Pepper } from '../../access/pepper.ts'
import { KeyDesk } from './key-desk.ts'
import type { NewKey } from './key-schema.ts'
import { TeamDesk } from './team-desk.ts'

const OWNER = { keyId: 'test', role: 'owner' } as const
const ANY = { by: OWNER, expected: 'any' } as const

interface Opened {
  readonly keys: TestKeys
  readonly desk: KeyDesk
  readonly teams: TeamDesk
  readonly make: (asked?: Partial<NewKey>) => Promise<{ readonly id: string; readonly key: string }>
}

let open: TestKeys | undefined
afterEach(async () => open?.close())

let clock = 1_000_000
const now = (): number => clock

async function opened(setup: TestKeysSetup = {}): Promise<Opened> {
  clock = 1_000_000
  const keys = await openTestKeys({ now, ...setup })
  open = keys
  const { documents } = keys
  const pepper = setup.pepper ?? ((): undefined => undefined)
  let next = 0
  const random = (size: number): Uint8Array =>
    Uint8Array.from({ length: size }, () => (next = (next * 31 + 7 + size) % 251))
  const desk = new KeyDesk({ documents, now, pepper, random, settings: () => ({}) })
  const make: Opened['make'] = async (asked = {}) => {
    const { record, key } = await desk.create({ name: 'k', ...asked }, OWNER)
    return { id: record.id, key }
  }
  return { keys, desk, teams: new TeamDesk({ documents }), make }
}

describe('a key', () => {
  it('is known with what it is granted', async () => {
    const { keys, make } = await opened()
    const { id, key } = await make({ models: ['a/b'], tags: { project: 'atlas' }, critical: true })
    const known = await keys.recognise(key)
    expect(known).toMatchObject({
      kind: 'client',
      id,
      grant: {
        scopes: [{ models: ['a/b'] }],
        critical: true,
        account: { tags: { project: 'atlas' } },
      },
    })
  })

  it('K008 with a right check and another secret is not known, as one that never was', async () => {
    const { keys, make } = await opened()
    const { key } = await make()
    const other = await make()
    const forged = `${key.slice(0, 20)}${other.key.slice(20)}`
    expect(await keys.recognise(forged)).toBeUndefined()
    expect(
      await keys.recognise(key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
    ).toBeUndefined()
  })

  it('K001 is looked up by nothing but an id in its form', async () => {
    const { keys } = await opened()
    const asked: string[] = []
    const find = keys.documents.find.bind(keys.documents)
    keys.documents.find = async (key) => {
      asked.push(key.id)
      return find(key)
    }
    for (const text of [
      "' OR '1'='1",
      "pb_live_x'; SELECT pg_sleep(10)--",
      'pb_live_%_%',
      'pba_',
    ]) {
      expect(await keys.recognise(text)).toBeUndefined()
    }
    expect(asked).toEqual([])
  })

  it('K006 that is revoked, removed or over is refused at once', async () => {
    const { keys, desk, make } = await opened()
    const one = await make()
    const two = await make()
    const three = await make({ expires_at: new Date(clock + 1000).toISOString() })
    for (const { key } of [one, two, three]) expect(await keys.recognise(key)).toBeDefined()
    await desk.revoke(one.id, ANY)
    await expect(keys.recognise(one.key)).rejects.toMatchObject({
      status: 401,
      code: 'key_revoked',
    })
    await desk.remove(two.id, ANY)
    expect(await keys.recognise(two.key)).toBeUndefined()
    clock += 1000
    await expect(keys.recognise(three.key)).rejects.toMatchObject({ code: 'key_expired' })
  })

  it('is believed for seconds without being read again, and no longer', async () => {
    const { keys, make } = await opened()
    const { key } = await make()
    let reads = 0
    const find = keys.documents.find.bind(keys.documents)
    keys.documents.find = async (wanted) => {
      reads += 1
      return find(wanted)
    }
    await keys.recognise(key)
    await keys.recognise(key)
    expect(reads).toBe(1)
    clock += 5000
    await keys.recognise(key)
    expect(reads).toBe(2)
  })

  it('is granted the same object while nothing about it changes, and another one after', async () => {
    const { keys, desk, make } = await opened()
    const { id, key } = await make()
    const first = await keys.recognise(key)
    expect((await keys.recognise(key))?.grant).toBe(first?.grant)
    await desk.change(id, { name: 'other' }, ANY)
    expect((await keys.recognise(key))?.grant).not.toBe(first?.grant)
  })

  it('is no longer believed than the oldest record that it rests on', async () => {
    const { keys, make } = await opened()
    const parent = await make()
    const [one, two] = [await make({ parent: parent.id }), await make({ parent: parent.id })]
    const read: string[] = []
    const find = keys.documents.find.bind(keys.documents)
    keys.documents.find = async (wanted) => {
      read.push(wanted.id)
      return find(wanted)
    }
    await keys.recognise(one.key)
    clock += 4000
    await keys.recognise(two.key)
    expect(read).toEqual([one.id, parent.id, two.id])
    clock += 1000
    await keys.recognise(two.key)
    expect(read).toEqual([one.id, parent.id, two.id, parent.id])
  })

  it('that changes while it is read is read again at the next call', async () => {
    const { keys, desk, make } = await opened()
    const { id, key } = await make()
    const find = keys.documents.find.bind(keys.documents)
    keys.documents.find = async (wanted) => {
      const found = await find(wanted)
      keys.documents.find = find
      await desk.revoke(id, ANY)
      return found
    }
    await keys.recognise(key)
    await expect(keys.recognise(key)).rejects.toMatchObject({ code: 'key_revoked' })
  })

  it('whose kind is not what its prefix says is not known', async () => {
    const { keys, make } = await opened()
    const { id, key } = await make()
    const found = await keys.documents.find({ kind: 'key', id })
    await keys.documents.write([
      { kind: 'key', id, body: { ...found?.body, kind: 'admin', role: 'owner' } },
    ])
    expect(await keys.recognise(key)).toBeUndefined()
  })
})

describe('a key under another', () => {
  it('may do what both may, also once the one above may less', async () => {
    const { keys, desk, make } = await opened()
    const parent = await make({ models: ['a/*'], limits: { concurrency: 2 } })
    const child = await make({ parent: parent.id, models: ['a/b'], limits: { concurrency: 1 } })
    const before = await keys.recognise(child.key)
    const permits = before?.grant.account.permits
    expect(permits?.({ provider: 'a', model: 'b' })).toBe(true)
    expect(permits?.({ provider: 'a', model: 'c' })).toBe(false)
    expect(before?.grant.account).toMatchObject({
      parents: [parent.id],
      allowances: [
        { scope: 'key', id: child.id, limits: { concurrency: 1 } },
        { scope: 'key', id: parent.id, limits: { concurrency: 2 } },
      ],
    })
    await desk.change(parent.id, { models: ['a/c'] }, ANY)
    const after = await keys.recognise(child.key)
    expect(after?.grant.account.permits?.({ provider: 'a', model: 'b' })).toBe(false)
  })

  it('ends with it, however it ends', async () => {
    const { keys, desk, make } = await opened()
    const top = await make()
    const middle = await make({ parent: top.id })
    const child = await make({ parent: middle.id })
    expect(await keys.recognise(child.key)).toMatchObject({
      grant: { account: { parents: [middle.id, top.id] } },
    })
    await desk.revoke(top.id, ANY)
    await expect(keys.recognise(child.key)).rejects.toMatchObject({ code: 'parent_gone' })
    await desk.remove(middle.id, ANY)
    await expect(keys.recognise(child.key)).rejects.toMatchObject({ code: 'parent_gone' })
  })

  it.each<[Partial<NewKey>, Partial<NewKey>, string]>([
    [{ models: ['a/*'] }, { models: ['b/x'] }, 'models'],
    [{ endpoints: ['chat'] }, { endpoints: ['embeddings'] }, 'endpoints'],
    [
      { limits: { requests: { perMinute: 5 } } },
      { limits: { requests: { perMinute: 6 } } },
      'limits.requests.per_minute',
    ],
    [{ expires_at: '2030-01-01T00:00:00Z' }, {}, 'expires_at'],
    [{}, { critical: true }, 'critical'],
  ])('under %j cannot be made as %j', async (above, asked, param) => {
    const { make } = await opened()
    const parent = await make(above)
    await expect(make({ limits: {}, ...asked, parent: parent.id })).rejects.toMatchObject({
      status: 400,
      code: 'beyond_parent',
      param,
    })
  })

  it('cannot be changed into more than the one above may', async () => {
    const { desk, make } = await opened()
    const parent = await make({ models: ['a/*'] })
    const child = await make({ parent: parent.id, models: ['a/b'] })
    await expect(desk.change(child.id, { models: ['b/*'] }, ANY)).rejects.toMatchObject({
      code: 'beyond_parent',
    })
  })
})

describe('a team', () => {
  it('holds its keys, and ends them', async () => {
    const { keys, teams, make } = await opened()
    await teams.create(
      { id: 'lab', models: ['a/*'], tags: { centre: '7' }, limits: { concurrency: 3 } },
      'test',
    )
    const { key } = await make({ team: 'lab', tags: { project: 'x' } })
    const known = await keys.recognise(key)
    expect(known?.grant.account).toMatchObject({
      team: 'lab',
      tags: { centre: '7', project: 'x' },
      allowances: [{ scope: 'key' }, { scope: 'team', id: 'lab', limits: { concurrency: 3 } }],
    })
    expect(known?.grant.account.permits?.({ provider: 'b', model: 'x' })).toBe(false)
    await teams.change('lab', { state: 'revoked' }, 'any')
    await expect(keys.recognise(key)).rejects.toMatchObject({ code: 'team_gone' })
    await teams.remove('lab', 'any')
    await expect(keys.recognise(key)).rejects.toMatchObject({ code: 'team_gone' })
  })
})

describe('rotation', () => {
  it('leaves the old secret good for the overlap, and the id the same', async () => {
    const { keys, desk, make } = await opened()
    const { id, key } = await make()
    const rotated = await desk.rotate(id, 60, ANY)
    expect(rotated.key).not.toBe(key)
    expect(await keys.recognise(key)).toMatchObject({ id })
    expect(await keys.recognise(rotated.key)).toMatchObject({ id })
    clock += 60_000
    expect(await keys.recognise(key)).toBeUndefined()
    expect(await keys.recognise(rotated.key)).toMatchObject({ id })
  })

  it('A021 without an overlap ends the old secret at once', async () => {
    const { keys, desk, make } = await opened()
    const { id, key } = await make()
    await desk.rotate(id, 0, ANY)
    expect(await keys.recognise(key)).toBeUndefined()
  })
})

describe('a change for whatever state there is', () => {
  it('K006 ends a key that others change at the same moment', async () => {
    const { keys, desk, make } = await opened()
    const { id, key } = await make()
    const names = Array.from({ length: 3 }, (_, at) => desk.change(id, { name: `n${at}` }, ANY))
    await Promise.all([...names, desk.revoke(id, ANY)])
    await expect(keys.recognise(key)).rejects.toMatchObject({ code: 'key_revoked' })
  })

  it('for a certain state is refused where that is not there any more', async () => {
    const { desk, make } = await opened()
    const { id } = await make()
    await desk.change(id, { name: 'first' }, { ...ANY, expected: 1 })
    const late = desk.revoke(id, { ...ANY, expected: 1 })
    await expect(late).rejects.toMatchObject({ code: 'version_conflict' })
  })
})

describe('the pepper', () => {
  const secrets = [1, 2].map((byte) => createSecretKey(Buffer.alloc(32, byte)))
  const at = (generation: number): Pepper => ({
    generation,
    since: 1_000_000,
    keyOf: (asked) => secrets[asked - 1],
  })

  it('is changed under keys that go on: each is digested anew when it is used', async () => {
    let pepper: Pepper | undefined
    const { keys, make } = await opened({ pepper: () => pepper, settings: { renewalDays: 1 } })
    const used = await make()
    const generationOf = async (id: string): Promise<unknown> => {
      const found = await keys.documents.find({ kind: 'key', id })
      return JSON.stringify(found?.body).match(/"generation":(\d+)/)?.[1]
    }
    expect(await generationOf(used.id)).toBe(String(NO_PEPPER))
    for (const generation of [1, 2]) {
      pepper = at(generation)
      expect(await keys.recognise(used.key)).toBeDefined()
      await expect.poll(() => generationOf(used.id)).toBe(String(generation))
      expect(await keys.recognise(used.key)).toBeDefined()
    }
    clock += 86_400_000
    expect(await keys.recognise(used.key)).toBeDefined()
  })

  it('ends those that were not used in time', async () => {
    let pepper: Pepper | undefined
    const { keys, make } = await opened({ pepper: () => pepper, settings: { renewalDays: 1 } })
    const { key } = await make()
    pepper = at(1)
    clock += 86_400_000
    expect(await keys.recognise(key)).toBeUndefined()
  })

  it('that is another one of the same generation, as the vault was restored, knows no key of before', async () => {
    let pepper = at(1)
    const { keys, make } = await opened({ pepper: () => pepper })
    const { key } = await make()
    expect(await keys.recognise(key)).toBeDefined()
    pepper = { ...pepper, keyOf: () => secrets[1] }
    expect(await keys.recognise(key)).toBeUndefined()
  })

  it('that cannot be had, as its vault is sealed, is said so', async () => {
    let sealed = false
    const { keys, make } = await opened({
      pepper: () => {
        if (sealed) throw new Error('sealed')
        return at(1)
      },
    })
    const { key } = await make()
    expect(await keys.recognise(key)).toBeDefined()
    expect(await keys.recognise(`${key}0`)).toBeUndefined()
    sealed = true
    expect(await keys.recognise(`${key}0`)).toBeUndefined()
    await expect(keys.recognise(key)).rejects.toThrow('sealed')
  })
})
