// Requests: where the model stands, how turns, calls and results are read, and what a foreign request becomes.
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../canonical/request.ts'
import { requestWith, text } from '../lowering/request.arbitrary.ts'
import { wrapSeal } from '../lowering/seal.ts'
import { type Json, ObjectReader } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { gemini } from './dialect.ts'

const PROFILE = { provider: 'p', flags: {} }

function decode(body: Json, path = '/v1beta/models/m:generateContent'): ChatRequest {
  const url = new URL(path, 'http://gateway.example')
  const query = Object.fromEntries(url.searchParams)
  return gemini.request.decode({ method: 'POST', path: url.pathname, query, headers: {}, body })
}

function encode(request: ChatRequest) {
  const wire = gemini.request.encode(request, PROFILE)
  return { ...wire, body: ObjectReader.of(plain(wire.body), '').source }
}

function partsOf(request: ChatRequest) {
  return request.turns.flatMap((turn) => turn.parts)
}

describe('the path', () => {
  it.each([
    ['/v1beta/models/gemini-2.5-flash:generateContent', 'gemini-2.5-flash', false],
    ['/v1/models/llama3.2:1b:generateContent', 'llama3.2:1b', false],
    ['/v1/models/openai/gpt-4o:streamGenerateContent?alt=sse', 'openai/gpt-4o', true],
    ['/v1beta/models/openai%2Fgpt-4o%3A1:generateContent', 'openai/gpt-4o:1', false],
    ['/v1beta1/publishers/google/models/m:generateContent', 'm', false],
    ['/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent', 'm', true],
    ['/models/a/models/b:generateContent', 'a/models/b', false],
    ['/v1beta/tunedModels/foo:generateContent', 'tunedModels/foo', false],
    ['/v1beta/models/100%:generateContent', '100%', false],
  ])('%s names %s', (path, model, enabled) => {
    const request = decode({ contents: [] }, path)
    expect(request.model).toBe(model)
    expect(request.stream.enabled).toBe(enabled)
  })

  it.each([
    '/v1beta/models/m:countTokens',
    '/v1beta/models/m',
    '/v1beta/models/:generateContent/x',
  ])('refuses %s as a call that is not there', (path) => {
    expect(() => decode({}, path)).toThrow(
      expect.objectContaining({ kind: 'not_found', code: 'unknown_method' }),
    )
  })

  it('is printed with the model escaped and the stream asked for as events', () => {
    const stream = { enabled: true }
    expect(encode(requestWith({ model: 'a/b:c?d', stream }))).toMatchObject({
      path: '/v1beta/models/a%2Fb%3Ac%3Fd:streamGenerateContent',
      query: { alt: 'sse' },
    })
    const whole = encode(requestWith({ model: 'tunedModels/x' }))
    expect(whole.path).toBe('/v1beta/tunedModels/x:generateContent')
    expect(whole.query).toBeUndefined()
  })

  it('says with its query whether the stream is events or one array', () => {
    const path = '/v1beta/models/m:streamGenerateContent'
    expect(gemini.framingOf?.(decode({}, `${path}?alt=sse`))).toBe('sse')
    expect(gemini.framingOf?.(decode({}, path))).toBe('json-array')
    expect(gemini.framingOf?.(decode({}, '/v1beta/models/m:generateContent'))).toBe('sse')
    expect(gemini.framingOf?.(requestWith({}))).toBe('sse')
  })

  it('is followed by a model named in the body', () => {
    const routed = { ...decode({ model: 'models/m', contents: [] }), model: 'other' }
    expect(encode(routed).body['model']).toBe('models/other')
  })
})

describe('turns', () => {
  it('take the roles of the wire, and the user where there is none', () => {
    const { turns } = decode({
      systemInstruction: { parts: [{ text: 's' }] },
      contents: [{ parts: [] }, { role: 'model', parts: [] }, { role: 'function', parts: [] }],
    })
    expect(turns.map(({ role, place }) => [role, place])).toEqual([
      ['system', 'top'],
      ['user', undefined],
      ['assistant', undefined],
      ['tool', undefined],
    ])
  })

  it('refuse any other role, with its path', () => {
    expect(() => decode({ contents: [{ role: 'system', parts: [] }] })).toThrow(
      expect.objectContaining({ param: 'contents[0].role' }),
    )
  })
})

function call(name: string): Json {
  return { functionCall: { name, args: {} } }
}

