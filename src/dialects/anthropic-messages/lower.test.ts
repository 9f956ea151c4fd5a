// Requests of other protocols, made printable on this wire.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest, Turn } from '../../canonical/request.ts'
import { anthropicMessages } from './dialect.ts'
import { type MessageFlags, messageFlags } from './flags.ts'
import { HI, TOOLS, asked, call, lowered, profileOf, result } from './lowered.contract.ts'

function flagsOf(model: string): MessageFlags {
  return messageFlags({ provider: 'p', model, flags: {} })
}

const ours = {
  payload: 's',
  format: 'anthropic.signature',
  origin: { dialect: 'anthropic-messages' },
}

function loop(first: Part): Partial<ChatRequest> {
  const assistant: Turn = { role: 'assistant', parts: [first, call('c')] }
  return { turns: [HI, assistant, result('c')], reasoning: { effort: 'low' }, tools: TOOLS }
}

describe('the output limit', () => {
  it('is filled in, since the wire demands one, and left alone where it is given', () => {
    const { maxOutputTokens: _, ...open } = asked()
    expect(lowered(open)).toMatchObject({
      body: { max_tokens: 8192 },
      notes: ['synthesized max_tokens 0'],
    })
    expect(lowered(open, { defaultMaxTokens: 99 }).body).toMatchObject({ max_tokens: 99 })
    expect(lowered(asked())).toMatchObject({ body: { max_tokens: 4000 }, notes: [] })
  })

  it('leaves room for the thinking that was asked for', () => {
    const { maxOutputTokens: _, ...open } = asked({ reasoning: { effort: 'high' } })
    expect(lowered(open, { thinking: 'budget' }).body).toMatchObject({
      max_tokens: 8192 + 16_384,
      thinking: { type: 'enabled', budget_tokens: 16_384 },
    })
  })
})

describe('thinking', () => {
  const EFFORTS = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
  const LIMITS = [50, 1024, 1025, 2048, 4096, 64_000]

  it.each(EFFORTS.flatMap((effort) => LIMITS.map((limit) => ({ effort, limit }))))(
    'by $effort within $limit tokens has a budget that the wire takes',
    ({ effort, limit }) => {
      const { reasoning } = lowered(asked({ maxOutputTokens: limit, reasoning: { effort } })).value
      const budget = reasoning?.budgetTokens ?? 1024
      expect(reasoning?.mode).toBe(limit > 1024 ? 'on' : 'off')
      expect(budget).toBeGreaterThanOrEqual(1024)
      expect(budget).toBeLessThan(Math.max(limit, 1025))
    },
  )

  it('leaves room for the answer where neither limit nor effort was named', () => {
    const { maxOutputTokens: _, ...unlimited } = asked({ reasoning: { mode: 'on' } })
    const { value } = lowered(unlimited)
    const room = (value.maxOutputTokens ?? 0) - (value.reasoning?.budgetTokens ?? 0)
    expect(room).toBeGreaterThanOrEqual(8192)
  })

  it('is left to newer models, with the nearest word they know', () => {
    const flags = { thinking: 'adaptive', efforts: ['low', 'medium', 'high'] } as const
    expect(lowered(asked({ reasoning: { effort: 'xhigh' } }), flags)).toMatchObject({
      body: { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
      notes: ['approximated reasoning_effort 2'],
    })
    expect(
      lowered(asked({ reasoning: { mode: 'on', budgetTokens: 2000 } }), flags).body,
    ).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    })
  })

  it.each(['budget', 'adaptive', 'both'] as const)(
    'that is switched off is said to be off (%s)',
    (thinking) => {
      const off = { thinking: { type: 'disabled' } }
      expect(lowered(asked({ reasoning: { effort: 'none' } }), { thinking }).body).toMatchObject(
        off,
      )
      expect(lowered(asked({ reasoning: { mode: 'off' } }), { thinking }).body).toMatchObject(off)
    },
  )

  it('is dropped for models that cannot', () => {
    const { body, notes } = lowered(asked({ reasoning: { effort: 'low' } }), { thinking: 'none' })
    expect(body).not.toHaveProperty('thinking')
    expect(notes).toEqual(['dropped reasoning 2'])
  })

  it('left to the model goes with a forced call, but for the families that refuse both', () => {
    const request = asked({
      reasoning: { mode: 'auto' },
      tools: TOOLS,
      toolChoice: { mode: 'required' },
    })
    expect(lowered(request, flagsOf('claude-opus-5')).value.reasoning?.mode).toBe('auto')
    const { value, notes } = lowered(request, flagsOf('claude-fable-5'))
    expect(value.reasoning?.mode).toBe('off')
    expect(notes).toContain('dropped reasoning 2')
  })

  it('yields to a forced call', () => {
    const choice = { tools: TOOLS, toolChoice: { mode: 'required' as const } }
    expect(lowered(asked({ ...choice, reasoning: { effort: 'low' } })).body).toMatchObject({
      thinking: { type: 'disabled' },
      tool_choice: { type: 'any' },
    })
  })

  it('takes temperature and top_k away, which it excludes', () => {
    const { body, notes } = lowered(
      asked({ reasoning: { effort: 'low' }, sampling: { temperature: 0.2, topK: 5, topP: 0.99 } }),
    )
    expect(body).not.toHaveProperty('temperature')
    expect(body).not.toHaveProperty('top_k')
    expect(body).toMatchObject({ top_p: 0.99 })
    expect(notes).toContain('dropped temperature 2')
  })

  it('comes back first in its turn, byte for byte, when it is our own', () => {
    const { body } = lowered(asked(loop({ type: 'reasoning', text: 'a', seal: ours })))
    expect(body).toMatchObject({
      thinking: { type: 'enabled' },
      messages: [{}, { content: [{ type: 'thinking', thinking: 'a', signature: 's' }, {}] }, {}],
    })
  })

  it('is off for a tool loop that has lost it', () => {
    const { body, notes } = lowered(asked(loop({ type: 'reasoning', text: 'a' })))
    expect(body).toMatchObject({ thinking: { type: 'disabled' } })
    expect(notes).toContain('dropped reasoning 2')
    expect(JSON.stringify(body)).not.toContain('"thinking":"a"')
  })

  it('of another provider goes nowhere, even in a request of this protocol', () => {
    const seal = { payload: 'SECRET', format: 'x', origin: { dialect: 'other' } }
    const request = asked({
      ...loop({ type: 'reasoning', text: 'a', seal }),
      origin: { dialect: 'anthropic-messages' },
    })
    expect(JSON.stringify(lowered(request).body)).not.toContain('SECRET')
  })
})

