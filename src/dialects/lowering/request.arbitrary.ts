// Arbitrary requests for property tests: every kind of turn, part, tool and setting, from small pools so that names and ids clash.
import fc from 'fast-check'
import type { Extensions, Origin } from '../../canonical/extensions.ts'
import { hostedWorkArbitrary } from '../../canonical/hosted-work.arbitrary.ts'
import type { JsonObject } from '../../canonical/json.ts'
import type {
  Citation,
  MediaPart,
  OpaquePart,
  Part,
  Sealed,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canonical/part.ts'
import { type ChatRequest, EFFORTS, type Sampling, type Turn } from '../../canonical/request.ts'
import { HOSTED_KINDS, type HostedPurpose, type Tool } from '../../canonical/tool.ts'

const DIALECTS = ['alpha', 'beta'] as const
const NAMES = ['look', 'look_up', 'look up', 'löok', 'mcp.server/look', '__proto__', 'a'.repeat(90)]
const IDS = ['abcDEF123', 'call_1', 'call:1', 'toolu_01', '', '__proto__', 'x'.repeat(70)]

const dialect = fc.constantFrom(...DIALECTS)
const word: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', ' ', 'hello', 'été', '👩‍🚀', 'a\nb', '{"a":1}'),
  fc.string({ unit: 'binary', maxLength: 12 }),
)

const object: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.constantFrom('a', 'b', 'store', 'guardrails', 'seed'),
  fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean(), fc.constant(null)),
  { maxKeys: 3 },
)

const extensions: fc.Arbitrary<Extensions> = fc.dictionary(
  dialect,
  fc.record({ fields: object, shape: object }, { requiredKeys: [] }),
  { maxKeys: 2 },
)
const node = { extensions }

const originArbitrary: fc.Arbitrary<Origin> = fc.record(
  {
    dialect: fc.oneof(dialect, word),
    provider: fc.oneof(fc.constantFrom('one', 'two'), word),
    model: word,
  },
  { requiredKeys: ['dialect'] },
)

export const sealArbitrary: fc.Arbitrary<Sealed> = fc.record({
  payload: fc.oneof(word, fc.base64String({ maxLength: 40 }), fc.constant('pb1.broken')),
  format: word,
  origin: originArbitrary,
})

const partBase = {
  ...node,
  cache: fc.record({ ttl: word }, { requiredKeys: [] }),
  seal: sealArbitrary,
}

const citation: fc.Arbitrary<Citation> = fc.record(
  { ...node, kind: fc.constantFrom('url' as const, 'other' as const), url: word, title: word },
  { requiredKeys: ['kind'] },
)

const textPartArbitrary: fc.Arbitrary<TextPart> = fc.record(
  {
    ...partBase,
    type: fc.constant('text' as const),
    text: word,
    citations: fc.array(citation, { maxLength: 2 }),
  },
  { requiredKeys: ['type', 'text'] },
)

const mediaPart: fc.Arbitrary<MediaPart> = fc.record(
  {
    ...partBase,
    type: fc.constantFrom('image' as const, 'audio' as const, 'video' as const, 'file' as const),
    source: fc.oneof(
      fc.record({
        kind: fc.constant('base64' as const),
        data: fc.constantFrom('iVBORw0KGgoAAAA', '/9j/4AAQ', 'AAAA'),
      }),
      fc.record({
        kind: fc.constant('url' as const),
        url: fc.constantFrom('https://a.example/b.png', 'data:image/png;base64,AAAA', 'data:,x'),
      }),
      fc.record({ kind: fc.constant('file' as const), id: word, dialect }),
      fc.record({ kind: fc.constant('text' as const), text: word }),
      fc.record({
        kind: fc.constant('parts' as const),
        parts: fc.array(textPartArbitrary, { maxLength: 2 }),
      }),
    ),
    filename: word,
    detail: fc.constantFrom('auto', 'high'),
  },
  { requiredKeys: ['type', 'source'] },
)

