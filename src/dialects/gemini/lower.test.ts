// What other wires' requests become on their way to Gemini, and that its own stay as they are.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, ReasoningControl, Turn } from '../../canonical/request.ts'
import { requestArbitrary, requestWith, text, visibleText } from '../lowering/request.arbitrary.ts'
import { plain } from '../dialect.contract.ts'
import { gemini } from './dialect.ts'

function profile(model?: string, flags = {}) {
  return { provider: 'p', flags, ...(model === undefined ? {} : { model }) }
}

function lowered(more: Partial<ChatRequest>, model?: string) {
  return gemini.lower(requestWith(more), profile(model))
}

function turnsOf(turns: readonly Turn[], model?: string): readonly Turn[] {
  return lowered({ turns }, model).value.turns
}

const user: Turn = { role: 'user', parts: [text('u')] }

function call(callId: string, name = 'f'): Part {
  return { type: 'tool-call', callId, kind: 'function', name, arguments: { text: '{}', json: {} } }
}

function result(callId: string): Part {
  return { type: 'tool-result', callId, content: [text(callId)] }
}

/** Whether every character of `text` stands in `whole`, in order. */
function holdsInOrder(whole: string, text: string): boolean {
  let at = 0
  for (const character of text) {
    at = whole.indexOf(character, at) + 1
    if (at === 0) return false
  }
  return true
}

const SENTINEL = { payload: 'skip_thought_signature_validator', origin: { dialect: 'gemini' } }

describe('any request', () => {
  it('is lowered for good at once, keeps what was said, and can be printed', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const once = gemini.lower(request, profile())
        expect(gemini.lower(once.value, profile()).value).toEqual(once.value)
        expect(holdsInOrder(visibleText(once.value), visibleText(request))).toBe(true)
        expect(plain(gemini.request.encode(once.value, profile()).body)).toBeDefined()
      }),
    )
  })

  it('alternates between user and model, the user first, with a result for every call', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { turns } = gemini.lower(request, profile()).value
        const spoken = turns.filter(({ place }) => place !== 'top')
        expect(spoken[0]?.role).toBe('user')
        for (const [at, turn] of spoken.entries()) {
          const before = spoken[at - 1]
          expect(turn.role).toBe(at % 2 === 0 ? 'user' : 'assistant')
          expect(turn.parts.length).toBeGreaterThan(0)
          const calls = before?.parts.flatMap((part) =>
            part.type === 'tool-call' ? [part.callId] : [],
          )
          const results = turn.parts.flatMap((part) =>
            part.type === 'tool-result' ? [part.callId] : [],
          )
          expect(results).toEqual(turn.role === 'user' ? (calls ?? []) : [])
        }
      }),
    )
  })

  it('lets no seal of another provider through', () => {
    fc.assert(
      fc.property(requestArbitrary, (request) => {
        const { turns } = gemini.lower(request, profile()).value
        const seals = turns.flatMap((turn) => turn.parts).flatMap((part) => part.seal ?? [])
        expect(seals.every(({ origin }) => origin.dialect === 'gemini')).toBe(true)
      }),
    )
  })
})

describe('turns', () => {
  it('have their first instructions at the top, as one, and later ones where they stand', () => {
    const turns = turnsOf([
      { role: 'system', parts: [text('a')] },
      { role: 'developer', parts: [text('b')] },
      user,
      { role: 'developer', parts: [text('c')] },
    ])
    const marked = [text('<system>'), text('c'), text('</system>')]
    expect(turns).toEqual([
      { role: 'system', place: 'top', parts: [text('a'), text('b')] },
      { ...user, parts: [...user.parts, ...marked] },
    ])
  })

  it('have their instructions in the first message for models that know no others', () => {
    const { value, notes } = lowered(
      { turns: [{ role: 'system', parts: [text('a')] }, user] },
      'gemma-3-27b',
    )
    expect(value.turns).toEqual([{ role: 'user', parts: [text('a'), text('u')] }])
    expect(notes).toContainEqual(expect.objectContaining({ feature: 'system', weight: 2 }))
  })

  it('begin and end with the user, who is made to speak where there is none', () => {
    expect(turnsOf([{ role: 'assistant', parts: [text('a')] }])).toEqual([
      { role: 'user', parts: [text('Continue.')] },
      { role: 'assistant', parts: [text('a')] },
      { role: 'user', parts: [text('Continue.')] },
    ])
    expect(turnsOf([{ role: 'system', parts: [text('a')] }]).at(-1)?.role).toBe('user')
  })

  it('bring results in the order of their calls, before what else the user says', () => {
    const turns = turnsOf([
      user,
      { role: 'assistant', parts: [call('1'), call('2')] },
      { role: 'tool', parts: [result('2')] },
      { role: 'tool', parts: [result('1')] },
      user,
    ])
    expect(turns).toHaveLength(3)
    expect(turns[2]?.parts).toMatchObject([{ callId: '1', name: 'f' }, { callId: '2' }, text('u')])
  })

  it('make up results that are missing, as failures, and say so', () => {
    const { value, notes } = lowered({
      turns: [
        user,
        { role: 'assistant', parts: [call('1'), call('2')] },
        { role: 'tool', parts: [result('2')] },
      ],
    })
    expect(value.turns[2]?.parts).toMatchObject([
      { type: 'tool-result', callId: '1', isError: true },
      { type: 'tool-result', callId: '2' },
    ])
    expect(notes).toMatchObject([{ action: 'synthesized', feature: 'tool_result', from: '1' }])
  })

  it('tell a result without a call as text', () => {
    const { value, notes } = lowered({ turns: [user, { role: 'tool', parts: [result('9')] }] })
    expect(value.turns).toEqual([{ role: 'user', parts: [text('u'), text('Result of a tool: 9')] }])
    expect(notes).toContainEqual(expect.objectContaining({ feature: 'tool_result', weight: 2 }))
  })
})

