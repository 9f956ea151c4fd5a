// A secret shows itself to nobody but who asks for it by name.
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { redactJson, redactText } from './redact.ts'
import { Secret, toSecret } from './secret.ts'

const KEY = 'sk-canary-0123456789'

describe('Secret', () => {
  const secret = new Secret(KEY)

  it('gives its value when asked', () => {
    expect(secret.reveal()).toBe(KEY)
  })

  it.each([
    ['String', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ deep: { secret } }, { showHidden: true, depth: 9 })],
    ['Object.entries', JSON.stringify(Object.entries(secret))],
  ])('does not show it through %s', (_name, shown) => {
    expect(shown).not.toContain(KEY)
  })

  it('L003 prints as [secret], whatever its length and beginning', () => {
    expect(String(secret)).toBe('[secret]')
    expect(inspect(secret)).toBe('[secret]')
    expect(JSON.stringify(secret)).toBe('"[secret]"')
    expect(String(new Secret('x'))).toBe('[secret]')
    expect(new Secret('y'.repeat(500)).toString()).toBe('[secret]')
  })
})

describe('toSecret', () => {
  it('wraps text without the space around it and leaves secrets as they are', () => {
    expect(toSecret(` ${KEY}\n`)?.reveal()).toBe(KEY)
    const secret = new Secret(KEY)
    expect(toSecret(secret)).toBe(secret)
  })

  it('takes nothing and blanks for no secret', () => {
    expect(toSecret(undefined)).toBeUndefined()
    expect(toSecret('  ')).toBeUndefined()
  })
})

describe('redaction', () => {
  it('masks every place a secret stands', () => {
    expect(redactText(`bad key ${KEY}, ${KEY}!`, [KEY])).toBe('bad key [secret], [secret]!')
  })

  it('masks strings and keys at any depth and leaves the rest', () => {
    const value = { a: [{ b: `x${KEY}` }, 1, null, true], [KEY]: 'c' }
    expect(redactJson(value, [KEY])).toEqual({
      a: [{ b: 'x[secret]' }, 1, null, true],
      '[secret]': 'c',
    })
  })

  it('leaves words that are too short to be a secret', () => {
    expect(redactText('the cat sat', ['cat'])).toBe('the cat sat')
  })
})
