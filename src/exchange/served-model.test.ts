// Which names are those of one model.
import { expect, it } from 'vitest'
import { isOtherModel } from './served-model.ts'

it.each([
  ['gpt-4o', 'gpt-4o-2024-08-06'],
  ['meta-llama/Llama-3.3-70B', 'llama-3.3-70b'],
  ['models/gemini-2.5-flash', 'gemini-2.5-flash'],
  ['llama3.2', 'llama3.2:latest'],
  ['mistral-small-latest', undefined],
  ['gpt-4o', ''],
])('%s is served by %s', (asked, served) => {
  expect(isOtherModel(asked, served)).toBe(false)
})

it.each([
  ['gpt-4o', 'gpt-3.5-turbo'],
  ['claude-opus-4-1', 'claude-haiku-4-5'],
])('%s is not %s', (asked, served) => {
  expect(isOtherModel(asked, served)).toBe(true)
})