describe('signatures', () => {
  const turns: readonly Turn[] = [
    user,
    { role: 'assistant', parts: [text('I look.'), call('1'), call('2')] },
    { role: 'tool', parts: [result('1'), result('2')] },
  ]

  it('are stood for on the first call of each message made elsewhere', () => {
    const [, said, first, second] = turnsOf(turns, 'gemini-3-pro-preview').flatMap(
      ({ parts }) => parts,
    )
    expect(said?.seal).toBeUndefined()
    expect(first?.seal).toMatchObject(SENTINEL)
    expect(second?.seal).toBeUndefined()
  })

  it('are not asked for by older models', () => {
    for (const model of ['gemini-2.5-flash', 'gemini-2.0-flash', 'gemma-3']) {
      expect(
        turnsOf(turns, model).flatMap(({ parts }) => parts.flatMap(({ seal }) => seal ?? [])),
      ).toEqual([])
    }
  })

  it('of another provider, carried by a client of this wire, are replaced too', () => {
    const seal = { payload: 's', format: 'x', origin: { dialect: 'other' } }
    const own = requestWith({
      origin: { dialect: 'gemini' },
      turns: [
        user,
        { role: 'assistant', parts: [{ type: 'reasoning', text: 't', seal }, call('1')] },
      ],
    })
    const parts = gemini.lower(own, profile()).value.turns[1]?.parts
    expect(parts?.[0]).toEqual({ type: 'reasoning', text: 't' })
    expect(parts?.[1]?.seal).toMatchObject(SENTINEL)
  })

  it('missing from a request of this wire are its client’s business', () => {
    const own = requestWith({
      origin: { dialect: 'gemini' },
      turns: [user, { role: 'assistant', parts: [call('1')] }],
    })
    expect(gemini.lower(own, profile())).toEqual({ value: own, notes: [] })
  })

  it('are wanted on thinking: what has none is dropped', () => {
    const { value, notes } = lowered({
      turns: [
        user,
        { role: 'assistant', parts: [{ type: 'reasoning', text: 't' }, text('a')] },
        user,
      ],
    })
    expect(value.turns[1]?.parts).toEqual([text('a')])
    expect(notes).toMatchObject([{ feature: 'reasoning', weight: 2 }])
  })
})

/** The `thinkingConfig` that a model is asked with. */
function asked(reasoning: ReasoningControl, model: string): unknown {
  const { value } = gemini.lower(requestWith({ turns: [user], reasoning }), profile(model))
  const body = plain(gemini.request.encode(value, profile(model)).body)
  return Object(Object(body).generationConfig).thinkingConfig
}

