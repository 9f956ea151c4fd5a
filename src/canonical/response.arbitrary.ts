// Arbitrary finished responses, for the properties of streams.
import fc from 'fast-check'
import type { Extensions } from './extensions.ts'
import { hostedWorkArbitrary } from './hosted-work.arbitrary.ts'
import type { JsonObject } from './json.ts'
import type { Part, Sealed, TokenLogprob } from './part.ts'
import type { Candidate, ChatResponse, FinishReason } from './response.ts'
import type { InputUsage, OutputUsage, Usage } from './usage.ts'

const word = fc.string({ unit: 'grapheme', maxLength: 10 })
const count = fc.nat(100_000)

const object: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null)),
  { maxKeys: 3 },
)

const extensions: fc.Arbitrary<Extensions> = fc.dictionary(
  fc.constantFrom('alpha', 'beta'),
  fc.record({ fields: object, shape: object }, { requiredKeys: [] }),
  { maxKeys: 2 },
)

const seal: fc.Arbitrary<Sealed> = fc.record({
  payload: word,
  format: word,
  origin: fc.record({ dialect: word }),
})

const toolCall: fc.Arbitrary<Part> = fc
  .tuple(
    word,
    fc.oneof(
      object.map((json) => ({ text: JSON.stringify(json), json })),
      word.map(asText),
    ),
  )
  .map(([name, input]) => ({
    type: 'tool-call',
    callId: `call_${name}`,
    kind: 'function',
    name,
    arguments: input,
  }))

/** Argument text that is no JSON. */
function asText(word: string): { readonly text: string } {
  return { text: `{${word}` }
}

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record(
    {
      type: fc.constant('text' as const),
      text: word,
      extensions,
      citations: fc.array(fc.record({ kind: fc.constant('url' as const), url: word }), {
        maxLength: 2,
      }),
    },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record(
    { type: fc.constant('reasoning' as const), text: word, seal },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record({ type: fc.constant('refusal' as const), text: word }),
  fc.record(
    {
      type: fc.constantFrom('image' as const, 'audio' as const),
      source: fc.record({ kind: fc.constant('base64' as const), data: fc.base64String() }),
      transcript: word,
    },
    { requiredKeys: ['type', 'source'] },
  ),
  toolCall,
  fc.record({
    type: fc.constant('opaque' as const),
    origin: fc.constant({ dialect: 'alpha' }),
    hosted: hostedWorkArbitrary,
    what: fc.constant('work'),
    native: object,
  }),
)

const logprob: fc.Arbitrary<TokenLogprob> = fc.record({ token: word, logprob: fc.constant(-0.5) })

const REASONS: readonly FinishReason[] = ['stop', 'length', 'tool-calls', 'refusal', 'other']

const candidate: fc.Arbitrary<Omit<Candidate, 'index'>> = fc.record(
  {
    parts: fc.array(part, { maxLength: 4 }),
    finish: fc.record(
      { reason: fc.constantFrom(...REASONS), raw: word },
      { requiredKeys: ['reason'] },
    ),
    logprobs: fc.array(logprob, { minLength: 1, maxLength: 3 }),
    extensions,
  },
  { requiredKeys: ['parts', 'finish'] },
)

const inputUsage: fc.Arbitrary<InputUsage> = fc.record(
  { total: count, cacheRead: count, cacheWrite: count, audio: count },
  { requiredKeys: [] },
)
const outputUsage: fc.Arbitrary<OutputUsage> = fc.record(
  { total: count, reasoning: count },
  { requiredKeys: [] },
)

export const usageArbitrary: fc.Arbitrary<Usage> = fc.record(
  {
    input: inputUsage,
    output: outputUsage,
    total: count,
    hosted: fc.dictionary(fc.constantFrom('web_search_requests', 'code'), count),
    timing: fc.record({ loadMs: count, totalMs: count }, { requiredKeys: [] }),
    tier: word,
    raw: fc.record({ dialect: word, value: object }),
  },
  { requiredKeys: [] },
)

export const responseArbitrary: fc.Arbitrary<ChatResponse> = fc.record(
  {
    origin: fc.record({ dialect: fc.constantFrom('alpha', 'beta') }),
    id: word,
    model: word,
    createdMs: count,
    candidates: fc
      .array(candidate, { maxLength: 3 })
      .map((list) => list.map((entry, index) => ({ ...entry, index }))),
    usage: usageArbitrary,
    fingerprint: word,
    tier: word,
    extensions,
  },
  { requiredKeys: ['origin', 'model', 'candidates'] },
)