const opaquePart: fc.Arbitrary<OpaquePart> = fc.record(
  {
    type: fc.constant('opaque' as const),
    origin: originArbitrary,
    hosted: hostedWorkArbitrary,
    what: fc.constantFrom('web_search_tool_result', 'compaction'),
    native: fc.oneof(
      object,
      fc.record({ text: word }),
      fc.constant({ content: [{ title: 'T', url: 'https://a.example' }, { text: 'read me' }] }),
    ),
  },
  { requiredKeys: ['type', 'origin', 'what', 'native'] },
)

const toolCallPart: fc.Arbitrary<ToolCallPart> = fc.record(
  {
    ...partBase,
    type: fc.constant('tool-call' as const),
    callId: fc.constantFrom(...IDS),
    kind: fc.constantFrom('function' as const, 'custom' as const),
    name: fc.constantFrom(...NAMES),
    arguments: fc.oneof(
      fc.record({ text: word }),
      object.map((json) => ({ text: JSON.stringify(json), json })),
    ),
  },
  { requiredKeys: ['type', 'callId', 'kind', 'name', 'arguments'] },
)

const toolResultPart: fc.Arbitrary<ToolResultPart> = fc.record(
  {
    ...partBase,
    type: fc.constant('tool-result' as const),
    callId: fc.constantFrom(...IDS),
    name: fc.constantFrom(...NAMES),
    content: fc.array(fc.oneof(textPartArbitrary, mediaPart), { maxLength: 3 }),
    isError: fc.boolean(),
  },
  { requiredKeys: ['type', 'callId', 'content'] },
)

