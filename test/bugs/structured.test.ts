// Answers in a form: JSON and schemas, where the provider has them and where it has not.
import { describe, expect, it } from 'vitest'
import { to as toProvider } from './protocols.ts'
import { said, text } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  { providerType: 'custom', name: 'schema-only', settings: { flags: { jsonObject: false } } },
  { providerType: 'custom', name: 'json-only', settings: { flags: { jsonSchema: false } } },
  {
    providerType: 'custom',
    name: 'neither',
    settings: { flags: { jsonSchema: false, jsonObject: false } },
  },
])
const messages = [{ role: 'user', content: 'go' }]
const SCHEMA = {
  type: 'object',
  properties: { a: { type: 'number' } },
  required: ['a'],
  additionalProperties: false,
}
const format = { type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA } }

describe('JSON that an instruction asks for, where the provider has no mode for it', () => {
  const fenced = ['```', 'json', '\n{"a"', ':1}\n', '```\n']

  it.each(['whole', 'stream'] as const)(
    'is delivered without a fence around it, %s [PB-065]',
    async (shape) => {
      const parts = [text(fenced.join(''))]
      const told = await board.ask({
        from: 'openai-chat',
        to: 'anthropic-messages',
        stream: shape === 'stream',
        body: { messages, response_format: { type: 'json_object' } },
        reply: said('anthropic-messages', { parts }, shape),
      })
      const part = told.heard.candidates[0]?.parts[0]
      expect(JSON.parse(part?.type === 'text' ? part.text : '')).toEqual({ a: 1 })
    },
  )

  it('is not touched where nothing was emulated [PB-065]', async () => {
    const parts = [text(fenced.join(''))]
    const told = await board.ask({
      from: 'openai-chat',
      to: 'anthropic-messages',
      body: { messages },
      reply: said('anthropic-messages', { parts }, 'whole'),
    })
    expect(told.heard.candidates[0]?.parts).toMatchObject([{ text: fenced.join('') }])
  })
})

describe('tools together with a schema, before Gemini', () => {
  const tools = [{ type: 'function', function: { name: 'f', parameters: SCHEMA } }]
  it('both go where the model takes both [PB-066]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'gemini',
      body: { messages, tools, response_format: format },
    })
    expect(dig(told.sent[0], 'generationConfig.responseMimeType')).toBe('application/json')
    expect(dig(told.sent[0], 'tools.0.functionDeclarations.0.name')).toBe('f')
  })

  it.each(['gemini-2.5-flash', 'gemini-2.0-flash'])(
    'an instruction stands for the schema on %s, which takes one of them, and that is told [PB-066]',
    async (model) => {
      const told = await board.ask({
        from: 'openai-chat',
        to: 'gemini',
        model,
        body: { messages, tools, response_format: format },
      })
      expect(told.status).toBe(200)
      expect(dig(told.sent[0], 'generationConfig.responseMimeType')).toBeUndefined()
      expect(dig(told.sent[0], 'tools.0.functionDeclarations.0.name')).toBe('f')
      expect(JSON.stringify(dig(told.sent[0], 'systemInstruction'))).toContain('required')
      expect(told.headers.get('x-patchbay-notes')).toContain('response_format')
      const strict = await board.ask({
        from: 'openai-chat',
        to: 'gemini',
        model,
        body: { messages, tools, response_format: format },
        headers: { 'x-patchbay-policy': 'strict' },
      })
      expect([strict.status, strict.sent, dig(strict.json, 'error.param')]).toEqual([
        400,
        [],
        'response_format',
      ])
    },
  )

  it('the schema is said natively where there are no tools [PB-066]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'gemini',
      model: 'gemini-2.5-flash',
      body: { messages, response_format: format },
    })
    expect(dig(told.sent[0], 'generationConfig.responseJsonSchema')).toEqual(SCHEMA)
  })
})

describe('JSON and schemas as two abilities of a host', () => {
  it('a schema goes to one that knows schemas alone [PB-067]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'schema-only',
      body: { messages, response_format: format },
    })
    expect(dig(told.sent[0], 'response_format')).toEqual(format)
  })

  it('any JSON goes to one that knows no schemas [PB-067]', async () => {
    const json = { type: 'json_object' }
    const told = await board.ask({
      from: 'openai-chat',
      to: 'json-only',
      body: { messages, response_format: json },
    })
    expect(dig(told.sent[0], 'response_format')).toEqual(json)
  })

  it.each([format, { type: 'json_object' }])(
    'what a host cannot do is refused by the name of the field, before any call [PB-067]',
    async (wanted) => {
      const told = await board.ask({
        from: 'openai-chat',
        to: 'neither',
        body: { messages, response_format: wanted },
      })
      expect([told.status, told.sent, dig(told.json, 'error.param')]).toEqual([
        400,
        [],
        'response_format',
      ])
    },
  )

  it.each(toProvider('openai-chat'))(
    'a schema from $from reaches a host of the OpenAI protocol [PB-067]',
    async ({ from }) => {
      const bodies = {
        'openai-responses': {
          input: 'go',
          text: { format: { type: 'json_schema', name: 'answer', schema: SCHEMA } },
        },
        'anthropic-messages': {
          messages,
          output_config: { format: { type: 'json_schema', schema: SCHEMA } },
        },
        gemini: {
          contents: [{ role: 'user', parts: [{ text: 'go' }] }],
          generationConfig: { responseMimeType: 'application/json', responseJsonSchema: SCHEMA },
        },
        'mistral-chat': { messages, response_format: format },
        ollama: { messages, format: SCHEMA },
        'openai-chat': { messages },
      }
      const told = await board.ask({ from, to: 'openai-chat', body: bodies[from] })
      expect(dig(told.sent[0], 'response_format.json_schema.schema')).toEqual(SCHEMA)
    },
  )
})