describe('thinking', () => {
  it.each<[ReasoningControl, object]>([
    [{ effort: 'low' }, { thinkingLevel: 'LOW', includeThoughts: true }],
    [{ effort: 'max' }, { thinkingLevel: 'HIGH', includeThoughts: true }],
    [{ effort: 'none' }, { thinkingLevel: 'MINIMAL', includeThoughts: false }],
    [{ mode: 'off' }, { thinkingLevel: 'MINIMAL', includeThoughts: false }],
    [
      { mode: 'on', budgetTokens: 9000 },
      { thinkingLevel: 'MEDIUM', includeThoughts: true },
    ],
    [{ mode: 'auto' }, { includeThoughts: true }],
    [
      { effort: 'high', show: 'omitted' },
      { thinkingLevel: 'HIGH', includeThoughts: false },
    ],
  ])('%j is a level for newer models', (reasoning, config) => {
    expect(asked(reasoning, 'gemini-3-flash')).toEqual(config)
    expect(asked(reasoning, 'unheard-of')).toEqual(config)
  })

  it.each<[ReasoningControl, object]>([
    [{ effort: 'low' }, { thinkingBudget: 2048, includeThoughts: true }],
    [
      { mode: 'on', budgetTokens: 5 },
      { thinkingBudget: 128, includeThoughts: true },
    ],
    [{ mode: 'off' }, { thinkingBudget: 0, includeThoughts: false }],
    [{ mode: 'auto' }, { thinkingBudget: -1, includeThoughts: true }],
  ])('%j is a budget for models before them', (reasoning, config) => {
    expect(asked(reasoning, 'gemini-2.5-flash')).toEqual(config)
  })

  it('cannot be turned off where the model always thinks', () => {
    expect(asked({ mode: 'off' }, 'gemini-2.5-pro')).toEqual({
      thinkingBudget: 128,
      includeThoughts: false,
    })
  })

  it('is not mentioned to models that do not think', () => {
    const { value, notes } = lowered(
      { turns: [user], reasoning: { effort: 'high' } },
      'gemini-2.0-flash',
    )
    expect(value.reasoning).toBeUndefined()
    expect(notes).toMatchObject([{ action: 'dropped', feature: 'reasoning_effort', weight: 2 }])
  })

  it.each<[string, object | undefined]>([
    ['gemini-3.7-flash', { thinkingLevel: 'LOW', includeThoughts: true }],
    ['gemini-3-flash', { thinkingLevel: 'MINIMAL', includeThoughts: true }],
    ['gemini-3-pro-image', { thinkingBudget: 1024, includeThoughts: true }],
    ['gemini-2.5-flash-image', undefined],
    ['gemini-2.5-pro-preview-tts', undefined],
  ])('of the least effort is what the family of %s takes', (model, config) => {
    expect(asked({ effort: 'minimal' }, model)).toEqual(config)
  })

  it('can be told by flags', () => {
    const flags = { thinking: 'budget', minBudget: 64 }
    const request = requestWith({ turns: [user], reasoning: { mode: 'on', budgetTokens: 70 } })
    expect(gemini.lower(request, profile('mine', flags)).value.reasoning?.budgetTokens).toBe(70)
  })
})

describe('settings', () => {
  it('keep what the wire has, and note what it has not', () => {
    const { value, notes } = lowered({
      turns: [user],
      sampling: { temperature: 2.5, topK: 5, n: 2, seed: 2 ** 31 + 5, minP: 0.1, stop: ['a', ''] },
      parallelToolCalls: false,
      identity: { user: 'u' },
      service: { tier: 'default', store: false, region: 'eu' },
    })
    expect(value.sampling).toEqual({ temperature: 2, topK: 5, n: 2, seed: 5, stop: ['a'] })
    expect(value.service).toEqual({ tier: 'standard', store: false })
    expect(notes.map(({ feature, weight }) => [feature, weight])).toEqual([
      ['user', 1],
      ['region', 4],
      ['parallel_tool_calls', 0],
      ['min_p', 2],
      ['temperature', 2],
      ['stop', 0],
      ['seed', 0],
    ])
  })

  it('say no list of tools rather than an empty one', () => {
    const { value } = lowered({ turns: [user], tools: [], toolChoice: { mode: 'auto' } })
    expect(value).not.toHaveProperty('tools')
    expect(value).not.toHaveProperty('toolChoice')
  })

  it('drop tiers that are not known here', () => {
    const { value, notes } = lowered({ turns: [user], service: { tier: 'scale' } })
    expect(value.service).toEqual({})
    expect(notes).toMatchObject([{ feature: 'service_tier', weight: 1, from: 'scale' }])
  })

  it('ask for pictures but not for a voice, whose names differ', () => {
    const { value, notes } = lowered({
      turns: [user],
      output: { modalities: ['text', 'image', 'audio'], audio: { voice: 'alloy' } },
    })
    expect(value.output?.modalities).toEqual(['text', 'image'])
    expect(notes.map(({ feature, weight }) => [feature, weight])).toEqual([
      ['audio', 3],
      ['modalities', 3],
    ])
  })
})
