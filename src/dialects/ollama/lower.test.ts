// What becomes of other clients' requests on their way to Ollama.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Note, refusedNotes } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { JsonObject } from '../../wire/json.ts'
import { ObjectReader } from '../../wire/json.ts'
import { requestArbitrary } from '../lowering/request.arbitrary.ts'
import { ollama } from './dialect.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUg=='

function foreign(more: Partial<ChatRequest>): ChatRequest {
  return {
    origin: { dialect: 'elsewhere' },
    model: 'm',
    turns: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
    sampling: {},
    stream: { enabled: false },
    ...more,
  }
}

function profile(flags: JsonObject = {}): { provider: string; model: string; flags: JsonObject } {
  return { provider: 'home', model: 'm', flags }
}

/** The body that reaches the server, and the notes. */
function sent(
  more: Partial<ChatRequest>,
  flags: JsonObject = {},
): { readonly body: JsonObject; readonly notes: readonly Note[] } {
  const lowered = ollama.lower(foreign(more), profile(flags))
  const { body } = ollama.request.encode(lowered.value, profile(flags))
  return { body: ObjectReader.of(body, '').source, notes: lowered.notes }
}

function words(notes: readonly Note[]): readonly string[] {
  return notes.map((note) => `${note.action} ${note.feature} ${note.weight}`)
}

const thought = (text: string): ChatRequest['turns'][number] => ({
  role: 'assistant',
  parts: [
    {
      type: 'reasoning',
      text,
      seal: { payload: 's', format: 'f', origin: { dialect: 'elsewhere' } },
    },
    { type: 'text', text: 'said' },
  ],
})

const call = (text: string): ChatRequest['turns'][number] => ({
  role: 'assistant',
  parts: [{ type: 'tool-call', kind: 'function', callId: 'c', name: 'f', arguments: { text } }],
})

const step = (at: number): JsonObject => ({
  type: 'object',
  properties: { a: { $ref: `#/$defs/d${at + 1}` }, b: { $ref: `#/$defs/d${at + 1}` } },
})

describe('laws', () => {
  it('is idempotent and leaves a body that this dialect itself reads', () => {
    const flags = fc.record({
      thinkLevels: fc.boolean(),
      thinking: fc.boolean(),
      audio: fc.boolean(),
    })
    fc.assert(
      fc.property(requestArbitrary, flags, (request, flags) => {
        const once = ollama.lower(request, profile(flags))
        const twice = ollama.lower(once.value, profile(flags))
        expect(twice.notes).toEqual([])
        expect(twice.value).toEqual(once.value)
        const wire = ollama.request.encode(once.value, profile(flags))
        const read = ollama.request.decode(wire)
        expect(read.stream.enabled).toBe(request.stream.enabled)
        expect(ObjectReader.of(wire.body, '').has('stream')).toBe(true)
      }),
      { numRuns: 400 },
    )
  })
})

describe('what is asked of a model', () => {
  it('says stream out loud either way, for absent would mean true', () => {
    expect(sent({ stream: { enabled: false } }).body['stream']).toBe(false)
    expect(sent({ stream: { enabled: true } }).body['stream']).toBe(true)
  })

  it('sends an output limit as num_predict and never a num_ctx of its own', () => {
    const { body } = sent({ maxOutputTokens: 64, sampling: { temperature: 0.1, stop: ['END'] } })
    expect(body['options']).toEqual({ temperature: 0.1, stop: ['END'], num_predict: 64 })
    expect('options' in sent({}).body).toBe(false)
  })

  it('drops what the wire has no word for, with a note each', () => {
    const { body, notes } = sent({
      sampling: { n: 2, logitBias: { '1': 5 } },
      parallelToolCalls: false,
      identity: { user: 'u', metadata: { a: 'b' } },
      service: { tier: 'flex' },
    })
    expect(Object.keys(body).toSorted()).toEqual(['messages', 'model', 'stream'])
    expect(words(notes)).toEqual([
      'dropped parallel_tool_calls 0',
      'dropped n 3',
      'dropped logit_bias 2',
      'dropped user 1',
      'dropped metadata 1',
      'dropped service_tier 1',
    ])
  })

  it('takes keep_alive and options from the unknown fields of another dialect, unchanged in type', () => {
    const { body, notes } = sent({
      maxOutputTokens: 5,
      extensions: {
        elsewhere: { fields: { keep_alive: '10m', options: { num_ctx: 8192 }, seen: 1 } },
      },
    })
    expect(body['keep_alive']).toBe('10m')
    expect(body['options']).toEqual({ num_ctx: 8192, num_predict: 5 })
    expect(words(notes)).toEqual(['dropped seen 1'])
  })

  it('makes a number of a keep_alive of digits alone, which is no Go duration', () => {
    const fields = { keep_alive: '-1' }
    expect(sent({ extensions: { elsewhere: { fields } } }).body['keep_alive']).toBe(-1)
  })

  it('fills in the target keep_alive only where the request has none', () => {
    expect(sent({}, { keepAlive: '30m' }).body['keep_alive']).toBe('30m')
    const own = { extensions: { ollama: { fields: { keep_alive: 0 } } } }
    expect(sent(own, { keepAlive: '30m' }).body['keep_alive']).toBe(0)
    expect('keep_alive' in sent({}).body).toBe(false)
  })
})

