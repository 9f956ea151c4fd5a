// Schemas of tools and answers on their way to providers that read only a part of JSON Schema.
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/wire/json.ts'
import { from as fromClient, to as toProvider } from './protocols.ts'
import { asked, text, user } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()

/** What zod, pydantic and MCP servers write, with properties that are named like keywords. */
const HARD: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    format: { type: 'string' },
    default: { type: ['string', 'null'], default: null },
    properties: {
      type: 'object',
      propertyNames: { pattern: '^a' },
      patternProperties: { '^b': {} },
      additionalProperties: { type: 'string' },
    },
    $schema: { type: 'string', const: 'x' },
    count: { type: 'integer', exclusiveMinimum: 0, multipleOf: 2 },
    list: {
      anyOf: [{ type: 'array', items: { type: 'string' }, uniqueItems: true }, { type: 'null' }],
    },
    pick: { enum: ['read_files', 'write_files'] },
    level: { type: 'integer', enum: [1, 2, 3] },
  },
  required: ['format'],
  additionalProperties: false,
}

const TREE: JsonObject = {
  type: 'object',
  properties: { root: { $ref: '#/$defs/node', description: 'The root.' } },
  $defs: {
    node: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/$defs/node' } },
      },
    },
  },
}

function withTool(parameters: JsonObject) {
  return {
    turns: [user(text('go'))],
    tools: [{ kind: 'function', name: 'f', parameters } as const],
  }
}

describe.each(toProvider('gemini'))('a tool of a client of $from, before Gemini', ({ from }) => {
  it('keeps every keyword at every depth, in the field that takes JSON Schema [PB-058]', async () => {
    const told = await board.ask({ from, to: 'gemini', body: asked(from, withTool(HARD)) })
    const declared = dig(told.sent[0], 'tools.0.functionDeclarations.0')
    expect(dig(declared, 'parametersJsonSchema')).toEqual(HARD)
    expect(dig(declared, 'parameters')).toBeUndefined()
  })

  it('keeps lists of types and null as JSON Schema has them [PB-060]', async () => {
    const told = await board.ask({ from, to: 'gemini', body: asked(from, withTool(HARD)) })
    const properties = dig(
      told.sent[0],
      'tools.0.functionDeclarations.0.parametersJsonSchema.properties',
    )
    expect(dig(properties, 'default.type')).toEqual(['string', 'null'])
    expect(dig(properties, 'list.anyOf.1')).toEqual({ type: 'null' })
  })

  it('keeps enumerations without a type, and of numbers [PB-062]', async () => {
    const told = await board.ask({ from, to: 'gemini', body: asked(from, withTool(HARD)) })
    const properties = dig(
      told.sent[0],
      'tools.0.functionDeclarations.0.parametersJsonSchema.properties',
    )
    expect(dig(properties, 'pick')).toEqual({ enum: ['read_files', 'write_files'] })
    expect(dig(properties, 'level')).toEqual({ type: 'integer', enum: [1, 2, 3] })
  })
})

describe('a schema of an answer, before Gemini', () => {
  const format = { type: 'json_schema', json_schema: { name: 'answer', schema: HARD } }
  const body = { messages: [{ role: 'user', content: 'go' }], response_format: format }

  it('says only what is understood there, at every depth, and what is lost is told [PB-058]', async () => {
    const told = await board.ask({ from: 'openai-chat', to: 'gemini', body })
    const schema = dig(told.sent[0], 'generationConfig.responseJsonSchema')
    expect(dig(told.sent[0], 'generationConfig.responseSchema')).toBeUndefined()
    expect(schema).toMatchObject({
      type: 'object',
      properties: {
        format: { type: 'string' },
        default: { type: ['string', 'null'] },
        $schema: { type: 'string', enum: ['x'] },
        count: { type: 'integer', minimum: 1 },
        list: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] },
      },
      required: ['format'],
      additionalProperties: false,
    })
    expect(JSON.stringify(schema)).not.toMatch(
      /exclusiveMinimum|multipleOf|uniqueItems|patternProperties|propertyNames|"const"/,
    )
    const notes = told.headers.get('x-patchbay-notes') ?? ''
    for (const lost of ['multipleOf', 'uniqueItems', 'patternProperties', 'propertyNames'])
      expect(notes).toContain(lost)
  })
})

describe.each(fromClient('openai-chat'))('a schema with references, before $to', ({ to }) => {
  it('stays whole or is unfolded, never for ever, and no property is lost [PB-059]', async () => {
    const started = performance.now()
    const told = await board.ask({
      from: 'openai-chat',
      to,
      body: asked('openai-chat', withTool(TREE)),
    })
    expect(told.status).toBe(200)
    const sent = JSON.stringify(told.sent[0])
    expect(sent.length).toBeLessThan(4000)
    expect(performance.now() - started).toBeLessThan(5000)
    expect(sent).toContain('"name":{"type":"string"}')
    expect(sent).toContain('The root.')
    if (to === 'ollama') expect(sent).not.toContain('$ref')
    else expect(sent).toContain('"$defs":{"node"')
  })
})
