// What the embedded model is asked of what the client wanted: every loss noted or refused.
import { describe, expect, it } from 'vitest'
import type { TextPart } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { grammarSchema } from './grammar-schema.ts'
import { planJob } from './job.ts'
import { assertTranslatable } from '../refused-translation.ts'
import { lowerForLocal } from './lower.ts'

const ASK: ChatRequest = {
  origin: { dialect: 'library' },
  model: 'smollm2-135m',
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  sampling: {},
  stream: { enabled: false },
}
const WEATHER = {
  kind: 'function',
  name: 'get_weather',
  description: 'Weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
} as const

function plan(more: Partial<ChatRequest>): ReturnType<typeof planJob> {
  return planJob(lowerForLocal({ ...ASK, ...more }).value, 100)
}

function text(text: string): readonly [TextPart] {
  return [{ type: 'text', text }]
}

function features(more: Partial<ChatRequest>): readonly string[] {
  return lowerForLocal({ ...ASK, ...more }).notes.map(
    (note) => `${note.action} ${note.feature} ${note.weight}`,
  )
}

function failureOf(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('lowerForLocal', () => {
  it('leaves a plain request as it is', () => {
    expect(lowerForLocal(ASK)).toEqual({ value: ASK, notes: [] })
  })

  it('refuses tools that the model is free to call, and says that it does not support them', () => {
    const { notes } = lowerForLocal({ ...ASK, tools: [WEATHER] })
    expect(() => assertTranslatable('local', 'default', notes)).toThrow(/does not support tools/)
    expect(features({ tools: [WEATHER] })).toEqual(['dropped tools 3'])
  })

  it('drops tools that must not be called without a word', () => {
    const { value, notes } = lowerForLocal({
      ...ASK,
      tools: [WEATHER],
      toolChoice: { mode: 'none' },
    })
    expect(value.tools).toBeUndefined()
    expect(notes).toEqual([])
  })

  it('keeps the one tool that must be called', () => {
    const other = { ...WEATHER, name: 'other' }
    const { value, notes } = lowerForLocal({
      ...ASK,
      tools: [other, WEATHER],
      toolChoice: { mode: 'required', only: ['get_weather'] },
    })
    expect(value.tools).toEqual([WEATHER])
    expect(notes).toEqual([])
  })

  it('refuses an image with the place where it stands', () => {
    const image = { type: 'image', source: { kind: 'base64', data: 'AAAA' } } as const
    const turns = [{ role: 'user', parts: [image] }] as const
    const { notes } = lowerForLocal({ ...ASK, turns })
    expect(failureOf(() => assertTranslatable('local', 'default', notes))).toMatchObject({
      kind: 'unsupported',
      param: 'turns[0].parts[0]',
    })
  })

  it('reads past tool calls and results as text, and notes it', () => {
    const more = {
      turns: [
        ...ASK.turns,
        {
          role: 'assistant',
          parts: [
            {
              type: 'tool-call',
              kind: 'function',
              callId: 'a',
              name: 'get_weather',
              arguments: { text: '{"city":"Berlin"}' },
            },
          ],
        },
        {
          role: 'tool',
          parts: [{ type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'sunny' }] }],
        },
      ],
    } as const
    expect(features(more)).toEqual(['approximated tool_history 2', 'approximated tool_history 2'])
    expect(plan(more).value.job.turns).toEqual([
      { role: 'user', text: 'Hi' },
      { role: 'assistant', text: '[called get_weather with {"city":"Berlin"}]' },
      { role: 'user', text: '[result: sunny]' },
    ])
  })

  it('notes settings that the engine does not have', () => {
    expect(features({ sampling: { n: 2, logprobs: true, logitBias: { '1': 5 } } })).toEqual([
      'dropped n 3',
      'dropped logit_bias 2',
      'dropped logprobs 2',
    ])
  })

  it("notes each field that only the client's protocol has, as heavy as that protocol says", () => {
    const extensions = {
      'openai-responses': {
        fields: { previous_response_id: 'resp_1', metadata: { a: 'b' } },
        weights: { previous_response_id: 3 },
      },
    } as const
    expect(features({ extensions })).toEqual([
      'dropped previous_response_id 3',
      'dropped metadata 1',
    ])
    const { notes } = lowerForLocal({ ...ASK, extensions })
    expect(() => assertTranslatable('local', 'default', notes)).toThrow(/previous_response_id/)
  })

  it('notes that nothing is thought, unless that was the wish', () => {
    expect(features({ reasoning: { effort: 'high' } })).toEqual(['dropped reasoning 1'])
    expect(features({ reasoning: { mode: 'off' } })).toEqual([])
  })
})

