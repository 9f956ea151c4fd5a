// What is kept of a key, and how a presented one is compared with it.
import { createHash, createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type KeyDigest, type Verifying, digestOf, matchingDigest } from './digest.ts'
import type { Pepper } from './pepper.ts'

const KEYS = new Map(
  [1, 2].map((generation) => [generation, createSecretKey(Buffer.alloc(32, generation))]),
)

function pepper(generation: number, since: number = 0): Pepper {
  return { generation, since, keyOf: (asked) => KEYS.get(asked) }
}

function known(
  key: string,
  digests: readonly KeyDigest[],
  more: Partial<Verifying> = {},
): KeyDigest | undefined {
  return matchingDigest(key, digests, { pepper: pepper(1), now: 1000, renewalMs: 500, ...more })
}

describe('a digest', () => {
  it('K009 is an HMAC with the pepper: who has the database alone can make none, and a digest is no key', () => {
    const digest = digestOf('key', pepper(1))
    expect(digest).toMatchObject({ generation: 1 })
    expect(digest.digest).not.toBe(createHash('sha256').update('key').digest('hex'))
    expect(known('key', [digest])).toBe(digest)
    expect(known(digest.digest, [digest])).toBeUndefined()
  })

  it('A024 is of the whole key: keys that begin alike are not alike', () => {
    const long = 'k'.repeat(64)
    const digest = digestOf(`${long}a`, pepper(1))
    expect(known(`${long}b`, [digest])).toBeUndefined()
    expect(known(`${long}a`, [digest])).toBe(digest)
  })

  it('is SHA-256 where there is no vault, and is known without one', () => {
    const digest = digestOf('key', undefined)
    expect(digest).toEqual({
      generation: 0,
      digest: createHash('sha256').update('key').digest('hex'),
    })
    expect(known('key', [digest], { pepper: undefined })).toBe(digest)
  })

  it('of an earlier pepper is honoured until its time of renewal is over, and none of a lost one', () => {
    const digest = digestOf('key', pepper(1))
    expect(known('key', [digest], { pepper: pepper(2, 700) })).toBe(digest)
    expect(known('key', [digest], { pepper: pepper(2, 500) })).toBeUndefined()
    expect(known('key', [digest], { pepper: undefined })).toBeUndefined()
    const plain = digestOf('key', undefined)
    expect(known('key', [plain], { pepper: pepper(1, 700) })).toBe(plain)
    expect(known('key', [plain], { pepper: pepper(1, 500) })).toBeUndefined()
  })

  it('of a replaced secret is honoured until its overlap is over', () => {
    const digest = { ...digestOf('old', pepper(1)), until: 1000 }
    const next = digestOf('new', pepper(1))
    expect(known('old', [next, digest], { now: 999 })).toBe(digest)
    expect(known('old', [next, digest], { now: 1000 })).toBeUndefined()
    expect(known('new', [next, digest])).toBe(next)
  })

  it('is compared where there is none: nothing matches, not even zeros', () => {
    expect(known('key', [])).toBeUndefined()
    expect(known('00'.repeat(32), [])).toBeUndefined()
  })
})
