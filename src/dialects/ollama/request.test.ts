// Requests of Ollama clients: what they mean, and that they come out as they went in.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { WireError } from '../../wire/errors.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { plain } from '../dialect.contract.ts'
import { ollama } from './dialect.ts'

const PROFILE = { provider: 'home', flags: {} }
const PNG = 'iVBORw0KGgoAAAANSUhEUg=='

function decode(body: Json, path = '/api/chat'): ChatRequest {
  return ollama.request.decode({ method: 'POST', path, headers: {}, body })
}

function encode(request: ChatRequest): Json | undefined {
  return plain(ollama.request.encode(request, PROFILE).body)
}

function chat(more: JsonObject): JsonObject {
  return { model: 'm', messages: [], ...more }
}

function failure(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not fail')
}

describe('streaming', () => {
  it('is on when the request does not say', () => {
    expect(decode(chat({})).stream.enabled).toBe(true)
    expect(decode(chat({ stream: null })).stream.enabled).toBe(true)
    expect(decode(chat({ stream: false })).stream.enabled).toBe(false)
  })

  it('is said out loud once the gateway has changed it', () => {
    const request = decode(chat({}))
    expect(encode({ ...request, stream: { enabled: false } })).toEqual(chat({ stream: false }))
  })
})

describe('options', () => {
  it('become sampling settings, and what nobody else has stays', () => {
    const options = { temperature: 0, top_k: 5, num_predict: 9, stop: ['x'], num_ctx: 4096 }
    const request = decode(chat({ options }))
    expect(request.sampling).toEqual({ temperature: 0, topK: 5, stop: ['x'] })
    expect(request.maxOutputTokens).toBe(9)
    expect(request.extensions?.['ollama']?.fields).toEqual({ options: { num_ctx: 4096 } })
  })

  it('keep their own words for "random" and "no limit" to themselves', () => {
    const options = { seed: -1, num_predict: -2, stop: [] }
    const request = decode(chat({ options }))
    expect(request.sampling).toEqual({})
    expect(request.maxOutputTokens).toBeUndefined()
    expect(encode(request)).toEqual(chat({ options }))
  })

  it('of a wrong type are refused by name', () => {
    const error = failure(() => decode(chat({ options: { temperature: 'hot' } })))
    expect(error).toBeInstanceOf(WireError)
    expect(error.message).toBe('options.temperature must be a number, not a string')
  })
})

describe('thinking', () => {
  it.each([
    [true, { mode: 'on' }],
    [false, { mode: 'off' }],
    ['low', { mode: 'on', effort: 'low' }],
    ['max', { mode: 'on', effort: 'max' }],
  ])('%j is %j and back', (think, reasoning) => {
    const request = decode(chat({ think }))
    expect(request.reasoning).toEqual(reasoning)
    expect(encode(request)).toEqual(chat({ think }))
  })

  it('switched off stays off, and unsaid stays unsaid', () => {
    expect(encode(decode(chat({ think: false })))).toEqual(chat({ think: false }))
    expect(decode(chat({})).reasoning).toBeUndefined()
    expect(decode(chat({ think: null })).reasoning).toBeUndefined()
  })

  it('in any other word is refused with the words there are', () => {
    const error = failure(() => decode(chat({ think: 'hard' })))
    expect(error instanceof GatewayError && error.param).toBe('think')
    expect(error.message).toContain('"low", "medium", "high" or "max"')
  })
})

describe('messages', () => {
  it('have images whose type is read from their first bytes', () => {
    const wav = `UklGRiQAAABXQVZFZm10IA==`
    const [turn] = decode(
      chat({ messages: [{ role: 'user', content: 'see', images: [PNG, wav, 'AAAA'] }] }),
    ).turns
    expect(turn?.parts).toEqual([
      { type: 'image', source: { kind: 'base64', data: PNG, mediaType: 'image/png' } },
      { type: 'audio', source: { kind: 'base64', data: wav, mediaType: 'audio/wav' } },
      { type: 'image', source: { kind: 'base64', data: 'AAAA' } },
      { type: 'text', text: 'see' },
    ])
  })

  it('keep their role spelling, and know the role all the same', () => {
    const body = chat({ messages: [{ role: 'User', content: 'hi' }] })
    expect(decode(body).turns[0]?.role).toBe('user')
    expect(encode(decode(body))).toEqual(body)
  })

  it('of an unknown role are refused with the place', () => {
    const error = failure(() => decode(chat({ messages: [{ role: 'robot', content: '' }] })))
    expect(error instanceof GatewayError && error.param).toBe('messages[0].role')
  })

  it('with a list as content are refused with the place', () => {
    const content = [{ type: 'text', text: 'hi' }]
    expect(failure(() => decode(chat({ messages: [{ role: 'user', content }] }))).message).toBe(
      'messages[0].content must be a string, not an array',
    )
  })
})

const call = (name: string, id?: string): JsonObject => ({
  ...(id === undefined ? {} : { id }),
  function: { name, arguments: { at: 1 } },
})
const calls = (...tool_calls: readonly JsonObject[]): JsonObject => ({
  role: 'assistant',
  content: '',
  tool_calls,
})
const result = (more: JsonObject): JsonObject => ({ role: 'tool', content: 'done', ...more })

