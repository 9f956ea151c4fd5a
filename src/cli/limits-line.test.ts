// What is left of a provider's limits, for people.
import { describe, expect, it } from 'vitest'
import { limitsLine } from './limits-line.ts'

const RESET = '2026-01-01T12:00:00.000Z'

describe('limitsLine', () => {
  it('is empty where nothing is known', () => {
    expect(limitsLine(undefined)).toBe('')
    expect(limitsLine({ seen_at: RESET, buckets: [{ name: 'requests', limit: 9 }] })).toBe('')
  })

  it('says what is left, and until when nothing is', () => {
    const buckets = [
      { name: 'requests', counts: 'requests', limit: 60, remaining: 59, reset_at: RESET },
      { name: 'tokens', counts: 'tokens', limit: 9, remaining: 0, reset_at: RESET },
      { name: 'project-tokens', counts: 'tokens', remaining: 7 },
    ]
    expect(limitsLine({ seen_at: RESET, buckets })).toBe(
      `requests 59 of 60, tokens none until ${RESET}, project-tokens 7`,
    )
  })

  it('says when the provider asked to be called again', () => {
    expect(limitsLine({ seen_at: RESET, retry_at: RESET, buckets: [] })).toBe(
      `asked to wait until ${RESET}`,
    )
  })
})