describe('thinking', () => {
  const cases: readonly (readonly [
    asked: ChatRequest['reasoning'],
    asSwitch: unknown,
    asLevel: unknown,
  ])[] = [
    [undefined, undefined, undefined],
    [{ mode: 'off' }, false, 'low'],
    [{ effort: 'none' }, false, 'low'],
    [{ effort: 'minimal' }, true, 'low'],
    [{ effort: 'low' }, true, 'low'],
    [{ effort: 'medium' }, true, 'medium'],
    [{ effort: 'high' }, true, 'high'],
    [{ effort: 'xhigh' }, true, 'max'],
    [{ effort: 'max' }, true, 'max'],
    [{ mode: 'on', budgetTokens: 2000 }, true, 'low'],
    [{ mode: 'on' }, true, true],
    [{ mode: 'auto' }, undefined, undefined],
  ]
  it.each(cases)('says %j as a switch %j and as a level %j', (asked, asSwitch, asLevel) => {
    const more = asked === undefined ? {} : { reasoning: asked }
    expect(sent(more).body['think']).toBe(asSwitch)
    expect(sent(more, { thinkLevels: true }).body['think']).toBe(asLevel)
  })

  it('is not mentioned to a model that cannot think, with a note unless it was to be off', () => {
    const on = sent({ reasoning: { effort: 'high' } }, { thinking: false })
    expect('think' in on.body).toBe(false)
    expect(words(on.notes)).toEqual(['dropped reasoning 2'])
    expect(words(sent({ reasoning: { mode: 'off' } }, { thinking: false }).notes)).toEqual([
      'dropped reasoning 0',
    ])
  })

  it('goes back to the model within the running tool loop only, and seals never', () => {
    const user = foreign({}).turns
    const { body } = sent({ turns: [...user, thought('old'), ...user, thought('new')] })
    expect(body['messages']).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'said' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'said', thinking: 'new' },
    ])
  })
})

describe('messages', () => {
  it('are one string each: parts joined, images beside them', () => {
    const { body } = sent({
      turns: [
        {
          role: 'developer',
          parts: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'see' },
            { type: 'image', source: { kind: 'url', url: `data:image/png;base64,${PNG}` } },
            { type: 'text', text: 'this' },
          ],
        },
      ],
    })
    expect(body['messages']).toEqual([
      { role: 'system', content: 'a\n\nb' },
      { role: 'user', content: 'see\n\nthis', images: [PNG] },
    ])
  })

  it('refuse an image that is only an address, before any call', () => {
    const { notes } = sent({
      turns: [
        {
          role: 'user',
          parts: [{ type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } }],
        },
      ],
    })
    expect(refusedNotes('default', notes).map((note) => note.path)).toEqual(['turns[0].parts[0]'])
  })

  it('give a result its name, say its failure in words and keep the ids', () => {
    const { body } = sent({
      turns: [
        {
          role: 'assistant',
          parts: [
            {
              type: 'tool-call',
              kind: 'function',
              callId: 'toolu_1',
              name: 'look',
              arguments: { text: '' },
            },
          ],
        },
        {
          role: 'user',
          parts: [
            {
              type: 'tool-result',
              callId: 'toolu_1',
              isError: true,
              content: [{ type: 'text', text: 'gone' }],
            },
            { type: 'text', text: 'well?' },
          ],
        },
      ],
    })
    expect(body['messages']).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'toolu_1', function: { name: 'look', arguments: {} } }],
      },
      { role: 'tool', content: 'Error: gone', tool_name: 'look', tool_call_id: 'toolu_1' },
      { role: 'user', content: 'well?' },
    ])
  })

  it('have no seed that would mean chance here', () => {
    expect(words(sent({ sampling: { seed: -1 } }).notes)).toEqual(['dropped seed 2'])
    expect(sent({ sampling: { seed: 0 } }).body).toMatchObject({ options: { seed: 0 } })
  })

  it('carry arguments as an object even where the model wrote something else', () => {
    const { body, notes } = sent({ turns: [call('{"a":'), ...foreign({}).turns, call('[1]')] })
    expect(JSON.stringify(body['messages'])).toContain('"arguments":{"value":"{\\"a\\":"}')
    expect(JSON.stringify(body['messages'])).toContain('"arguments":{"value":[1]}')
    expect(words(notes)).toEqual(['approximated tool_arguments 2', 'approximated tool_arguments 2'])
  })

  it('have a search hit and a refusal as text', () => {
    const { body } = sent({
      turns: [
        {
          role: 'user',
          parts: [
            {
              type: 'search-result',
              title: 'T',
              source: 'https://a.example',
              content: [{ type: 'text', text: 'found' }],
            },
          ],
        },
        { role: 'assistant', parts: [{ type: 'refusal', text: 'No.' }] },
      ],
    })
    expect(body['messages']).toEqual([
      { role: 'user', content: 'T\nhttps://a.example\nfound' },
      { role: 'assistant', content: 'No.' },
    ])
  })
})

