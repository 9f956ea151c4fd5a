// Laws 27 to 32: counts and reasons to stop, whatever client and provider speak.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compact } from '../../src/canonical/compact.ts'
import type { FinishReason } from '../../src/canonical/response.ts'
import { responseArbitrary, usageArbitrary } from '../../src/canonical/response.arbitrary.ts'
import type { Usage } from '../../src/canonical/usage.ts'
import { omit } from '../../src/dialects/lowering/rewrite.ts'
import { collected, decodeBytes } from '../../src/dialects/dialect.contract.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { type JsonObject, isObject } from '../../src/wire/json.ts'
import { fakeTransport } from '../fake-transport.ts'
import { requestWith } from '../../src/dialects/lowering/request.arbitrary.ts'
import { exchangeOf, providerOf } from './fake-provider.ts'
import { RUNS, answered, decoding, each, encoding, saying, streamed } from './ground.ts'
import { PLAIN, bytesOfStream } from './spelled-streams.arbitrary.ts'
import { wires } from './wires.ts'

/** Counts that can be: what is part of a total is not more than it. */
const countsArbitrary: fc.Arbitrary<Usage> = fc
  .tuple(fc.nat(9999), fc.nat(9999), fc.nat(9999), fc.nat(9999), fc.nat(9999))
  .map(([fresh, cacheRead, cacheWrite, answer, reasoning]) => ({
    input: { total: fresh + cacheRead + cacheWrite, cacheRead, cacheWrite },
    output: { total: answer + reasoning, reasoning },
  }))

each('answers to clients of $id', (to) => {
  it('27: counts that the wire has a place for arrive as they were', () => {
    fc.assert(
      fc.property(countsArbitrary, (usage) => {
        const read = answered(saying({ usage }), to).usage
        expect([read?.input?.total, read?.output?.total]).toEqual([
          usage.input?.total,
          usage.output?.total,
        ])
        const { cacheRead, cacheWrite } = usage.input ?? {}
        const sayable = compact({ cacheRead, cacheWrite, reasoning: usage.output?.reasoning })
        const said = omit(sayable, UNCOUNTED[to.id] ?? [])
        expect({ ...read?.input, ...read?.output }).toMatchObject(said)
      }),
      RUNS,
    )
  })

  it('28: counts are whole numbers that are not negative, and parts add up to their total', () => {
    fc.assert(
      fc.property(fc.oneof(countsArbitrary, usageArbitrary), (usage) => {
        const foreign = { ...usage, raw: { dialect: 'away', value: {} } }
        const { body } = to.response.encode(saying({ usage: foreign }), encoding(to)).value
        const printed = isObject(body) ? body : {}
        const counts = isObject(printed['usage']) ? printed['usage'] : printed
        SUMS[to.id]?.(counts, usage)
        for (const [key, value] of Object.entries(counts)) {
          if (/tokens$|count$/.test(key) && value !== null) {
            expect(Number.isSafeInteger(value) && Number(value) >= 0).toBe(true)
          }
        }
      }),
      RUNS,
    )
  })

  it('29: what is unknown does not become 0, but where the wire demands a number, with a note', () => {
    const { value, notes } = to.response.encode(saying({}), encoding(to))
    const zero = /"[a-z_]*(?:tokens|count)":0/.test(JSON.stringify(value.body))
    expect(zero).toBe(notes.some((note) => note.feature === 'usage'))
    expect(zero).toBe(COUNTING.has(to.id))
  })

  it('30: a stream ends with the counts of the whole answer', () => {
    fc.assert(
      fc.property(countsArbitrary, (usage) => {
        const whole = answered(saying({ usage }), to).usage
        const stream = streamed(saying({ usage }), to).usage
        expect([stream?.input, stream?.output]).toEqual([whole?.input, whole?.output])
      }),
      RUNS,
    )
    const streams = wires[to.id]?.streams ?? fc.constant([])
    fc.assert(
      fc.property(streams, fc.nat(), (events, cut) => {
        const bytes = bytesOfStream(to.framing, events, PLAIN)
        const read = decodeBytes(to, [bytes.subarray(0, cut % bytes.length)], decoding(to))
        if (read.at(-1)?.type !== 'error') return
        const { usage } = collected(to, read)
        const counted = usage?.input?.total ?? usage?.output?.total
        if (counted !== undefined) expect(usage?.partial).toBe(true)
      }),
      RUNS,
    )
  })

  it('31: every reason to stop has a word, and keeps its meaning once it has been said', () => {
    fc.assert(
      fc.property(responseArbitrary, (response) => {
        const first = response.candidates[0]
        if (first === undefined || to.response.encode(response, encoding(to)).value.status !== 200)
          return
        const once = answered(response, to)
        const twice = answered({ ...once, origin: { dialect: 'away' } }, to)
        expect(twice.candidates[0]?.finish?.reason).toBe(once.candidates[0]?.finish?.reason)
        const calls = once.candidates[0]?.parts.some((part) => part.type === 'tool-call') === true
        if (once.candidates[0]?.finish?.reason === 'tool-calls') expect(calls).toBe(true)
        if (calls) expect(STOPPED.has(once.candidates[0]?.finish?.reason ?? 'stop')).toBe(false)
      }),
      RUNS,
    )
  })

  it('32: what a call is counted by is the provider’s own usage, the same whatever the client speaks', async () => {
    await fc.assert(
      fc.asyncProperty(wires[to.id]?.responses ?? fc.constant({}), async (body) => {
        const counted = await Promise.all(
          dialects.map(async (client) => {
            const transport = fakeTransport(() => ({ chunks: [JSON.stringify(body)] }))
            const provider = providerOf(to, transport)
            const request = { ...requestWith({ model: 'm' }), origin: { dialect: client.id } }
            const reply = await provider.handle(exchangeOf(request)).catch(() => undefined)
            const { inputTokens, outputTokens } = provider.tracker.stats()
            const usage = reply?.kind === 'whole' ? reply.response.usage : undefined
            expect([inputTokens, outputTokens]).toEqual([
              usage?.input?.total ?? 0,
              usage?.output?.total ?? 0,
            ])
            return usage
          }),
        )
        for (const usage of counted) expect(usage).toEqual(counted[0])
      }),
      RUNS,
    )
  })
})

