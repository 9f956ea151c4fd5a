// The models' own tokenizers: exact where they claim it, quick whatever they are given.
import { describe, expect, it } from 'vitest'
import { corpusCases, hasCorpus } from '../../test/corpus.ts'
import { EXPLANATION, PROSE } from '../../test/counted-text.ts'
import type { ChatRequest } from '../canonical/request.ts'
import { dialectById } from '../dialects/registry.ts'
import { isPlainText } from '../usage/estimate-tokens.ts'
import { countInput, forecast } from '../usage/forecast.ts'
import { textTokens } from '../usage/text-tokens.ts'
import type { TextCounter } from '../usage/tokenizer.ts'
import { modelTokenizers } from './model-tokenizers.ts'

const tokenizers = modelTokenizers()
const CHAT = /^(?:chat|chat\.completions|responses)$/

async function counterOf(model: string): Promise<TextCounter> {
  const tokenizer = await tokenizers.of(model)
  if (tokenizer === undefined) throw new Error(`no tokenizer for ${model}`)
  return tokenizer.counter()
}

function asking(text: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    origin: { dialect: 'test' },
    model: 'm',
    turns: [{ role: 'user', parts: [{ type: 'text', text }] }],
    sampling: {},
    stream: { enabled: false },
    ...more,
  }
}

describe('the tokenizer of a model', () => {
  it.each([
    'gpt-4o',
    'openai/gpt-4o-mini',
    'gpt-5-mini',
    'o3',
    'o4-mini',
    'gpt-oss-20b',
    'GPT-4.1',
  ])('is there for %s', async (model) => {
    expect((await counterOf(model)).count('Hello, world! 今天天气很好')).toBe(8)
  })

  it('is the older one for older models, and nobody guesses at one for others', async () => {
    expect((await counterOf('gpt-4-turbo')).count('今天天气很好')).toBe(8)
    for (const model of ['claude-sonnet-4-5', 'gemini-3-pro', 'my-gpt-4o', 'o-one', 'qwen3']) {
      expect(await tokenizers.of(model)).toBeUndefined()
    }
  })

  it.each([PROSE, EXPLANATION])('counts $tokens tokens of English as they are', async (one) => {
    const counts = await Promise.all(
      ['gpt-4o', 'gpt-4'].map(async (model) => (await counterOf(model)).count(one.text)),
    )
    expect(Math.min(...counts.map((count) => Math.abs(count - one.tokens)))).toBeLessThanOrEqual(5)
  })

  it('takes what looks like a control token as text', async () => {
    expect((await counterOf('gpt-4o')).count('<|endoftext|>')).toBeGreaterThan(3)
  })
})

describe('a text made to be slow [Z008]', () => {
  it.each([
    ['one letter a million times', 'a'.repeat(1_000_000)],
    ['one letter as often as is still counted', 'a'.repeat(65_536)],
    [
      'random letters',
      Array.from({ length: 100_000 }, (_, at) => 'qxzj'[(at * 7919) % 4]).join(''),
    ],
    ['signs', '!?'.repeat(60_000)],
    ['spaces', ' '.repeat(120_000)],
    ['Chinese without a stop', '今天天气很好'.repeat(20_000)],
    ['many long words', `${'b'.repeat(2000)} `.repeat(60)],
  ])('is guessed upwards and at once: %s', async (_, text) => {
    const counter = await counterOf('gpt-4o')
    counter.count('warm')
    const started = performance.now()
    const tokens = counter.count(text)
    const elapsed = performance.now() - started
    expect(counter.exact).toBe(false)
    expect(tokens).toBe(textTokens(text))
    // A stall of the loop that others would feel is 50 ms; one core of a busy machine needs slack.
    expect(elapsed).toBeLessThan(100)
  })

  it('is refused its slowness also in many parts of one request', async () => {
    const counter = await counterOf('gpt-4o')
    for (let part = 0; part < 20; part += 1) counter.count('c'.repeat(1000))
    expect(counter.exact).toBe(false)
  })
})

describe('the count of a request', () => {
  it('is exact for messages of text alone, and says so', async () => {
    const tokenizer = await tokenizers.of('gpt-4o')
    expect(forecast(asking('Hello'), undefined, tokenizer)).toEqual({ inputTokens: 8, exact: true })
    const tool = { kind: 'function', name: 'f' } as const
    expect(forecast(asking('Hello', { tools: [tool] }), undefined, tokenizer).exact).toBe(false)
    const image = { type: 'image', source: { kind: 'url', url: 'https://x.example/i' } } as const
    const turns = [{ role: 'user', parts: [image] }] as const
    expect(forecast(asking('', { turns }), undefined, tokenizer).exact).toBe(false)
    const kept = { 'openai-responses': { fields: { conversation: 'c' } } }
    expect(forecast(asking('Hello', { extensions: kept }), undefined, tokenizer).exact).toBe(false)
    const thinking = await tokenizers.of('gpt-5')
    expect(forecast(asking('Hello'), undefined, thinking).exact).toBe(false)
  })
})

describe.skipIf(!hasCorpus())('against what providers have counted', () => {
  it('is their own count wherever it claims to be exact, and one more at most for models that think', async () => {
    const compared = (
      [
        ['openai-chat', 'openai-chat'],
        ['openai-responses', 'openai-responses'],
      ] as const
    ).flatMap(([folder, id]) => {
      const dialect = dialectById(id)
      return corpusCases(folder).flatMap(({ name, api, path, status, request: body, response }) => {
        if (dialect === undefined || status !== 200) return []
        if (body === undefined || response === undefined || !CHAT.test(api)) return []
        const request = dialect.request.decode({ method: 'POST', path, headers: {}, body })
        const wire = { status, headers: {}, body: response }
        const { usage } = dialect.response.decode(wire, {
          request,
          profile: { provider: 'p', flags: {} },
        })
        const total = usage?.input?.total
        return total === undefined ? [] : [{ name, request, total }]
      })
    })
    const counted = await Promise.all(
      compared.map(async ({ name, request, total }) => {
        const tokenizer = await tokenizers.of(request.model)
        const { inputTokens, exact } = countInput(request, tokenizer)
        const isPlain = tokenizer !== undefined && isPlainText(request)
        return { name, exact, isPlain, more: inputTokens - total }
      }),
    )
    const exact = counted.filter((one) => one.exact)
    expect(exact.length).toBeGreaterThanOrEqual(2)
    expect(exact.filter(({ more }) => more !== 0)).toEqual([])
    const plain = counted.filter((one) => one.isPlain)
    expect(plain.length).toBeGreaterThanOrEqual(4)
    expect(plain.filter(({ more }) => more < 0 || more > 1)).toEqual([])
  })
})
