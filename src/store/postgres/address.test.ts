// What a URL of a PostgreSQL says, and that what is wrong with one is told without its password.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { postgresAddress } from './address.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-address-'))
afterAll(() => rmSync(folder, { recursive: true }))
const root = join(folder, 'root.pem')
writeFileSync(root, 'the root')

function refusal(url: string): unknown {
  try {
    return postgresAddress(url)
  } catch (thrown) {
    return thrown
  }
}

describe('the address of a PostgreSQL', () => {
  it('is read from its URL, and shown without user and password', () => {
    expect(postgresAddress('postgres://ann:p%40ss%2Fword@localhost:6543/bay')).toEqual({
      connect: {
        host: 'localhost',
        port: 6543,
        user: 'ann',
        password: 'p@ss/word',
        database: 'bay',
        ssl: false,
      },
      shown: 'postgres://localhost:6543/bay',
    })
  })

  it('may be a socket of this machine', () => {
    const { connect, shown } = postgresAddress('postgres:///bay?host=/run/postgresql&user=ann')
    expect(connect).toEqual({
      host: '/run/postgresql',
      port: 5432,
      user: 'ann',
      database: 'bay',
      ssl: false,
    })
    expect(shown).toBe('postgres:///bay')
  })

  it.each([
    ['db.example', true, false],
    ['10.0.0.7', true, false],
    ['db.example/bay?sslmode=disable', false, undefined],
    ['db.example/bay?sslmode=require', false, true],
    [`db.example/bay?sslmode=require&sslrootcert=${root}`, true, true],
    [`db.example/bay?sslmode=verify-ca&sslrootcert=${root}`, true, true],
    [`db.example/bay?sslmode=verify-full&sslrootcert=${root}`, true, false],
    ['127.0.0.1/bay?sslmode=verify-full', true, false],
  ])('%s has its certificate checked: %s, whatever name is in it: %s', (rest, checked, anyName) => {
    const { ssl } = postgresAddress(`postgres://ann:x@${rest}`).connect
    if (anyName === undefined) {
      expect(ssl).toBe(false)
      return
    }
    expect(ssl).toMatchObject({ rejectUnauthorized: checked })
    expect(typeof ssl === 'object' && ssl.checkServerIdentity !== undefined).toBe(anyName)
  })

  it.each(['localhost', '127.0.0.1', '127.9.9.9', '[::1]'])(
    'needs no encryption on this machine: %s',
    (host) => {
      expect(postgresAddress(`postgres://${host}/bay`).connect.ssl).toBe(false)
    },
  )

  it.each([
    ['postgres://ann:canary#x@db.example/bay', /percent-encoded/],
    ['postgres://ann:12#canary@db.example/bay', /percent-encoded/],
    ['postgres://ann:12?canary@db.example/bay', /percent-encoded/],
    ['postgres://ann:12/canary@db.example/bay', /percent-encoded/],
    ['postgres://ann:canary /x@db.example/bay', /percent-encoded/],
    ['postgres://ann:canary%zz@db.example/bay', /percent-encoded|%/],
    ['postgres://ann:canary@db.example:port/bay', /no URL/],
    ['postgres://ann:canary@db.example/bay?sslmode=prefer', /sslmode that is none of disable/],
    ['postgres://ann:canary@db.example/bay?password=canary', /parameter that is not known/],
    ['postgres://ann:canary@db.example/bay?sslrootcert=/not/there', /cannot be read: \/not\/there/],
  ])('is refused without a word of the password (%#)', (url, message) => {
    const thrown = refusal(url)
    expect(thrown).toMatchObject({ code: 'store_url', message: expect.stringMatching(message) })
    expect(inspect(thrown, { depth: 10 })).not.toContain('canary')
  })
})