const reasoningPart: fc.Arbitrary<Part> = fc.oneof(
  fc.record(
    { ...partBase, type: fc.constant('reasoning' as const), text: word },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record({
    type: fc.constant('reasoning' as const),
    text: fc.constant(''),
    redacted: fc.constant(true as const),
    seal: sealArbitrary,
  }),
)

const searchResultPart: fc.Arbitrary<Part> = fc.record({
  type: fc.constant('search-result' as const),
  source: word,
  title: word,
  content: fc.array(textPartArbitrary, { maxLength: 2 }),
})

const userParts = fc.array(
  fc.oneof(textPartArbitrary, mediaPart, searchResultPart, toolResultPart),
  {
    maxLength: 4,
  },
)
const assistantParts = fc.array(
  fc.oneof(
    textPartArbitrary,
    reasoningPart,
    toolCallPart,
    opaquePart,
    mediaPart,
    fc.record({ type: fc.constant('refusal' as const), text: word }),
  ),
  { maxLength: 4 },
)

const turnArbitrary: fc.Arbitrary<Turn> = fc.oneof(
  fc.record(
    {
      ...node,
      role: fc.constantFrom('system' as const, 'developer' as const),
      place: fc.constant('top' as const),
      parts: fc.array(textPartArbitrary, { maxLength: 2 }),
    },
    { requiredKeys: ['role', 'parts'] },
  ),
  fc.record(
    { ...node, role: fc.constant('user' as const), parts: userParts, name: word },
    { requiredKeys: ['role', 'parts'] },
  ),
  fc.record(
    { ...node, role: fc.constant('assistant' as const), parts: assistantParts },
    { requiredKeys: ['role', 'parts'] },
  ),
  fc.record({
    role: fc.constant('tool' as const),
    parts: fc.array(toolResultPart, { minLength: 1, maxLength: 3 }),
  }),
)

const domains = fc.constant(['a.example'] as const)

const hostedPurpose: fc.Arbitrary<HostedPurpose> = fc.record(
  {
    what: fc.constantFrom(...HOSTED_KINDS),
    allowedDomains: domains,
    blockedDomains: domains,
    offline: fc.constant(true as const),
    maxUses: fc.constantFrom(1, 3),
    contextSize: fc.constantFrom('low', 'high'),
    location: fc.constant({ city: 'Oslo' }),
    others: fc.constant({ odd: 1 as const }),
  },
  { requiredKeys: ['what'] },
)

const tool: fc.Arbitrary<Tool> = fc.oneof(
  fc.record(
    {
      ...node,
      kind: fc.constant('function' as const),
      name: fc.constantFrom(...NAMES),
      description: word,
      parameters: object,
      strict: fc.boolean(),
      cache: fc.constant({}),
    },
    { requiredKeys: ['kind', 'name'] },
  ),
  fc.record(
    {
      ...node,
      kind: fc.constant('custom' as const),
      name: fc.constantFrom(...NAMES),
      format: fc.record(
        { syntax: fc.constantFrom('text', 'lark'), definition: word },
        { requiredKeys: ['syntax'] },
      ),
    },
    { requiredKeys: ['kind', 'name'] },
  ),
  fc.record(
    {
      kind: fc.constant('native' as const),
      dialect,
      name: fc.constantFrom('web_search', 'native tool'),
      native: object,
      purpose: hostedPurpose,
    },
    { requiredKeys: ['kind', 'dialect', 'name', 'native'] },
  ),
)

const sampling: fc.Arbitrary<Sampling> = fc.record(
  {
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    topP: fc.constantFrom(0.5, 1),
    topK: fc.nat(),
    minP: fc.constantFrom(0, 0.1),
    seed: fc.integer(),
    n: fc.constantFrom(1, 3),
    presencePenalty: fc.constantFrom(0, 1),
    frequencyPenalty: fc.constantFrom(0, 1),
    repeatPenalty: fc.constantFrom(1, 1.1),
    stop: fc.array(word, { maxLength: 6 }),
    logitBias: object,
    logprobs: fc.boolean(),
    topLogprobs: fc.nat(5),
  },
  { requiredKeys: [] },
)

export const requestArbitrary: fc.Arbitrary<ChatRequest> = fc.record(
  {
    ...node,
    origin: fc.record({ dialect }),
    model: fc.constantFrom('m', 'provider/m'),
    turns: fc.array(turnArbitrary, { maxLength: 6 }),
    tools: fc.array(tool, { maxLength: 4 }),
    toolChoice: fc.record(
      {
        ...node,
        mode: fc.constantFrom('auto' as const, 'none' as const, 'required' as const),
        only: fc.array(fc.constantFrom(...NAMES, 'web_search'), { minLength: 1, maxLength: 2 }),
      },
      { requiredKeys: ['mode'] },
    ),
    parallelToolCalls: fc.boolean(),
    maxHostedCalls: fc.constantFrom(1, 5),
    sampling,
    maxOutputTokens: fc.constantFrom(1, 16, 1024, 1025, 4096, 100_000),
    output: fc.record(
      {
        format: fc.oneof(
          fc.record({ ...node, type: fc.constantFrom('text' as const, 'json' as const) }),
          fc.record({ type: fc.constant('json-schema' as const), schema: object }),
        ),
        verbosity: fc.constantFrom('low', 'high'),
        modalities: fc.subarray(['text', 'audio', 'image']),
        audio: object,
        prediction: fc.array(textPartArbitrary, { maxLength: 1 }),
      },
      { requiredKeys: [] },
    ),
    reasoning: fc.record(
      {
        ...node,
        mode: fc.constantFrom('off' as const, 'on' as const, 'auto' as const),
        effort: fc.constantFrom(...EFFORTS),
        budgetTokens: fc.constantFrom(-1, 0, 500, 1024, 9000, 50_000),
        show: fc.constantFrom('summarized' as const, 'omitted' as const),
      },
      { requiredKeys: [] },
    ),
    stream: fc.record({ enabled: fc.boolean() }),
    caching: fc.record({ key: word }, { requiredKeys: [] }),
    identity: fc.record({ user: word, metadata: object }, { requiredKeys: [] }),
    service: fc.record({ tier: word, store: fc.boolean(), region: word }, { requiredKeys: [] }),
  },
  { requiredKeys: ['origin', 'model', 'turns', 'sampling', 'stream'] },
)

/** What user and assistant visibly say, in order. */
export function visibleText(request: ChatRequest): string {
  return request.turns
    .filter((turn) => turn.role === 'user' || turn.role === 'assistant')
    .flatMap((turn) => turn.parts)
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('')
}

/** A plain request with some fields of its own, for cases written by hand. */
export function requestWith(more: Partial<ChatRequest>): ChatRequest {
  return {
    origin: { dialect: 'alpha' },
    model: 'm',
    turns: [],
    sampling: {},
    stream: { enabled: false },
    ...more,
  }
}

export function text(text: string): TextPart {
  return { type: 'text', text }
}
