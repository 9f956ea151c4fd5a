// Names in any case, values that come several times, and names that mean something to JavaScript.
import { expect, it } from 'vitest'
import { headersIn, valuesIn } from './request-headers.ts'

const raw = ['Host', 'localhost', 'X-A', '1', 'x-a', '2', 'X-Empty', '', 'x-empty', '']

it('joins what came several times under one name, whatever its case', () => {
  expect(headersIn(raw)).toEqual({ host: 'localhost', 'x-a': '1, 2', 'x-empty': ', ' })
})

it('gives each value of one name', () => {
  expect(valuesIn(raw, 'x-a')).toEqual(['1', '2'])
  expect(valuesIn(raw, 'host')).toEqual(['localhost'])
  expect(valuesIn(raw, 'via')).toEqual([])
})

it('is misled by no name', () => {
  const headers = headersIn(['__proto__', 'x', 'constructor', 'a', 'hasOwnProperty', 'b'])
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype)
  expect(Object.entries(headers)).toEqual([
    ['constructor', 'a'],
    ['hasownproperty', 'b'],
  ])
})
