// What the words of a failure tell.
import { describe, expect, it } from 'vitest'
import { readableText, saysTooLong } from './error-text.ts'

describe('readableText', () => {
  it('gives text without the blanks around it', () => {
    expect(readableText('  It failed.\n')).toBe('It failed.')
  })

  it('takes a comparison for no markup', () => {
    expect(readableText('max_tokens must be < 8192 and > 0')).toBe(
      'max_tokens must be < 8192 and > 0',
    )
  })

  it.each([[''], ['  '], ['<html>x</html>'], ['Error: <b>bad</b>'], ['<!doctype'], [7], [null]])(
    'has nothing to say of %j',
    (value) => {
      expect(readableText(value)).toBeUndefined()
    },
  )

  it('cuts what nobody would read', () => {
    expect(readableText('x'.repeat(5000))).toBe(`${'x'.repeat(2000)}...`)
  })
})

describe('saysTooLong', () => {
  it.each([
    'Prompt is too long: 210000 tokens > 200000 maximum',
    "This model's maximum context length is 8192 tokens.",
    'the request exceeds the available context size, try increasing it',
    'input length and max_tokens exceed context limit',
    'The input exceeds the maximum number of tokens allowed',
  ])('knows %j', (message) => {
    expect(saysTooLong(message)).toBe(true)
  })

  it.each(['The model is overloaded.', 'max_tokens is too large', ''])(
    'does not see it in %j',
    (message) => {
      expect(saysTooLong(message)).toBe(false)
    },
  )
})
