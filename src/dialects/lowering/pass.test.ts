// The laws that every pass keeps, whatever the request.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { begunAnswer } from './begun-answer.ts'
import { withoutCacheMarks } from './cache-marks.ts'
import { coalesce } from './coalesce.ts'
import { customTools } from './custom-tools.ts'
import { describedSchema } from './described-schema.ts'
import { developerAsSystem } from './developer-role.ts'
import { documentLabels } from './document-labels.ts'
import { dropEmptyText } from './empties.ts'
import { emptySettings } from './empty-settings.ts'
import { foreignFields } from './foreign-fields.ts'
import { foreignState } from './foreign-state.ts'
import { hoistSystem } from './hoist-system.ts'
import { instructedJson } from './instructed-json.ts'
import { hostedTools } from './hosted-tools.ts'
import { joinResults } from './join-results.ts'
import { lateResults } from './late-results.ts'
import { media } from './media.ts'
import { oneInstruction } from './one-instruction.ts'
import { output } from './output.ts'
import { objectArguments } from './object-arguments.ts'
import { orphanCalls, orphanResults } from './orphans.ts'
import { outputLimit } from './output-limit.ts'
import { type Pass, runPasses, unchanged } from './pass.ts'
import { reasoning } from './reasoning.ts'
import { requestArbitrary, requestWith, text, visibleText } from './request.arbitrary.ts'
import { resultErrors } from './result-errors.ts'
import { resultMedia } from './result-media.ts'
import { resultNames } from './result-names.ts'
import { sampling } from './sampling.ts'
import { splitResults } from './split-results.ts'
import { toolChoice } from './tool-choice.ts'
import { toolIds } from './tool-ids.ts'
import { toolNames } from './tool-names.ts'
import { unsupported } from './unsupported.ts'
import { userFirst, userLast } from './user-ends.ts'
import { wordsAsText } from './words-as-text.ts'

/** Each pass with rules that leave it much to do. */
const passes: Readonly<Record<string, Pass>> = {
  begunAnswer: begunAnswer({ dialect: 'beta' }),
  cacheMarks: withoutCacheMarks(),
  describedSchema,
  'documentLabels with names': documentLabels({ names: true, unnamed: 'file' }),
  'documentLabels without names': documentLabels({ names: false }),
  hostedTools: hostedTools({
    dialect: 'beta',
    print: ({ what }) => ({ name: what, native: {} }),
    choosable: false,
    settings: [],
  }),
  oneInstruction,
  wordsAsText: wordsAsText(['refusal', 'search-result']),
  coalesce: coalesce(),
  customTools: customTools(),
  developerAsSystem: developerAsSystem(),
  dropEmptyText: dropEmptyText(),
  emptySettings: emptySettings(),
  instructedJson: instructedJson({ formats: () => ['json', 'json-schema'], reason: 'no mode' }),
  foreignFields: foreignFields({ dialect: 'beta' }),
  foreignState: foreignState({ dialect: 'beta', provider: 'one' }),
  hoistSystem: hoistSystem(),
  joinResults: joinResults(),
  lateResults: lateResults(),
  media: media({ image: ['base64'], audio: [], video: [], file: ['url'] }),
  objectArguments: objectArguments(),
  orphanCalls: orphanCalls(),
  orphanResults: orphanResults(),
  output: output({ json: false, jsonSchema: true }),
  'output without JSON': output({ json: false, jsonSchema: false, modalities: ['audio'] }),
  'output without schema': output({ json: true, jsonSchema: false }),
  outputLimit: outputLimit({ required: 4096, min: 16 }),
  'reasoning by effort': reasoning({ speaks: 'effort', efforts: ['low', 'high'] }),
  'reasoning by level': reasoning({ speaks: 'level', efforts: ['low', 'medium', 'max'] }),
  'reasoning by switch': reasoning({ speaks: 'level', efforts: [] }),
  'reasoning by budget': reasoning({ speaks: 'budget', efforts: [] }),
  resultErrors: resultErrors({ prefix: 'Error: ' }),
  resultMedia: resultMedia(),
  resultNames: resultNames(),
  sampling: sampling({ supported: ['temperature', 'stop'], temperatureMax: 1, stopMax: 4 }),
  splitResults: splitResults(),
  toolChoice: toolChoice({ required: false, named: false, none: 'strip', parallel: 'drop' }),
  'toolChoice with names only': toolChoice({
    required: false,
    named: true,
    none: 'native',
    parallel: 'native',
  }),
  'toolChoice without names': toolChoice({
    required: true,
    named: false,
    none: 'native',
    parallel: 'native',
  }),
  toolIds: toolIds({ legal: /^[A-Za-z0-9]{9}$/, length: 9 }),
  toolNames: toolNames({ pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 }),
  userFirst: userFirst(),
  userLast: userLast(),
  unsupported: unsupported({
    features: [
      'caching',
      'citations',
      'detail',
      'metadata',
      'names',
      'region',
      'store',
      'storing',
      'cache-key',
      'cache-retention',
      'strict',
      'tier',
      'user',
    ],
  }),
}