function result(name: string): Json {
  return { functionResponse: { name, response: { output: name } } }
}

describe('calls and results without ids', () => {
  it('are paired by name, in order, and get the same ids whenever they are read', () => {
    const body = {
      contents: [
        { role: 'model', parts: [call('f'), call('g'), call('f')] },
        { role: 'user', parts: [result('g'), result('f'), result('f')] },
      ],
    }
    const ids = partsOf(decode(body)).map((part) => ('callId' in part ? part.callId : ''))
    expect(ids.slice(3)).toEqual([ids[1], ids[0], ids[2]])
    expect(new Set(ids).size).toBe(3)
    expect(ids.every((id) => /^[A-Za-z0-9]{9}$/.test(id))).toBe(true)
    expect(partsOf(decode(body))).toEqual(partsOf(decode(body)))
  })

  it('do not reach back over what the user said since', () => {
    const [first, , second, answer] = partsOf(
      decode({
        contents: [
          { role: 'model', parts: [call('f')] },
          { role: 'user', parts: [{ text: 'no' }] },
          { role: 'model', parts: [call('f')] },
          { role: 'user', parts: [result('f')] },
        ],
      }),
    ).map((part) => ('callId' in part ? part.callId : ''))
    expect(answer).toBe(second)
    expect(answer).not.toBe(first)
  })

  it('are paired though the client keeps every chunk of the answer as a turn', () => {
    const [first, , answer] = partsOf(
      decode({
        contents: [
          { role: 'model', parts: [call('f')] },
          { role: 'model', parts: [{ text: '' }] },
          { role: 'user', parts: [result('f')] },
        ],
      }),
    ).map((part) => ('callId' in part ? part.callId : ''))
    expect(answer).toBe(first)
  })

  it('keep the ids that there are', () => {
    const parts = partsOf(
      decode({
        contents: [
          { role: 'model', parts: [{ functionCall: { id: 'x', name: 'f' } }] },
          { role: 'user', parts: [{ functionResponse: { id: 'x', name: 'f', response: {} } }] },
        ],
      }),
    )
    expect(parts).toMatchObject([{ callId: 'x' }, { callId: 'x' }])
  })
})

/** The part that a result is read as. */
function read(functionResponse: Json): unknown {
  return partsOf(decode({ contents: [{ parts: [{ functionResponse }] }] }))[0]
}

describe('results', () => {
  it('are text under output, a failure under error, and JSON otherwise', () => {
    expect(read({ name: 'f', response: { output: 'o' } })).toMatchObject({ content: [text('o')] })
    expect(read({ name: 'f', response: { error: 'e' } })).toMatchObject({
      content: [text('e')],
      isError: true,
    })
    expect(read({ name: 'f', response: { a: 1 } })).toMatchObject({ content: [text('{"a":1}')] })
    expect(read({ name: 'f', response: { output: { a: 1 } } })).toMatchObject({
      content: [text('{"output":{"a":1}}')],
    })
  })

  it('may hold pictures', () => {
    const inlineData = { mimeType: 'image/png', data: 'AAAA' }
    expect(read({ name: 'f', response: { output: 'o' }, parts: [{ inlineData }] })).toMatchObject({
      content: [text('o'), { type: 'image', source: { kind: 'base64', data: 'AAAA' } }],
    })
  })

  it('of other wires are printed as text under output or error', () => {
    const results = requestWith({
      turns: [
        {
          role: 'user',
          parts: [
            { type: 'tool-result', callId: 'a', name: 'f', content: [text('{"x":1}'), text('y')] },
            { type: 'tool-result', callId: 'b', name: 'f', content: [text('no')], isError: true },
          ],
        },
      ],
    })
    expect(encode(results).body['contents']).toEqual([
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'f', response: { output: '{"x":1}\ny' } } },
          { functionResponse: { id: 'b', name: 'f', response: { error: 'no' } } },
        ],
      },
    ])
  })
})

