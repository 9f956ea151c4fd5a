// Every invariant has its law: all numbers from 1 to 48 stand in the titles of this folder, and no other.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const INVARIANTS = 48

/** `it('7: …')`, with or without a table before the title. */
const TITLE = /\bit(?:\.each\((?:[^)(]|\([^)]*\))*\))?\(\s*['"`](?<number>\d+): (?<words>[^'"`]+)/g

const titles = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts') && name !== 'numbered.test.ts')
  .flatMap((name) => [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(TITLE)])
  .map(({ groups = {} }) => ({ number: Number(groups['number']), words: groups['words'] ?? '' }))

it('all 48 laws are here, each in words', () => {
  const numbers = [...new Set(titles.map(({ number }) => number))]
  const wanted = Array.from({ length: INVARIANTS }, (_, at) => at + 1)
  expect(numbers.toSorted((left, right) => left - right)).toEqual(wanted)
  for (const { words } of titles) expect(words.split(' ').length).toBeGreaterThan(3)
})
