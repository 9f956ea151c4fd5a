// ETags and conditions, as headers have them.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import { asPrecondition, etagOf, expectedIn } from './precondition.ts'

describe('the state that a change is meant for', () => {
  it.each([
    [{ 'if-match': etagOf(12) }, 12],
    [{ 'if-match': '*' }, 'any'],
    [{ 'if-none-match': '*' }, 'absent'],
  ] as const)('in %j is %s', (headers, expected) => {
    expect(expectedIn(headers, 'required')).toBe(expected)
  })

  it.each(['3', 'W/"3"', '"a"', '"3", "4"', '""', '"-1"'])('in If-Match %s is none', (match) => {
    expect(() => expectedIn({ 'if-match': match }, 'optional')).toThrow(/one ETag/)
  })

  it('may be left open only where the route says so', () => {
    expect(expectedIn({}, 'optional')).toBe('any')
    expect(() => expectedIn({}, 'required')).toThrow(expect.objectContaining({ status: 428 }))
  })
})

describe('a change that met another state', () => {
  const conflict = new GatewayError('conflict', 'It has changed.', { code: 'version_conflict' })

  it('is a failed condition where it named one, and repeating it as it was is of no use', () => {
    expect(asPrecondition(conflict, 3)).toMatchObject({
      status: 412,
      code: 'version_conflict',
      retryable: false,
    })
  })

  it('stays what it was otherwise', () => {
    expect(asPrecondition(conflict, 'any')).toBe(conflict)
    const other = new GatewayError('conflict', 'Taken.', { code: 'name_taken' })
    expect(asPrecondition(other, 3)).toBe(other)
  })
})