describe('media', () => {
  it('are told apart by their type, and files of the vendor from addresses', () => {
    const parts = [
      { inlineData: { mimeType: 'image/png', data: 'A' } },
      { inlineData: { mimeType: 'audio/mp3', data: 'A' } },
      { inlineData: { mimeType: 'application/pdf', data: 'A' } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'gs://bucket/film' } },
      { fileData: { fileUri: 'https://example.com/x' } },
    ]
    expect(partsOf(decode({ contents: [{ parts }] }))).toMatchObject([
      { type: 'image', source: { kind: 'base64' } },
      { type: 'audio' },
      { type: 'file' },
      { type: 'video', source: { kind: 'file', id: 'gs://bucket/film', dialect: 'gemini' } },
      { type: 'file', source: { kind: 'url', url: 'https://example.com/x' } },
    ])
  })

  it('of other wires get the type that the vendor asks for, found in the data or guessed', () => {
    const { body } = encode(
      requestWith({
        turns: [
          {
            role: 'user',
            parts: [
              { type: 'image', source: { kind: 'base64', data: '/9j/4AAQ' } },
              { type: 'file', source: { kind: 'base64', data: 'AAAA' }, filename: 'a.pdf' },
            ],
          },
        ],
      }),
    )
    expect(body['contents']).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/jpeg', data: '/9j/4AAQ' } },
          { inlineData: { mimeType: 'application/pdf', data: 'AAAA' } },
        ],
      },
    ])
  })

  it('that were drawn while thinking are for the vendor only', () => {
    const part = { thought: true, inlineData: { mimeType: 'image/png', data: 'A' } }
    expect(partsOf(decode({ contents: [{ role: 'model', parts: [part] }] }))).toEqual([
      { type: 'opaque', origin: { dialect: 'gemini' }, what: 'inlineData', native: part },
    ])
  })
})

function thoughts(parts: readonly Json[]) {
  return partsOf(decode({ contents: [{ role: 'model', parts }] }))
}

describe('signatures', () => {
  const foreign = {
    payload: 'sealed-🔒',
    format: 'other.signature',
    origin: { dialect: 'other', provider: 'o' },
  }
  const wrapped = btoa(String.fromCodePoint(...new TextEncoder().encode(wrapSeal(foreign))))

  it('of the vendor stay as they are, on any part', () => {
    const parts = [
      { text: '', thoughtSignature: 'EpYB' },
      { functionCall: { name: 'f', args: {} }, thoughtSignature: 'CsM-_' },
    ]
    expect(thoughts(parts)).toMatchObject([
      { seal: { payload: 'EpYB', origin: { dialect: 'gemini' } } },
      { seal: { payload: 'CsM-_', format: 'google.thought_signature' } },
    ])
  })

  it('of others come back out of their envelope, in either base64 alphabet', () => {
    const urlSafe = wrapped.replaceAll('+', '-').replaceAll('/', '_')
    for (const thoughtSignature of [wrapped, urlSafe]) {
      const parts = thoughts([{ text: 'I think.', thought: true, thoughtSignature }])
      expect(parts).toMatchObject([{ type: 'reasoning', text: 'I think.', seal: foreign }])
    }
  })

  it('of others that were streamed after the thinking belong to it', () => {
    const late = { text: '', thought: true, thoughtSignature: wrapped }
    expect(thoughts([{ text: 'I think.', thought: true }, late, { text: 'So.' }])).toMatchObject([
      { type: 'reasoning', text: 'I think.', seal: foreign },
      text('So.'),
    ])
  })

  it('of others belong to all the thinking before them, though each chunk is a turn of its own', () => {
    const late = { text: '', thought: true, thoughtSignature: wrapped }
    const chunks: readonly Json[] = [
      { text: 'Before.' },
      { text: 'I ', thought: true },
      { text: 'think.', thought: true },
      late,
      { text: 'So.' },
    ]
    const contents = chunks.map((part): Json => ({ role: 'model', parts: [part] }))
    expect(decode({ contents }).turns).toMatchObject([
      { parts: [text('Before.')] },
      { parts: [{ type: 'reasoning', text: 'I think.', seal: foreign }] },
      { parts: [text('So.')] },
    ])
  })

  it('that hold the thinking itself stand alone', () => {
    const redacted = { ...foreign, format: 'other.redacted' }
    const thoughtSignature = btoa(
      String.fromCodePoint(...new TextEncoder().encode(wrapSeal(redacted))),
    )
    expect(thoughts([{ text: '', thought: true, thoughtSignature }])).toMatchObject([
      { type: 'reasoning', redacted: true, seal: redacted },
    ])
  })

  it('in an envelope that was altered are dropped, and the thinking stays', () => {
    const altered = btoa(atob(wrapped).replace('sealed', 'forged'))
    const [part] = thoughts([{ text: 'I think.', thought: true, thoughtSignature: altered }])
    expect(part).toEqual({ type: 'reasoning', text: 'I think.' })
  })
})