function ids(messages: readonly JsonObject[]): readonly string[] {
  return decode(chat({ messages })).turns.flatMap((turn) =>
    turn.parts.flatMap((part) =>
      part.type === 'tool-call' || part.type === 'tool-result' ? [part.callId] : [],
    ),
  )
}

describe('tool results without an id', () => {
  it('answer the first open call of their name', () => {
    const [a, b, ofB, ofA] = ids([
      calls(call('a'), call('b')),
      result({ tool_name: 'b' }),
      result({ tool_name: 'a' }),
    ])
    expect([ofB, ofA]).toEqual([b, a])
    expect(a).not.toBe(b)
  })

  it('answer in order where they give no name', () => {
    const [first, second, ofFirst, ofSecond] = ids([
      calls(call('a'), call('a')),
      result({}),
      result({}),
    ])
    expect([ofFirst, ofSecond]).toEqual([first, second])
  })

  it('leave the calls that an id answers to the others', () => {
    expect(
      ids([
        calls(call('a', 'x'), call('a', 'y')),
        result({ tool_call_id: 'x' }),
        result({ tool_name: 'a' }),
      ]),
    ).toEqual(['x', 'y', 'x', 'y'])
  })

  it('have an id of their own where nothing was called, and empty ids count as none', () => {
    const [id] = ids([result({ tool_name: 'a', tool_call_id: '' })])
    expect(id).toMatch(/^[0-9A-Za-z]{9}$/)
  })

  it('get the same ids each time, and different ones for equal calls in different messages', () => {
    const messages = [calls(call('a')), result({}), calls(call('a')), result({})]
    expect(ids(messages)).toEqual(ids(messages))
    expect(new Set(ids(messages)).size).toBe(2)
  })
})

describe('tool calls', () => {
  it('whose arguments came as text keep it, and are read as JSON too', () => {
    const tool_calls = [{ function: { name: 'f', arguments: '{"a": 1}' } }]
    const body = chat({ messages: [{ role: 'assistant', content: '', tool_calls }] })
    const part = decode(body).turns[0]?.parts[0]
    expect(part?.type === 'tool-call' && part.arguments).toEqual({
      text: '{"a": 1}',
      json: { a: 1 },
    })
    expect(encode(decode(body))).toEqual(body)
  })
})

describe('generate', () => {
  it('is a conversation of one message, with the instructions before it', () => {
    const body = { model: 'm', prompt: 'go', system: 'be brief', images: [PNG] }
    const request = decode(body, '/api/generate')
    expect(request.turns.map((turn) => turn.role)).toEqual(['system', 'user'])
    expect(ollama.request.encode(request, PROFILE).path).toBe('/api/generate')
    expect(encode(request)).toEqual(body)
  })

  it('keeps suffix, raw, template and context as leftovers', () => {
    const fields = { suffix: 's', raw: true, template: 't', context: [1] }
    const request = decode({ model: 'm', prompt: 'go', ...fields }, '/api/generate')
    expect(request.extensions?.['ollama']?.fields).toEqual(fields)
  })
})

it('refuses to show the rendered prompt', () => {
  const error = failure(() => decode(chat({ _debug_render_only: true })))
  expect(error instanceof GatewayError && error.kind).toBe('unsupported')
})

it('keeps unknown fields wherever they stand', () => {
  const name = fc.string({ minLength: 1, maxLength: 6 }).map((text) => `x_${text}`)
  const extra: fc.Arbitrary<JsonObject> = fc
    .dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
    .map((value): JsonObject => JSON.parse(JSON.stringify(value)))
  fc.assert(
    fc.property(fc.array(extra, { minLength: 9, maxLength: 9 }), fc.boolean(), (extras, stream) => {
      const [top, options, user, assistant, call, inner, result, tool, definition] = extras
      const body = {
        ...top,
        model: 'm',
        stream,
        options: { ...options, seed: 1 },
        tools: [
          { ...tool, type: 'function', function: { ...definition, name: 'f', parameters: {} } },
        ],
        messages: [
          { ...user, role: 'user', content: 'hi' },
          {
            ...assistant,
            role: 'assistant',
            content: '',
            tool_calls: [{ ...call, function: { ...inner, name: 'f', arguments: {} } }],
          },
          { ...result, role: 'tool', content: '', tool_name: 'f' },
        ],
      }
      expect(encode(decode(body))).toEqual(body)
    }),
    { numRuns: 200 },
  )
})

it('refuses any other generate body in a known way', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const body: Json = JSON.parse(JSON.stringify(value))
      try {
        decode(body, '/api/generate')
      } catch (error) {
        if (!(error instanceof WireError || error instanceof GatewayError)) throw error
      }
    }),
  )
})

describe('chat requests are claimed', () => {
  const claims = ollama.endpoints.find((one) => one.path === '/api/chat')?.claims

  it('when they hold a list of messages', () => {
    expect(claims?.({ path: '/', headers: {}, body: { messages: [] } })).toBe(true)
  })

  it('and left to the REST front when they hold one message', () => {
    expect(claims?.({ path: '/', headers: {}, body: { message: 'hi' } })).toBe(false)
    expect(claims?.({ path: '/', headers: {} })).toBe(false)
  })
})
