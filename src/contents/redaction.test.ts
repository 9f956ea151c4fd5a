// What is masked before a text is kept, what is left alone, and that no text makes it slow.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ContentPolicy, REDACTIONS } from './content-policy.ts'
import { redacted } from './redaction.ts'

const ALL: ContentPolicy = {
  retentionDays: 1,
  redact: REDACTIONS,
  words: ['Project Falcon', '(x)'],
}

describe('redaction', () => {
  it.each([
    ['write to jane.doe+x@mail.example.co.uk.', 'write to [redacted].'],
    ['card 4111 1111 1111 1111, thanks', 'card [redacted], thanks'],
    ['5500-0000-0000-0004', '[redacted]'],
    ['pb_live_AbCdEfGhIjKl_0123456789', '[redacted]'],
    ['my key is sk-proj-abcdefghijklmnop1234!', 'my key is [redacted]!'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['ghp_abcdefghijklmnopqrstuvwxyz012345', '[redacted]'],
    ['Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'Bearer [redacted]'],
    ['about project falcon and (X)', 'about [redacted] and [redacted]'],
  ])('masks %j', (text, clean) => {
    expect(redacted(text, ALL)).toBe(clean)
  })

  it.each([
    'order 4111111111111112',
    'call 0123456789',
    'at 5 o’clock, user@host',
    'risk-taking and sk-short',
    'the year 2026-11-28 12:00:00',
  ])('leaves %j alone', (text) => {
    expect(redacted(text, ALL)).toBe(text)
  })

  it('masks only what is asked for', () => {
    const text = 'a@b.example 4111111111111111'
    expect(redacted(text, { ...ALL, redact: ['emails'] })).toBe('[redacted] 4111111111111111')
    expect(redacted(text, { ...ALL, redact: [], words: [] })).toBe(text)
  })

  it.each([
    ['signs of addresses', 'a.'.repeat(100_000)],
    ['one long name', `${'a'.repeat(200_000)}@`],
    ['dots behind an address', `a@${'b.'.repeat(100_000)}`],
    ['digits', '1'.repeat(200_000)],
    ['digits apart', '1 '.repeat(100_000)],
    ['a key without an end', `sk-${'a'.repeat(200_000)}`],
    ['beginnings of keys', 'sk-'.repeat(70_000)],
  ])('is quick on %s', (_, text) => {
    const started = performance.now()
    redacted(text, ALL)
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('never keeps a card or an address, whatever stands around it', () => {
    const around = fc.string({ unit: 'grapheme' }).filter((text) => !/[\w.%+@-]/.test(text))
    fc.assert(
      fc.property(around, around, (before, after) => {
        const clean = redacted(`${before}4111111111111111${after}jane@mail.example${before}`, ALL)
        expect(clean).not.toMatch(/4111|jane/)
      }),
    )
  })
})