describe('planJob', () => {
  it('hands every setting on', () => {
    const sampling = {
      temperature: 1.5,
      topP: 0.5,
      topK: 5,
      minP: 0.1,
      seed: 7,
      presencePenalty: 0.2,
      frequencyPenalty: 0.3,
      repeatPenalty: 1.2,
      stop: ['END'],
    }
    expect(plan({ sampling, maxOutputTokens: 5 }).value.job).toMatchObject({
      ...sampling,
      maxTokens: 5,
    })
  })

  it('limits an answer whose length nobody named', () => {
    expect(plan({}).value.job.maxTokens).toBe(100)
  })

  it('puts system text first and joins neighbours of one role', () => {
    const { turns } = plan({
      turns: [
        { role: 'user', parts: text('one') },
        { role: 'developer', parts: text('rules') },
        { role: 'user', parts: text('two') },
      ],
    }).value.job
    expect(turns).toEqual([
      { role: 'system', text: 'rules' },
      { role: 'user', text: 'one\n\ntwo' },
    ])
  })

  it('makes any JSON, or JSON by a schema', () => {
    expect(plan({ output: { format: { type: 'json' } } }).value.job.json).toBe(true)
    const schema = { type: 'object', properties: { age: { type: 'integer' } } }
    const format = { type: 'json-schema', schema } as const
    expect(plan({ output: { format } }).value.job.json).toEqual(schema)
  })

  it('forces a tool by the grammar of its arguments, and tells the model about it', () => {
    const { value } = plan({ tools: [WEATHER], toolChoice: { mode: 'required' } })
    expect(value.tool).toEqual(WEATHER)
    expect(value.job.json).toEqual(WEATHER.parameters)
    expect(value.job.turns[0]?.text).toContain('Call the function "get_weather"')
  })
})

describe('grammarSchema', () => {
  it('says with the words of the engine what JSON Schema says in others', () => {
    const schema = {
      title: 'A node',
      anyOf: [{ $ref: '#/definitions/leaf' }, { type: ['object', 'null'], properties: {} }],
      definitions: { leaf: { type: 'string', format: 'date' } },
    }
    expect(grammarSchema(schema, 'here')).toEqual({
      value: {
        oneOf: [
          { $ref: '#/$defs/leaf' },
          {
            oneOf: [
              { type: 'object', properties: {} },
              { type: 'null', properties: {} },
            ],
          },
        ],
        $defs: { leaf: { type: 'string', format: 'date' } },
      },
      notes: [],
    })
  })

  it('notes each keyword that the grammar cannot hold, once', () => {
    const property = { type: 'string', pattern: '^a', format: 'email' }
    const schema = { type: 'object', properties: { a: property, b: property } }
    const { notes } = grammarSchema(schema, 'here')
    expect(notes.map((note) => [note.path, note.weight, note.reason])).toEqual([
      ['here', 2, expect.stringContaining('"pattern"')],
      ['here', 2, expect.stringContaining('"format"')],
    ])
  })

  it('takes a property for a property whatever its name', () => {
    const schema = { type: 'object', properties: { pattern: { type: 'string' } } }
    expect(grammarSchema(schema, 'here')).toEqual({ value: schema, notes: [] })
  })
})
