// Pages follow each other without a gap, and the last one says so.
import { expect, it } from 'vitest'
import { type PageOf, type PageSource, pageOf } from './paging.ts'

const all = ['a', 'b', 'c', 'd', 'e']
const source: PageSource<string> = {
  read: async ({ after = '', limit }) => all.filter((one) => one > after).slice(0, limit),
  placeOf: (one) => one,
}

it.each([1, 2, 3, 4, 5, 6])('with %i a page, every item comes once', async (limit) => {
  const seen: string[] = []
  let page: PageOf<string> = await pageOf({ limit }, source)
  for (;;) {
    seen.push(...page.items)
    expect(page.items.length).toBeLessThanOrEqual(limit)
    if (page.next === null) break
    page = await pageOf({ limit, after: page.next }, source)
  }
  expect(seen).toEqual(all)
})

it('nothing is one page without a next one', async () => {
  expect(await pageOf({}, { ...source, read: async () => [] })).toEqual({ items: [], next: null })
})
