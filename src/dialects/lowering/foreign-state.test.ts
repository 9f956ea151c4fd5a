// Private state reaches its maker only.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part, Sealed } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Tool } from '../../canonical/tool.ts'
import { foreignState } from './foreign-state.ts'
import { requestArbitrary, requestWith, text } from './request.arbitrary.ts'
import { rewriteParts } from './rewrite.ts'

const toBeta = foreignState({ dialect: 'beta' })

function sealed(dialect: string, provider?: string): Sealed {
  const origin = provider === undefined ? { dialect } : { dialect, provider }
  return { payload: 'p', format: 'f', origin }
}

function withPart(part: Part): ChatRequest {
  return requestWith({ turns: [{ role: 'assistant', parts: [part] }] })
}

function madeBy(provider?: string): ChatRequest {
  return withPart({ type: 'reasoning', text: 'hm', seal: sealed('beta', provider) })
}

function opaque(native: Extract<Part, { type: 'opaque' }>['native']): ChatRequest {
  return withPart({ type: 'opaque', origin: { dialect: 'alpha' }, what: 'search', native })
}

describe('foreignState', () => {
  it('drops a foreign seal, keeps the thinking under it, and notes the loss as one of quality', () => {
    const request = withPart({ type: 'reasoning', text: 'hm', seal: sealed('alpha') })
    const { value, notes } = toBeta(request)
    expect(value.turns[0]?.parts).toEqual([{ type: 'reasoning', text: 'hm' }])
    expect(notes).toMatchObject([
      {
        action: 'dropped',
        feature: 'reasoning_state',
        path: 'turns[0].parts[0].seal',
        weight: 2,
      },
    ])
  })

  it('drops redacted thinking of another dialect altogether', () => {
    const request = withPart({ type: 'reasoning', text: '', redacted: true, seal: sealed('alpha') })
    const { value, notes } = toBeta(request)
    expect(value.turns[0]?.parts).toEqual([])
    expect(notes).toMatchObject([{ path: 'turns[0].parts[0]', weight: 2 }])
  })

  it('keeps what its own dialect made', () => {
    const request = withPart({ type: 'reasoning', text: 'hm', seal: sealed('beta') })
    expect(toBeta(request).value).toBe(request)
  })

  it('tells providers of one dialect apart when both are known', () => {
    const toOne = foreignState({ dialect: 'beta', provider: 'one' })
    expect(toOne(madeBy('one')).notes).toEqual([])
    expect(toOne(madeBy()).notes).toEqual([])
    expect(toOne(madeBy('two')).notes).toHaveLength(1)
    expect(toBeta(madeBy('two')).notes).toEqual([])
  })

  it.each([
    ['its text', { text: 'found it' }, 'found it'],
    ['its content', { content: 'found it' }, 'found it'],
    [
      'the titles and addresses it lists',
      { content: [{ title: 'A', url: 'https://a.example' }, { url: 'https://b.example' }] },
      'A: https://a.example\nhttps://b.example',
    ],
    ['its text blocks', { content: [{ type: 'text', text: 'one' }, { text: 'two' }] }, 'one\ntwo'],
  ])('makes readable text of an opaque part: %s', (_, native, expected) => {
    const { value, notes } = toBeta(opaque(native))
    expect(value.turns[0]?.parts).toEqual([text(expected)])
    expect(notes).toMatchObject([{ action: 'approximated', feature: 'search', weight: 2 }])
  })

  it.each([[null], ['text'], [{}], [{ encrypted_content: 'x' }], [{ content: [{ title: 'A' }] }]])(
    'drops an opaque part that has none: %j',
    (native) => {
      const { value, notes } = toBeta(opaque(native))
      expect(value.turns[0]?.parts).toEqual([])
      expect(notes).toMatchObject([{ action: 'dropped', feature: 'search', weight: 3 }])
    },
  )

  it('reaches into tool results', () => {
    const request = requestWith({
      turns: [
        {
          role: 'tool',
          parts: [
            {
              type: 'tool-result',
              callId: 'c',
              content: [{ ...text('x'), seal: sealed('alpha') }],
            },
          ],
        },
      ],
    })
    const { value, notes } = toBeta(request)
    expect(value.turns[0]?.parts).toEqual([
      { type: 'tool-result', callId: 'c', content: [text('x')] },
    ])
    expect(notes.map(({ path }) => path)).toEqual(['turns[0].parts[0].content[0].seal'])
  })

  it('lets no foreign seal or opaque part through', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const dialects = new Set<string>()
        rewriteParts(toBeta(request).value, (part) => {
          if (part.seal !== undefined) dialects.add(part.seal.origin.dialect)
          if (part.type === 'opaque') dialects.add(part.origin.dialect)
          return [part]
        })
        dialects.delete('beta')
        expect([...dialects]).toEqual([])
      }),
    )
  })
})

describe('foreignState on tools', () => {
  const native: Tool = { kind: 'native', dialect: 'alpha', name: 'web_search', native: {} }
  const look: Tool = { kind: 'function', name: 'look' }

  it('drops tools that another dialect runs, as a loss of meaning', () => {
    const { value, notes } = toBeta(requestWith({ tools: [native, look] }))
    expect(value.tools).toEqual([look])
    expect(notes).toMatchObject([
      { action: 'dropped', feature: 'web_search', path: 'tools[0]', weight: 3 },
    ])
  })

  it('keeps tools of its own dialect', () => {
    const request = requestWith({ tools: [{ ...native, dialect: 'beta' }] })
    expect(toBeta(request).value).toBe(request)
  })

  it('leaves no empty tool list, nor a choice among nothing', () => {
    const { value } = toBeta(requestWith({ tools: [native], toolChoice: { mode: 'required' } }))
    expect(value).not.toHaveProperty('tools')
    expect(value).not.toHaveProperty('toolChoice')
  })

  it('takes a dropped tool out of the choice', () => {
    const both = requestWith({
      tools: [native, look],
      toolChoice: { mode: 'required', only: ['web_search', 'look'] },
    })
    expect(toBeta(both).value.toolChoice).toEqual({ mode: 'required', only: ['look'] })
    const one = requestWith({
      tools: [native, look],
      toolChoice: { mode: 'required', only: ['web_search'] },
    })
    expect(toBeta(one).value.toolChoice).toEqual({ mode: 'auto' })
  })
})