/** What must add up to what, where a wire counts otherwise than the model. */
const SUMS: Readonly<Record<string, (printed: JsonObject, usage: Usage) => void>> = {
  'anthropic-messages': (printed, { input = {} }) => {
    const { total, cacheRead = 0, cacheWrite = 0 } = input
    if (total === undefined || total < cacheRead + cacheWrite) return
    const parts = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
    expect(parts.map((key) => Number(printed[key] ?? 0)).reduce((sum, part) => sum + part)).toBe(
      total,
    )
  },
  gemini: (printed, { output = {} }) => {
    const counts = isObject(printed['usageMetadata']) ? printed['usageMetadata'] : {}
    const { total, reasoning = 0 } = output
    if (total === undefined || total < reasoning) return
    expect(
      Number(counts['candidatesTokenCount'] ?? 0) + Number(counts['thoughtsTokenCount'] ?? 0),
    ).toBe(total)
  },
}

/** Counts that a wire has no place for. */
const UNCOUNTED: Readonly<Record<string, readonly ('cacheRead' | 'cacheWrite' | 'reasoning')[]>> = {
  ollama: ['cacheRead', 'cacheWrite', 'reasoning'],
  gemini: ['cacheWrite'],
  'mistral-chat': ['cacheWrite'],
}

/** Wires whose clients refuse an answer without counts. */
const COUNTING: ReadonlySet<string> = new Set([
  'anthropic-messages',
  'openai-responses',
  'mistral-chat',
])

/** An answer with calls that says one of these would leave them unanswered. */
const STOPPED: ReadonlySet<FinishReason> = new Set(['stop'])

describe('any chain of dialects', () => {
  it('27: counts that all of them have a place for are the same at its end', () => {
    const chains = fc.array(fc.constantFrom(...dialects), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(countsArbitrary, chains, (usage, chain) => {
        const end = chain.reduce(
          (response, to) => ({ ...answered(response, to), origin: { dialect: 'away' } }),
          saying({ usage }),
        ).usage
        expect([end?.input?.total, end?.output?.total]).toEqual([
          usage.input?.total,
          usage.output?.total,
        ])
        const lost = chain.flatMap(({ id }) => UNCOUNTED[id] ?? [])
        const { cacheRead, cacheWrite } = usage.input ?? {}
        const said = compact({ cacheRead, cacheWrite, reasoning: usage.output?.reasoning })
        expect({ ...end?.input, ...end?.output }).toMatchObject(omit(said, lost))
      }),
      RUNS,
    )
  })
})
