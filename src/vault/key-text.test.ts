// Keys as text: what is written is read again, and what was mistyped is not.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  keyFromBytes,
  keyFromRecoveryCode,
  keyFromText,
  keyText,
  recoveryCode,
} from './key-text.ts'

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))

describe('a key as text', () => {
  it('comes back, in base64url or hex, with the end of a line', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(keyFromText(`${keyText(key)}\n`)).toEqual(key)
        expect(keyFromText(key.toString('hex'))).toEqual(key)
        expect(keyFromBytes(key)).toEqual(key)
        expect(keyFromBytes(Buffer.from(`${keyText(key)}\n`))).toEqual(key)
      }),
    )
  })

  it.each([
    '',
    'short',
    'a'.repeat(42),
    `${'a'.repeat(42)}!`,
    'a'.repeat(65),
    `${'A'.repeat(42)}B`,
  ])('is nothing else: %s', (text) => {
    expect(keyFromText(text)).toBeUndefined()
  })

  it('is no long file', () => {
    expect(keyFromBytes(Buffer.alloc(101, 'a'))).toBeUndefined()
    expect(keyFromBytes(Buffer.alloc(31))).toBeUndefined()
  })
})

describe('a recovery code', () => {
  it('comes back, in small letters too, and with letters that look like digits', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const code = recoveryCode(key)
        expect(code).toMatch(/^PBR(?:-[0-9A-Z]{5}){11}$/)
        expect(keyFromRecoveryCode(` ${code.toLowerCase()}\n`)).toEqual(key)
        const alike = code.slice(4).replaceAll('0', 'O').replaceAll('1', 'l')
        expect(keyFromRecoveryCode(`PBR-${alike}`)).toEqual(key)
      }),
    )
  })

  it('with a mistake is none', () => {
    const code = recoveryCode(Buffer.alloc(32, 0xa5))
    for (let at = 4; at < code.length - 1; at += 1) {
      if (code[at] === '-') continue
      const other = code[at] === '7' ? '8' : '7'
      expect(keyFromRecoveryCode(code.slice(0, at) + other + code.slice(at + 1))).toBeUndefined()
    }
    expect(keyFromRecoveryCode(code.slice(0, -1))).toBeUndefined()
    expect(keyFromRecoveryCode(code.slice(4))).toBeUndefined()
  })
})