describe('tools', () => {
  const tools = ['look', 'find'].map((name) => ({ kind: 'function', name }) as const)

  it('are not offered when none may be called', () => {
    expect('tools' in sent({ tools, toolChoice: { mode: 'none' } }).body).toBe(false)
  })

  it('are narrowed to the one that must be called, with a note that stops a strict caller', () => {
    const { body, notes } = sent({ tools, toolChoice: { mode: 'required', only: ['find'] } })
    expect(body['tools']).toMatchObject([{ type: 'function', function: { name: 'find' } }])
    expect(body['tools']).toHaveLength(1)
    expect(refusedNotes('strict', notes)).toHaveLength(1)
  })

  it('have schemas in the keywords Ollama keeps, references unfolded', () => {
    const parameters = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: ['object', 'null'],
      properties: {
        at: { $ref: '#/$defs/Point', description: 'where' },
        kind: { const: 'fast' },
        size: { oneOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
      },
      required: ['at'],
      additionalProperties: false,
      $defs: { Point: { type: 'object', properties: { x: { type: 'number' } } } },
    }
    const { body, notes } = sent({ tools: [{ kind: 'function', name: 'go', parameters }] })
    expect(body['tools']).toEqual([
      {
        type: 'function',
        function: {
          name: 'go',
          parameters: {
            type: 'object',
            properties: {
              at: {
                type: 'object',
                description: 'where',
                properties: { x: { type: 'number' } },
              },
              kind: { enum: ['fast'] },
              size: {
                anyOf: [{ type: 'integer', description: '(minimum: 1)' }, { type: 'null' }],
              },
            },
            required: ['at'],
          },
        },
      },
    ])
    expect(words(notes)).toEqual([
      'approximated schema.minimum 1',
      'approximated schema.$ref 0',
      'approximated schema.const 0',
      'approximated schema.oneOf 0',
    ])
  })

  it('with a circular schema end, with a note', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } }
    const parameters = { ...node, $defs: { Node: node } }
    const { body, notes } = sent({ tools: [{ kind: 'function', name: 'go', parameters }] })
    expect(JSON.stringify(body['tools'])).not.toContain('$ref')
    expect(words(notes)).toEqual(['approximated schema.$ref 1'])
  })

  it('with a schema that doubles at every step do not grow without end', () => {
    const steps = Array.from({ length: 40 }, (_, at) => [`d${at}`, step(at)] as const)
    const parameters = { ...step(0), $defs: Object.fromEntries(steps) }
    const { body } = sent({ tools: [{ kind: 'function', name: 'go', parameters }] })
    expect(JSON.stringify(body).length).toBeLessThan(100_000)
  })

  it('without parameters have an empty list of them, since templates print it', () => {
    const { body, notes } = sent({ tools: [{ kind: 'function', name: 'now' }] })
    expect(body['tools']).toMatchObject([
      { function: { name: 'now', parameters: { type: 'object', properties: {} } } },
    ])
    expect(words(notes)).toEqual([])
  })
})
