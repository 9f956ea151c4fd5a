// Keys of this installation: their form, and what is read of one that is presented.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEY_KINDS, claimedKey, looksLikeKey, mintId, mintKey, shownKey } from './key-format.ts'

function counting(start: number): (size: number) => Uint8Array {
  let next = start
  return (size) => Uint8Array.from({ length: size }, () => (next = (next * 31 + 7) % 256))
}

function minted(kind: (typeof KEY_KINDS)[number], start: number = 1): string {
  const random = counting(start)
  return mintKey({ kind, id: mintId(random) }, random)
}

describe('a minted key', () => {
  it('has the prefix of its kind, a public id, 256 bits and a check', () => {
    expect(minted('client')).toMatch(/^pb_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/)
    expect(minted('admin')).toMatch(/^pba_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/)
    expect(minted('run')).toMatch(/^pbs_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/)
  })

  it('always has the same length, whatever the random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const random = (size: number): Uint8Array => bytes.subarray(0, size)
        expect(mintKey({ kind: 'admin', id: mintId(random) }, random)).toHaveLength(67)
      }),
    )
  })

  it('carries all the random bits: other bytes, other key', () => {
    const base = new Uint8Array(32)
    const keys = Array.from({ length: 256 }, (_, bit) => {
      const bytes = base.slice()
      bytes[bit >> 3] = 1 << (bit & 7)
      return mintKey({ kind: 'admin', id: '000000000000' }, () => bytes)
    })
    expect(new Set(keys).size).toBe(256)
  })

  it('looks like ours; the dummies of SDKs do not', () => {
    for (const kind of KEY_KINDS) expect(looksLikeKey(minted(kind, 3))).toBe(true)
    expect(['none', 'ollama', 'sk-abc', 'PB_LIVE', ''].filter(looksLikeKey)).toEqual([])
  })

  it('is shown by its public part alone', () => {
    const key = minted('client', 5)
    const claimed = claimedKey(key)
    const shown = claimed === undefined ? '' : shownKey(claimed)
    expect(key.startsWith(shown.slice(0, -1))).toBe(true)
    expect(shown).not.toContain(key.split('_').at(-2))
  })
})

describe('a presented key', () => {
  it.each(KEY_KINDS)('says of what kind it is, and its id: %s', (kind) => {
    const key = minted(kind)
    expect(claimedKey(key)).toEqual({ kind, id: key.split('_').at(-3) })
  })

  it('is none with a typo in it, a part missing or anything added: nothing is looked up for it', () => {
    const key = minted('client')
    const swapped = key.replace(/_(.)(.)(?=.{41}_)/, '_$2$1')
    const others = [
      key.slice(0, -1),
      `${key}x`,
      ` ${key}`,
      `${key}\n`,
      key.toLowerCase(),
      swapped,
      key.replace('pb_live', 'pba'),
      "pb_live_' OR '1'='1",
      "pb_live_x'; SELECT pg_sleep(10)--",
      '',
    ]
    for (const other of others)
      expect(other === key ? undefined : claimedKey(other)).toBeUndefined()
  })
})
