// Settings are compared by what they say.
import { expect, it } from 'vitest'
import { isSame } from './same.ts'
import { Secret } from './secret.ts'

function config(key: string, port: number): unknown {
  return { apiKey: new Secret(key), models: ['a', { port }], absent: undefined }
}

it('looks into objects, lists and secrets', () => {
  expect(isSame(config('k', 1), config('k', 1))).toBe(true)
  expect(isSame(config('k', 1), { apiKey: new Secret('k'), models: ['a', { port: 1 }] })).toBe(true)
  expect(isSame(config('k', 1), config('other', 1))).toBe(false)
  expect(isSame(config('k', 1), config('k', 2))).toBe(false)
})

it('tells apart what only looks alike', () => {
  expect(isSame(new Secret('k'), 'k')).toBe(false)
  expect(isSame('[secret]', new Secret('k'))).toBe(false)
  expect(isSame([], {})).toBe(false)
  expect(isSame(null, {})).toBe(false)
  expect(isSame({ a: 1 }, { b: 1 })).toBe(false)
  expect(isSame([1, 2], [2, 1])).toBe(false)
  expect(isSame(undefined, undefined)).toBe(true)
})