/** Passes that say more than was said: a readable copy where something unreadable stood, or a word to go on with. */
const TEXT_ADDING: ReadonlySet<string> = new Set([
  'orphanResults',
  'foreignState',
  'media',
  'hoistSystem',
  'instructedJson',
  'userFirst',
  'userLast',
  'wordsAsText',
])

describe.each(Object.entries(passes))('%s', (name, pass) => {
  it('changes nothing the second time, and notes nothing', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const once = pass(request).value
        const twice = pass(once)
        expect(twice.notes).toEqual([])
        expect(twice.value).toBe(once)
      }),
    )
  })

  it('leaves its input as it was, and gives the same answer to the same request', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const before = structuredClone(request)
        const first = pass(deepFrozen(request))
        expect(request).toEqual(before)
        expect(pass(before)).toEqual(first)
      }),
    )
  })

  it('keeps what user and assistant said, in order', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { value } = pass(request)
        if (TEXT_ADDING.has(name)) expect(isWithin(said(request), said(value))).toBe(true)
        else expect(visibleText(value)).toBe(visibleText(request))
      }),
    )
  })

  it('gives a plain request back as it is', () => {
    const plain = requestWith({
      turns: [
        { role: 'system', place: 'top', parts: [text('Be brief.')] },
        { role: 'user', parts: [text('Hello')] },
        { role: 'assistant', parts: [text('Hi')] },
        { role: 'user', parts: [text('Bye')] },
      ],
      sampling: { temperature: 1 },
      maxOutputTokens: 100,
    })
    const { value, notes } = pass(plain)
    expect(value).toBe(plain)
    expect(notes).toEqual([])
  })

  it('notes every change of weight with a path and a reason', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        for (const note of pass(request).notes) {
          expect(note.path).not.toBe('')
          expect(note.reason).not.toBe('')
        }
      }),
    )
  })
})

describe('runPasses', () => {
  it('runs passes in order and gathers their notes', () => {
    const request = requestWith({
      turns: [
        { role: 'user', parts: [text('a')] },
        { role: 'developer', parts: [text('b')] },
      ],
    })
    const { value, notes } = runPasses(request, [developerAsSystem(), hoistSystem()])
    expect(value.turns.map((turn) => turn.role)).toEqual(['user', 'user'])
    expect(notes.map((note) => note.feature)).toEqual(['developer_role', 'system_position'])
  })

  it('is the identity without passes', () => {
    const request = requestWith({})
    expect(runPasses(request, [])).toEqual({ value: request, notes: [] })
    expect(unchanged(request).value).toBe(request)
  })
})

function said(request: ChatRequest): readonly string[] {
  return request.turns
    .filter((turn) => turn.role === 'user' || turn.role === 'assistant')
    .flatMap((turn) => turn.parts)
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
}

function isWithin(fewer: readonly string[], more: readonly string[]): boolean {
  let found = 0
  for (const item of more) if (item === fewer[found]) found += 1
  return found === fewer.length
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const entry of Object.values(value)) deepFrozen(entry)
    Object.freeze(value)
  }
  return value
}