describe('sampling', () => {
  it('clamps the temperature to 1', () => {
    expect(lowered(asked({ sampling: { temperature: 1.7 } }))).toMatchObject({
      body: { temperature: 1 },
      notes: ['clamped temperature 2'],
    })
  })

  it('drops with a note what the wire has no word for', () => {
    const sampling = { seed: 1, n: 2, frequencyPenalty: 0.5 }
    expect(lowered(asked({ sampling })).notes).toEqual([
      'dropped seed 2',
      'dropped n 3',
      'dropped frequency_penalty 2',
    ])
  })

  it('drops stop strings of blanks alone, which the wire refuses', () => {
    expect(lowered(asked({ sampling: { stop: ['\n\n', 'END'] } }))).toMatchObject({
      body: { stop_sequences: ['END'] },
      notes: ['dropped stop 2'],
    })
  })

  it('gives models that take none the neutral values only', () => {
    const flags = { sampling: 'rejected' } as const
    expect(
      lowered(asked({ sampling: { temperature: 0.3, topP: 0.5, topK: 2 } }), flags).notes,
    ).toEqual(['dropped temperature 2', 'dropped top_p 2', 'dropped top_k 2'])
    expect(lowered(asked({ sampling: { temperature: 1 } }), flags).notes).toEqual([])
  })

  it('gives models that take one of two the temperature', () => {
    const { body } = lowered(asked({ sampling: { temperature: 0.3, topP: 0.5 } }), {
      sampling: 'one',
    })
    expect(body).toMatchObject({ temperature: 0.3 })
    expect(body).not.toHaveProperty('top_p')
  })
})

