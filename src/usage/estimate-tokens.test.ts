// The guess at a request's tokens: by script, by what it holds, and against what providers have counted.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { corpusCases, hasCorpus } from '../../test/corpus.ts'
import type { Part } from '../canonical/part.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { dialectById } from '../dialects/registry.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { textTokens } from './text-tokens.ts'

function asking(parts: readonly Part[], more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    origin: { dialect: 'test' },
    model: 'm',
    turns: [{ role: 'user', parts }],
    sampling: {},
    stream: { enabled: false },
    ...more,
  }
}

describe('the guess at a text', () => {
  it.each<[string, string, [number, number]]>([
    ['nothing', '', [0, 0]],
    ['English', 'The quick brown fox jumps over the lazy dog, again and again.', [13, 18]],
    ['code', 'const total = items.map((item) => item.price).reduce(add, 0)', [18, 30]],
    ['Russian', 'Сегодня хорошая погода', [6, 12]],
    ['Chinese', '今天天气很好', [6, 8]],
    ['digits', '1234567890', [4, 10]],
    ['an emoji', '😀', [2, 4]],
    ['base64', 'aGVsbG8gd29ybGQgYW5kIG1vcmU', [13, 27]],
    ['blank lines', '\n\n\n', [1, 1]],
  ])('leans upwards for %s', (_, text, [least, most]) => {
    expect(textTokens(text)).toBeGreaterThanOrEqual(least)
    expect(textTokens(text)).toBeLessThanOrEqual(most)
  })

  it('counts every character of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (left, right) => {
        const both = textTokens(left + right)
        expect(both).toBeGreaterThanOrEqual(left + right === '' ? 0 : 1)
        expect(both).toBeLessThanOrEqual(4 * (left.length + right.length))
        expect(textTokens(`${left}\n\n${right}`)).toBeGreaterThanOrEqual(textTokens(left))
      }),
      { numRuns: 1000 },
    )
  })

  it('takes time in proportion to the length', () => {
    expect(textTokens('word '.repeat(50_000))).toBe(50_001)
  })

  it('counts a text that is very long by its letters, and upwards, in no time [Z008]', () => {
    const tokens = textTokens('word '.repeat(200_000))
    expect(tokens).toBeGreaterThan(200_000)
    expect(tokens).toBeLessThan(320_000)
    const started = performance.now()
    expect(textTokens('今'.repeat(2_000_000))).toBeGreaterThan(2_000_000)
    expect(performance.now() - started).toBeLessThan(200)
  })
})

describe('the guess at a request', () => {
  const text: Part = { type: 'text', text: 'What is this?' }

  it('grows with each thing that is added', () => {
    const bare = estimateTokens(asking([text]))
    const tool = { kind: 'function', name: 'f', parameters: { type: 'object' } } as const
    const custom = {
      kind: 'custom',
      name: 'f',
      format: { syntax: 'lark', definition: 'x' },
    } as const
    const native = { kind: 'native', dialect: 'd', name: 'n', native: { type: 'n' } } as const
    for (const more of [{ tools: [tool] }, { tools: [custom] }, { tools: [native] }]) {
      expect(estimateTokens(asking([text], more))).toBeGreaterThan(bare + 200)
    }
    const format = { type: 'json-schema', schema: { type: 'object' } } as const
    expect(estimateTokens(asking([text], { output: { format } }))).toBeGreaterThan(bare)
    const turn = { role: 'assistant', parts: [] } as const
    const turns = [...asking([text]).turns, turn]
    expect(estimateTokens(asking([], { turns }))).toBe(bare + 4)
  })

  const base64 = { kind: 'base64', data: 'A'.repeat(400_000) } as const
  const url = { kind: 'url', url: 'https://example.com/x' } as const
  it.each<[string, Part, number]>([
    ['an image', { type: 'image', source: base64 }, 1600],
    ['an image of low detail', { type: 'image', source: url, detail: 'low' }, 85],
    ['a file by its size', { type: 'file', source: base64 }, 18_000],
    ['a file of unknown size as one page', { type: 'file', source: url }, 3000],
    ['a file of text by its text', { type: 'file', source: { kind: 'text', text: 'a b c' } }, 3],
    ['a file of parts', { type: 'file', source: { kind: 'parts', parts: [text] } }, 4],
    ['audio', { type: 'audio', source: base64 }, 600],
    ['audio of unknown length', { type: 'audio', source: url }, 1920],
    ['video', { type: 'video', source: base64 }, 316],
    ['video of unknown length', { type: 'video', source: url }, 15_780],
    ['a refusal', { type: 'refusal', text: 'no' }, 1],
    ['thinking', { type: 'reasoning', text: 'so so' }, 2],
    [
      'sealed thinking',
      {
        type: 'reasoning',
        text: '',
        seal: { payload: 'abcdefgh', format: 'f', origin: { dialect: 'd' } },
      },
      2,
    ],
    [
      'a call',
      { type: 'tool-call', callId: 'c', kind: 'function', name: 'f', arguments: { text: '{}' } },
      6,
    ],
    ['a result', { type: 'tool-result', callId: 'c', content: [text] }, 8],
    ['a search hit', { type: 'search-result', source: 's', title: 't', content: [text] }, 6],
    [
      'what only a vendor reads',
      { type: 'opaque', origin: { dialect: 'd' }, what: 'w', native: 'x' },
      3,
    ],
  ])('weighs %s', (_, part, tokens) => {
    expect(estimateTokens(asking([part])) - estimateTokens(asking([]))).toBe(tokens)
  })
})

/** What hosted tools read, and what is fetched from an address or a stored answer, nobody can guess. */
const UNGUESSABLE =
  /web|search|code-execution|mcp|compact|file|pdf|video|audio|images|special-tool|tool-result-structured/

const CHAT = /^(?:chat|chat\.completions|responses|messages|generateContent)$/

describe.skipIf(!hasCorpus())('against recorded counts', () => {
  const counted = (
    [
      ['openai-chat', 'openai-chat'],
      ['openai-responses', 'openai-responses'],
      ['anthropic-messages', 'anthropic-messages'],
      ['gemini', 'gemini'],
      ['mistral', 'mistral-chat'],
    ] as const
  ).flatMap(([folder, id]) => {
    const dialect = dialectById(id)
    return corpusCases(folder).flatMap(({ name, api, path, status, request: body, response }) => {
      if (dialect === undefined || body === undefined || response === undefined) return []
      if (status !== 200 || UNGUESSABLE.test(name) || !CHAT.test(api)) return []
      const request = dialect.request.decode({ method: 'POST', path, headers: {}, body })
      const profile = { provider: 'p', flags: {} }
      const wire = { status, headers: {}, body: response }
      const { usage } = dialect.response.decode(wire, { request, profile })
      const total = usage?.input?.total ?? 0
      return total < 30 ? [] : [{ name, ratio: estimateTokens(request) / total }]
    })
  })

  it('is seldom too low, never by half, and mostly less than twice too high', () => {
    expect(counted.length).toBeGreaterThan(20)
    const share = (isOff: (ratio: number) => boolean): number =>
      counted.filter(({ ratio }) => isOff(ratio)).length / counted.length
    expect(counted.filter(({ ratio }) => ratio < 0.5)).toEqual([])
    expect(share((ratio) => ratio < 0.85)).toBeLessThan(0.15)
    expect(share((ratio) => ratio > 2)).toBeLessThan(0.4)
  })
})
