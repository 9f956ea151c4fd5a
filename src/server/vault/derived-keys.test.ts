// The pepper of a real vault: none without one, another after a rotation, and the earlier ones still there.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { digestOf, matchingDigest } from '../../access/digest.ts'
import { FileVault } from '../../vault/file-vault.ts'
import { MemoryRecords } from '../../vault/memory-records.ts'
import { NO_FILE, NO_WITNESS } from '../../vault/vault-shelf.ts'
import { pepperOf } from './derived-keys.ts'

const AT = Date.UTC(2026, 0, 1)

async function vault(): Promise<FileVault> {
  const shelf = { records: new MemoryRecords(), file: NO_FILE, witness: NO_WITNESS }
  return FileVault.open({ shelf, random: randomBytes, now: () => AT, hear: () => {} })
}

describe('the pepper', () => {
  it('is none where there is no vault', async () => {
    expect(pepperOf(await vault())).toBeUndefined()
  })

  it('is of the newest generation, and knows what earlier ones made', async () => {
    const opened = await vault()
    await opened.create([])
    const before = pepperOf(opened)
    expect(before).toMatchObject({ generation: 1, since: AT })
    const digest = digestOf('key', before)
    await opened.rotateRoot()
    const after = pepperOf(opened)
    expect(after).toMatchObject({ generation: 2 })
    const known = matchingDigest('key', [digest], { pepper: after, now: AT, renewalMs: 1 })
    expect(known).toBe(digest)
    expect(digestOf('key', after).digest).not.toBe(digest.digest)
    expect(after?.keyOf(9)).toBeUndefined()
  })
})