describe('settings', () => {
  it('never name a choice where there are no tools', () => {
    const { body } = lowered(
      asked({ tools: [], toolChoice: { mode: 'auto' }, parallelToolCalls: false }),
    )
    expect(body).not.toHaveProperty('tool_choice')
    expect(body).not.toHaveProperty('tools')
    expect(lowered(asked({ toolChoice: { mode: 'required' } })).notes).toEqual([
      'dropped tool_choice 3',
    ])
  })

  it('map tiers, keep the end user, and note what has no place', () => {
    const { body, notes } = lowered(
      asked({
        service: { tier: 'flex' },
        identity: { user: 'u', metadata: { a: 1 } },
        caching: { key: 'k' },
      }),
    )
    expect(body).toMatchObject({ metadata: { user_id: 'u' } })
    expect(body).not.toHaveProperty('service_tier')
    expect(notes.toSorted()).toEqual([
      'dropped metadata 1',
      'dropped prompt_cache_key 1',
      'dropped service_tier 1',
    ])
    expect(lowered(asked({ service: { tier: 'default' } })).body).toMatchObject({
      service_tier: 'standard_only',
    })
  })
})

describe('lowering', () => {
  const request = fc.record({
    turns: fc.array(
      fc.constantFrom<Turn>(
        HI,
        { role: 'system', parts: [{ type: 'text', text: 'S' }] },
        { role: 'developer', parts: [{ type: 'text', text: '' }] },
        { role: 'assistant', parts: [{ type: 'reasoning', text: 'r' }, call('a.b', 'f g')] },
        result('a.b'),
        { role: 'assistant', parts: [{ type: 'refusal', text: 'No.' }] },
      ),
      { maxLength: 6 },
    ),
    reasoning: fc.constantFrom<NonNullable<ChatRequest['reasoning']>>(
      { effort: 'none' },
      { effort: 'max' },
      { mode: 'on', budgetTokens: 9000 },
      { mode: 'auto' },
      { mode: 'off' },
    ),
    toolChoice: fc.constantFrom<NonNullable<ChatRequest['toolChoice']>>(
      { mode: 'auto' },
      { mode: 'required', only: ['f g'] },
      { mode: 'required', only: ['f g', 'h'] },
    ),
    tools: fc.constantFrom<NonNullable<ChatRequest['tools']>>(
      [],
      [{ kind: 'function', name: 'f g' }],
      [
        { kind: 'custom', name: 'h' },
        { kind: 'function', name: 'f g' },
      ],
    ),
    output: fc.constantFrom<NonNullable<ChatRequest['output']>>({}, { format: { type: 'json' } }),
    sampling: fc.constantFrom<ChatRequest['sampling']>({}, { temperature: 2, topP: 0.1, seed: 1 }),
    maxOutputTokens: fc.constantFrom(10, 5000),
  })
  const models = fc.constantFrom(
    undefined,
    'claude-opus-4-7',
    'claude-opus-4-6',
    'claude-3-5-haiku',
  )

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(request, models, (more, model) => {
        const profile = { ...profileOf(), ...(model === undefined ? {} : { model }) }
        const once = anthropicMessages.lower(asked(more), profile)
        const twice = anthropicMessages.lower(once.value, profile)
        expect(twice.value).toEqual(once.value)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the generations of models', () => {
  it.each([
    ['claude-opus-5', 'adaptive', 'rejected'],
    ['claude-opus-4-7', 'adaptive', 'rejected'],
    ['vendor/claude-sonnet-4.6', 'both', 'one'],
    ['claude-sonnet-4-5-20250929', 'budget', 'one'],
    ['claude-sonnet-4-20250514', 'budget', 'accepted'],
    ['claude-3-7-sonnet-latest', 'budget', 'accepted'],
    ['claude-3-5-haiku-20241022', 'none', 'accepted'],
    ['claude-mock', 'both', 'accepted'],
    ['llama-3', 'both', 'accepted'],
  ])('%s thinks by %s, sampling %s', (model, thinking, sampling) => {
    expect(flagsOf(model)).toMatchObject({ thinking, sampling })
  })

  it('give way to what the target says of itself', () => {
    const flags = { thinking: 'none', defaultMaxTokens: 7, efforts: ['low', 'loud'] }
    expect(messageFlags({ provider: 'p', model: 'claude-opus-5', flags })).toMatchObject({
      thinking: 'none',
      defaultMaxTokens: 7,
      efforts: ['low'],
      sampling: 'rejected',
    })
  })
})