/** The `toolConfig` that says a choice. */
function chosen(toolChoice: NonNullable<ChatRequest['toolChoice']>): unknown {
  return encode(requestWith({ toolChoice })).body['toolConfig']
}

describe('tools', () => {
  it('have the vendor’s schemas read as JSON Schema', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        type: { type: 'STRING', nullable: true, enum: ['a'], format: 'enum' },
        list: { type: 'ARRAY', items: { type: 6, any_of: [{ type: 1 }] }, minItems: '2' },
      },
      propertyOrdering: ['type', 'list'],
    }
    const { tools } = decode({ tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] })
    expect(tools).toMatchObject([
      {
        kind: 'function',
        parameters: {
          type: 'object',
          properties: {
            type: { type: ['string', 'null'], enum: ['a', null], format: 'enum' },
            list: {
              type: 'array',
              items: { type: 'object', anyOf: [{ type: 'string' }] },
              minItems: 2,
            },
          },
        },
      },
    ])
    expect(tools?.[0]).not.toHaveProperty('parameters.propertyOrdering')
  })

  it('of other wires share one entry, described, in plain JSON Schema, without a schema of nothing', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } }
    const { body } = encode(
      requestWith({
        tools: [
          { kind: 'function', name: 'f', description: 'F', parameters: schema },
          { kind: 'function', name: 'g', parameters: { type: 'object', properties: {} } },
          {
            kind: 'function',
            name: 'h',
            parameters: { type: 'object', additionalProperties: true },
          },
        ],
      }),
    )
    expect(body['tools']).toEqual([
      {
        functionDeclarations: [
          { name: 'f', description: 'F', parametersJsonSchema: schema },
          { name: 'g', description: '' },
          {
            name: 'h',
            description: '',
            parametersJsonSchema: { type: 'object', additionalProperties: true },
          },
        ],
      },
    ])
  })

  it.each([
    [{ mode: 'AUTO' }, { mode: 'auto' }],
    [{ mode: 'any' }, { mode: 'required' }],
    [{ mode: 'NONE' }, { mode: 'none' }],
    [{ mode: 'VALIDATED' }, { mode: 'auto' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { mode: 'required', only: ['f'] },
    ],
    [
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      { mode: 'auto', only: ['f'] },
    ],
  ])('are chosen as %j says', (functionCallingConfig, choice) => {
    const { toolChoice } = decode({ toolConfig: { functionCallingConfig } })
    expect(toolChoice).toMatchObject(choice)
    expect(toolChoice?.only).toEqual('only' in choice ? choice.only : undefined)
  })

  it('are chosen for other wires by the mode that can be told names', () => {
    expect(chosen({ mode: 'auto', only: ['f'] })).toEqual({
      functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
    })
    expect(chosen({ mode: 'required' })).toEqual({ functionCallingConfig: { mode: 'ANY' } })
  })
})

describe('settings', () => {
  it.each([
    [{ thinkingBudget: 0 }, { mode: 'off', budgetTokens: 0 }],
    [{ thinkingBudget: -1 }, { mode: 'auto', budgetTokens: -1 }],
    [
      { thinkingBudget: 99, includeThoughts: true },
      { mode: 'on', show: 'summarized' },
    ],
    [{ thinkingLevel: 'low' }, { effort: 'low' }],
    [{ includeThoughts: false }, { show: 'omitted' }],
  ])('read the thinking asked for by %j', (thinkingConfig, reasoning) => {
    expect(decode({ generationConfig: { thinkingConfig } }).reasoning).toMatchObject(reasoning)
  })

  it('read a schema only beside the JSON type', () => {
    const responseSchema = { type: 'STRING', enum: ['a'] }
    const formatOf = (responseMimeType: string): unknown =>
      decode({ generationConfig: { responseMimeType, responseSchema } }).output?.format
    expect(formatOf('application/json')).toMatchObject({
      type: 'json-schema',
      schema: { type: 'string', enum: ['a'] },
    })
    expect(formatOf('text/x.enum')).toBeUndefined()
  })

  it('refuse a setting of the wrong type, with its path in the client’s spelling', () => {
    expect(() => decode({ generation_config: { top_p: 'high' } })).toThrow(
      'generation_config.top_p must be a number, not a string',
    )
  })
})
