// Schema keywords in words.
import { expect, it } from 'vitest'
import { toldInWords } from './keyword-words.ts'

it('puts them behind the description, or in its place', () => {
  const keywords = { minimum: 1, pattern: '^O', examples: ['Oslo'] }
  const words = '(minimum: 1; pattern: ^O; examples: ["Oslo"])'
  expect(toldInWords({ description: 'A city.' }, keywords)).toEqual({
    description: `A city. ${words}`,
  })
  expect(toldInWords({}, keywords)).toEqual({ description: words })
})

it('says nothing of schemas inside a keyword', () => {
  expect(toldInWords({ type: 'string' }, { not: { const: 1 } })).toEqual({ type: 'string' })
})
