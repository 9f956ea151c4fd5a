// Structured output as it is asked for in nine ways by real clients, with `$schema` left inside (clients README §6.7).
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/wire/json.ts'
import { type Id, IDS } from '../bugs/protocols.ts'
import { said, text } from '../bugs/said.ts'
import { useSwitchboard } from '../bugs/switchboard.ts'
import { PING } from './ask.ts'

const board = useSwitchboard()
const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const gemini = { ...PING.gemini }
const upper = { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'] }
const mime = { responseMimeType: 'application/json' }
const named = { name: 'place', schema, strict: true }

const WAYS: readonly (readonly [way: string, from: Id, body: JsonObject])[] = [
  [
    'response_format',
    'openai-chat',
    { response_format: { type: 'json_schema', json_schema: named } },
  ],
  [
    'text.format',
    'openai-responses',
    { store: false, text: { format: { type: 'json_schema', ...named } } },
  ],
  [
    'output_config.format',
    'anthropic-messages',
    { output_config: { format: { type: 'json_schema', schema } } },
  ],
  [
    'responseSchema in upper case',
    'gemini',
    { ...gemini, generationConfig: { ...mime, responseSchema: upper } },
  ],
  [
    'responseSchema in lower case',
    'gemini',
    { ...gemini, generationConfig: { ...mime, responseSchema: schema } },
  ],
  [
    'responseJsonSchema',
    'gemini',
    { ...gemini, generationConfig: { ...mime, responseJsonSchema: schema } },
  ],
  ['format', 'ollama', { format: schema }],
  [
    'Mistral’s response_format',
    'mistral-chat',
    { response_format: { type: 'json_schema', json_schema: named } },
  ],
]

const said_ = '{"city":"Paris"}'

describe.each(WAYS)('a schema in %s', (_, from, body) => {
  it.each(IDS)('reaches %s, and the answer comes back', async (to) => {
    const reply = said(to, { parts: [text(said_)] }, 'whole')
    const told = await board.ask({ from, to, body: { ...PING[from], ...body }, reply })
    expect(told.status).toBe(200)
    expect(JSON.stringify(told.sent[0])).toMatch(/"city":\{"type":"(?:string|STRING)"/)
    expect(told.heard.candidates[0]?.parts).toMatchObject([{ type: 'text', text: said_ }])
  })
})

describe('a schema as the one tool that must be called (LangChain)', () => {
  const tool = { name: 'place', description: 'The place.' }
  it.each(IDS.filter((id) => id !== 'ollama'))('reaches %s', async (to) => {
    for (const told of [
      await board.ask({
        from: 'anthropic-messages',
        to,
        body: {
          ...PING['anthropic-messages'],
          tools: [{ ...tool, input_schema: schema }],
          tool_choice: { type: 'tool', name: 'place' },
        },
      }),
      await board.ask({
        from: 'mistral-chat',
        to,
        body: {
          ...PING['mistral-chat'],
          tools: [{ type: 'function', function: { ...tool, parameters: schema } }],
          tool_choice: 'any',
        },
      }),
    ]) {
      expect(told.status).toBe(200)
      expect(JSON.stringify(told.sent[0])).toMatch(/"city":\{"type":"(?:string|STRING)"/)
      expect(JSON.stringify(told.sent[0])).toMatch(/place.*(?:required|any|ANY|"name")/)
    }
  })
})
