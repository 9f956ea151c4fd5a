// Keys of this installation: their form, their recognition, and the file that keeps only hashes.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTokens } from './token-file.ts'
import { looksLikeToken, mintToken, recogniseToken, storedToken } from './tokens.ts'

function counting(start: number): (size: number) => Uint8Array {
  let next = start
  return (size) => Uint8Array.from({ length: size }, () => (next = (next * 31 + 7) % 256))
}

describe('a minted token', () => {
  it('has the prefix of its kind, a public id, 256 bits and a check', () => {
    expect(mintToken('client', counting(1))).toMatch(
      /^pb_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/,
    )
    expect(mintToken('admin', counting(1))).toMatch(
      /^pba_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/,
    )
  })

  it('always has the same length, whatever the random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(mintToken('admin', (size) => bytes.subarray(0, size))).toHaveLength(67)
      }),
    )
  })

  it('carries all the random bits: other bytes, other token', () => {
    const base = new Uint8Array(32)
    const tokens = Array.from({ length: 256 }, (_, bit) => {
      const bytes = base.slice()
      bytes[bit >> 3] = 1 << (bit & 7)
      return mintToken('admin', (size) => (size === 32 ? bytes : bytes.subarray(0, size)))
    })
    expect(new Set(tokens).size).toBe(256)
  })

  it('looks like ours; the dummies of SDKs do not', () => {
    expect(looksLikeToken(mintToken('admin', counting(3)))).toBe(true)
    expect(looksLikeToken(mintToken('client', counting(3)))).toBe(true)
    expect(['none', 'ollama', 'sk-abc', 'PB_LIVE', ''].filter(looksLikeToken)).toEqual([])
  })
})

describe('recognition', () => {
  const admin = mintToken('admin', counting(1))
  const client = mintToken('client', counting(2))
  const stored = [storedToken('admin', admin, 'now'), storedToken('client', client, 'now')]

  it('tells the kinds apart', () => {
    expect(recogniseToken(admin, stored)?.kind).toBe('admin')
    expect(recogniseToken(client, stored)?.kind).toBe('client')
  })

  it('knows no prefix, no neighbour and no stored hash', () => {
    const others = [
      admin.slice(0, -1),
      `${admin}x`,
      admin.toLowerCase(),
      stored[0]?.sha256 ?? '',
      '',
    ]
    for (const other of others) expect(recogniseToken(other, stored)).toBeUndefined()
  })

  it('keeps the public id beside the hash, and nothing of the secret', () => {
    const [entry] = stored
    expect(entry?.id).toBe(admin.split('_')[1])
    expect(JSON.stringify(entry)).not.toContain(admin.split('_')[2])
  })
})

describe('the token file', () => {
  let dataDir = ''
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'patchbay-tokens-'))
  })
  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true })
  })
  const open = (start: number = 1): ReturnType<typeof openTokens> =>
    openTokens({ dataDir: join(dataDir, 'data'), random: counting(start), now: () => 0 })
  const path = (): string => join(dataDir, 'data', 'tokens.json')

  it('is made at the first start, which alone shows the tokens', async () => {
    const first = await open()
    expect(first.made.admin).toMatch(/^pba_/)
    expect(first.made.client).toMatch(/^pb_live_/)
    const second = await open(99)
    expect(second.made).toEqual({})
    expect(recogniseToken(first.made.admin ?? '', second.stored)?.kind).toBe('admin')
    expect(recogniseToken(first.made.client ?? '', second.stored)?.kind).toBe('client')
  })

  it('is for its owner alone, and its folder too', async () => {
    await open()
    expect(statSync(path()).mode & 0o777).toBe(0o600)
    expect(statSync(join(dataDir, 'data')).mode & 0o777).toBe(0o700)
    chmodSync(path(), 0o644)
    await open()
    expect(statSync(path()).mode & 0o777).toBe(0o600)
  })

  it('holds no token in clear', async () => {
    const { made } = await open()
    const text = readFileSync(path(), 'utf8')
    for (const token of Object.values(made)) expect(text).not.toContain(token.split('_').at(-2))
  })

  it('gets the token that is missing', async () => {
    const { stored, made } = await open()
    const admin = stored.find((token) => token.kind === 'admin')
    const kept = { kind: 'admin', id: admin?.id, sha256: admin?.sha256, created_at: 'x' }
    writeFileSync(path(), JSON.stringify({ version: 1, tokens: [kept] }))
    const again = await open(50)
    expect(Object.keys(again.made)).toEqual(['client'])
    expect(recogniseToken(made.admin ?? '', again.stored)?.kind).toBe('admin')
  })

  it.each([
    'not json',
    '{}',
    '{"tokens":[1]}',
    '{"tokens":[{"kind":"root","id":"a","sha256":"b","created_at":"c"}]}',
    '{"tokens":[{"kind":"admin","id":"a","sha256":"short","created_at":"c"}]}',
  ])('is never replaced when it cannot be read: %s', async (text) => {
    await open()
    writeFileSync(path(), text)
    await expect(open()).rejects.toMatchObject({ code: 'token_file_unreadable' })
    expect(readFileSync(path(), 'utf8')).toBe(text)
  })

  it('says what to do where it cannot be written', async () => {
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    await expect(
      openTokens({ dataDir: file, random: counting(1), now: () => 0 }),
    ).rejects.toMatchObject({ name: 'GatewayError' })
  })
})
