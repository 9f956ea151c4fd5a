// `${NAME}` in texts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interpolate } from './interpolate.ts'

const env = { NAME: 'value', EMPTY: '', TRICKY: '${NAME} $& $$' }

describe('interpolate', () => {
  it.each([
    ['${NAME}', 'value'],
    ['a ${NAME} b ${NAME}', 'a value b value'],
    ['${MISSING:-fallback}', 'fallback'],
    ['${MISSING:-}', ''],
    ['${EMPTY:-fallback}', 'fallback'],
    ['${NAME:-fallback}', 'value'],
    ['${MISSING:-http://host:80/a:-b}', 'http://host:80/a:-b'],
    ['$${NAME}', '${NAME}'],
    ['$$${NAME}', '$${NAME}'],
    ['costs $5 or {5}', 'costs $5 or {5}'],
    ['${TRICKY}', '${NAME} $& $$'],
  ])('%s is %s', (text, expected) => {
    expect(interpolate(text, env)).toEqual({ text: expected, problems: [] })
  })

  it.each([
    ['${MISSING}', 'needs the environment variable MISSING'],
    ['${EMPTY}', 'needs the environment variable EMPTY'],
    ['${NAME', 'never closed'],
    ['${}', 'not the name of an environment variable'],
    ['${a b}', 'not the name of an environment variable'],
  ])('%s is a problem', (text, problem) => {
    const { problems } = interpolate(text, env)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })

  it('leaves every text without a dollar brace alone', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('${'))
        expect(interpolate(text, env)).toEqual({ text, problems: [] })
      }),
    )
  })

  it('gives back any text whose dollar braces are escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-') }), (text) => {
        fc.pre(!text.includes('$${'))
        const escaped = text.replaceAll('${', () => '$${')
        expect(interpolate(escaped, {})).toEqual({ text, problems: [] })
      }),
    )
  })
})
