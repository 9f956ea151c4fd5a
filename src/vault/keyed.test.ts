// A vault says with which keys it was opened, so that other processes of the same server can open theirs.
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { FileVault } from './file-vault.ts'
import { KEY, SLOT, benchShelf, keyOf } from './fixtures/bench.ts'
import type { GivenKey } from './given-key.ts'

it('says what opens it when it is made, opened, given another key for its slot, restored and locked', async () => {
  const shelf = benchShelf()
  const said: (readonly GivenKey[] | undefined)[] = []
  const keyed = (keys: readonly GivenKey[] | undefined): void => void said.push(keys)
  const ports = { shelf, random: randomBytes, now: () => 0, keyed }
  const vault = await FileVault.open(ports)
  await vault.create([SLOT])
  await vault.lock()
  await vault.unlock([keyOf(8), KEY])
  await vault.unlock([keyOf(9)])
  expect(said).toEqual([[KEY], undefined, [keyOf(8), KEY]])
  said.length = 0

  const other = await vault.addSlot({ type: 'key-file', given: keyOf(10) })
  await vault.replaceSlot(other.id, { type: 'key-file', given: keyOf(11) })
  expect(said).toEqual([])
  const [first] = vault.status().slots
  await vault.replaceSlot(first?.id ?? '', { type: 'key-file', given: keyOf(12) })
  expect(said).toEqual([[keyOf(12)]])
  const copy = await vault.backup()
  await vault.restore(copy, [keyOf(12)])
  expect(said).toEqual([[keyOf(12)], [keyOf(12)]])
})

it('says nothing where no key fits', async () => {
  const shelf = benchShelf()
  const said: unknown[] = []
  await (await FileVault.open({ shelf, random: randomBytes, now: () => 0 })).create([SLOT])
  const ports = {
    shelf,
    random: randomBytes,
    now: () => 0,
    keyed: (keys: unknown) => void said.push(keys),
  }
  const again = await FileVault.open(ports)
  await expect(again.unlock([keyOf(8)])).rejects.toMatchObject({ code: 'vault_key_refused' })
  expect([again.isSealed, said]).toEqual([true, []])
})
