// Places of the model in the client's own words.
import { describe, expect, it } from 'vitest'
import { fieldName } from './field-names.ts'
import { dialects } from './registry.ts'

const names = { turns: 'messages', sampling: 'options', 'sampling.stop': 'stop' }

describe('fieldName', () => {
  it('finds a place by itself and by what it is in', () => {
    expect(fieldName('turns', names)).toBe('messages')
    expect(fieldName('turns[3].parts[0].source', names)).toBe('messages')
  })

  it('takes the most exact word', () => {
    expect(fieldName('sampling.stop', names)).toBe('stop')
    expect(fieldName('sampling.stop[4]', names)).toBe('stop')
    expect(fieldName('sampling.seed', names)).toBe('options')
  })

  it('does not take a beginning of a word for a word', () => {
    expect(fieldName('turnstile', names)).toBeUndefined()
    expect(fieldName('', names)).toBeUndefined()
  })
})

describe.each(dialects.map((dialect) => ({ id: dialect.id, dialect })))('$id', ({ dialect }) => {
  it.each([
    'turns[0].parts[1]',
    'tools[0].parameters',
    'output.format',
    'sampling.stop',
    'maxOutputTokens',
  ])("has a word for %s, and it is not the model's own camel case", (path) => {
    expect(fieldName(path, dialect.fieldNames)).toMatch(/^[a-z][A-Za-z_.]*$/)
  })
})
