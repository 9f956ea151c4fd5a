// What a conversation has is found at any depth, and nothing is found that is not there.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import { requestArbitrary } from './request.arbitrary.ts'
import { rewriteParts } from './rewrite.ts'
import { type Trait, hasAny } from './traits.ts'

const marked: Part = { type: 'text', text: 'a', cache: {} }

function has(part: Part, trait: Trait): boolean {
  return hasAny({ turns: [{ role: 'user', parts: [part] }] }, [trait])
}

describe('hasAny', () => {
  it.each<[Trait, Part]>([
    ['cache', { type: 'tool-result', callId: 'a', content: [marked] }],
    ['cache', { type: 'search-result', source: 'a', title: 'b', content: [marked] }],
    ['cache', { type: 'file', source: { kind: 'parts', parts: [marked] } }],
    ['empty-text', { type: 'text', text: '' }],
    ['detail', { type: 'image', source: { kind: 'url', url: 'a' }, detail: 'low' }],
    [
      'seal',
      { type: 'reasoning', text: '', seal: { payload: '', format: '', origin: { dialect: 'a' } } },
    ],
    ['citations', { type: 'text', text: 'a', citations: [] }],
    ['extensions', { type: 'text', text: 'a', citations: [{ kind: 'url', extensions: {} }] }],
    ['extensions', { type: 'text', text: 'a', extensions: {} }],
  ])('finds %s', (trait, part) => {
    expect(has(part, trait)).toBe(true)
    expect(has({ type: 'text', text: 'a' }, trait)).toBe(false)
  })

  it('finds what turns have themselves', () => {
    const turns: readonly Turn[] = [{ role: 'tool', parts: [], extensions: {} }]
    expect(hasAny({ turns }, ['tool-turn'])).toBe(true)
    expect(hasAny({ turns }, ['extensions'])).toBe(true)
    expect(hasAny({ turns }, ['cache', 'text'])).toBe(false)
  })

  it('knows the kinds of parts that a rewrite comes across', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const seen = new Set<Part['type']>()
        rewriteParts(request, (part) => {
          seen.add(part.type)
          return [part]
        })
        for (const type of ['text', 'image', 'tool-call', 'tool-result', 'opaque'] as const) {
          expect(hasAny(request, [type])).toBe(seen.has(type))
        }
      }),
    )
  })
})
