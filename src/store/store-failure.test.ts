// What is told of a database that fails is what docs/store.md says.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inspect } from 'node:util'
import { STORE_FAILURES, ShownCause, storeError, storeFailureIn } from './store-failure.ts'

const page = readFileSync(new URL('../../docs/store.md', import.meta.url), 'utf8')

describe('a failure of the database', () => {
  it.each(STORE_FAILURES)('%s is documented with its status', (failure) => {
    const error = storeError(failure, 'the file')
    const row = new RegExp(`\\| \`${error.code}\` \\| (\\S+|at the start) \\|`).exec(page)
    expect(row?.[1]).toBe(failure === 'newer' ? 'at the start' : String(error.status))
    expect(storeFailureIn(error)).toBe(failure)
  })

  it('says why only where that may be shown', () => {
    const shown = storeError('unavailable', 'the file', new ShownCause('28P01'))
    expect(shown.message).toContain('(28P01)')
    const kept = storeError('failed', 'the file', new Error('Key (id)=(canary)'))
    expect(kept.message).not.toContain('canary')
    expect(inspect(kept)).toContain('canary')
  })
})
