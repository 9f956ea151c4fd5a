// Streams as Mistral and the models it hosts send them, and what its strict client needs of ours.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { writeFrame } from '../../wire/framing.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Json, type JsonObject, isObject, tryParseJson } from '../../wire/json.ts'
import { collected, decodeFrames, emptyRequest, isEnd } from '../dialect.contract.ts'
import { unwrapSeal } from '../lowering/seal.ts'
import { mistralChat } from './dialect.ts'
import { faultsOfStream } from './strict-client.contract.ts'

const DECODING = {
  request: emptyRequest('mistral-chat'),
  profile: { provider: 'host', flags: {} },
}
const DONE: Frame = { data: '[DONE]' }
const ALPHA = { dialect: 'alpha' }

function chunk(delta: JsonObject, more: JsonObject = {}): Frame {
  const { finish_reason = null, ...head } = more
  const choices = [{ index: 0, delta, finish_reason }]
  return { data: JSON.stringify({ id: 'c1', created: 1, model: 'm', choices, ...head }) }
}

const STOP = chunk({ content: '' }, { finish_reason: 'stop' })

function decode(...frames: readonly Frame[]): readonly ChatEvent[] {
  return decodeFrames(mistralChat, frames, DECODING)
}

function parts(...frames: readonly Frame[]): readonly Part[] {
  const response: ChatResponse = collected(mistralChat, decode(...frames, STOP, DONE))
  return (response.candidates[0]?.parts ?? []).map((part) => {
    const { extensions: _, ...bare } = part
    return bare
  })
}

function encode(...events: readonly ChatEvent[]): readonly Frame[] {
  const encoder = mistralChat.stream.encoder({
    request: DECODING.request,
    requestId: 'req_1',
    now: () => 1_700_000_000_000,
  })
  return [...events.flatMap((event) => encoder.write(event)), ...encoder.finish()]
}

function deltas(frames: readonly Frame[]): readonly Json[] {
  return choices(frames).map((choice) => choice['delta'] ?? null)
}

function choices(frames: readonly Frame[]): readonly JsonObject[] {
  return frames.flatMap(({ data }) => {
    const value = tryParseJson(data)
    const list = isObject(value) ? value['choices'] : undefined
    return Array.isArray(list) ? list : []
  })
}

function lastError(events: readonly ChatEvent[]): GatewayError | undefined {
  const last = events.at(-1)
  return last?.type === 'error' ? last.error : undefined
}

const START: ChatEvent = { type: 'response-start', origin: ALPHA, model: 'alpha-1' }
const END: ChatEvent = { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } }

function whole(part: Part, index = 0): readonly ChatEvent[] {
  return [
    { type: 'part-start', index, candidate: 0, part },
    { type: 'part-end', index },
  ]
}

function say(index: number, text: string): ChatEvent {
  return { type: 'part-delta', index, delta: { kind: 'text', text } }
}

function named(id: string, name: string, said: Json): JsonObject {
  return { id, function: { name, arguments: said } }
}

function piece(text: string, index: number): JsonObject {
  return { index, function: { name: '', arguments: text } }
}

/** Id, name and arguments of what some chunks of calls amount to. */
function calls(...lists: readonly (readonly JsonObject[])[]): readonly Json[] {
  return parts(...lists.map((list) => chunk({ tool_calls: list }))).map((part) =>
    part.type === 'tool-call' ? [part.callId, part.name, part.arguments.text] : part.type,
  )
}

function wholeCall(index: number, id: string, text: string): Json {
  const callee = { name: 'f', arguments: text }
  return { tool_calls: [{ id, type: 'function', function: callee, index }] }
}

function thought(text: string): Json {
  return { content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] }
}

describe('reading content', () => {
  it('joins strings and text chunks to one part', () => {
    expect(
      parts(chunk({ content: 'a' }), chunk({ content: [{ type: 'text', text: 'b' }] })),
    ).toEqual([{ type: 'text', text: 'ab' }])
  })

  it('joins thinking until something else is said', () => {
    const thinking = (text: string, more: JsonObject = {}): Frame =>
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }], ...more }] })
    expect(
      parts(
        chunk({ role: 'assistant', content: '' }),
        thinking('a'),
        thinking('b', { closed: true }),
        chunk({ content: [{ type: 'thinking', thinking: [] }] }),
        chunk({ content: 'c' }),
        thinking('d'),
      ),
    ).toEqual([
      { type: 'reasoning', text: 'ab' },
      { type: 'text', text: 'c' },
      { type: 'reasoning', text: 'd' },
    ])
  })

  it('takes a signature that comes at the end, and starts anew after an empty closed chunk', () => {
    const own = { format: 'mistral.signature', origin: { dialect: 'mistral-chat' } }
    const closing = { type: 'thinking', thinking: [], closed: true, signature: 's' }
    const frames = ['a', 'b'].map((text) =>
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }, closing] }),
    )
    expect(parts(...frames)).toEqual(
      ['a', 'b'].map((text) => ({ type: 'reasoning', text, seal: { payload: 's', ...own } })),
    )
  })

  it('passes over padding, and tells unknown keys to its own clients once', () => {
    const more = {
      p: 'abc',
      x_new: 1,
      choices: [{ index: 0, delta: { metadata: { a: 1 } }, x: 2 }],
    }
    const events = decode(chunk({}, more), chunk({}, more), STOP, DONE)
    const natives = events.flatMap((event) => (event.type === 'native' ? [event.value] : []))
    expect(natives).toEqual([{ x_new: 1 }, { x: 2, delta: { metadata: { a: 1 } } }])
    const frames = encode(...events)
    expect(frames[0]?.data).toContain('"x_new":1')
    expect(frames[0]?.data).toContain('"metadata":{"a":1}')
    expect(frames.map(({ data }) => data).join('')).not.toContain('"p"')
  })
})

describe('reading calls', () => {
  it('takes whole calls, numbered or not, with arguments as text or object', () => {
    const wanted = [
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
    ]
    const [one, two] = [named('a', 'f', { x: 1 }), named('b', 'g', '')]
    expect(calls([one, two])).toEqual(wanted)
    expect(calls([one], [two])).toEqual(wanted)
    expect(calls([{ ...one, index: 0 }], [{ ...two, index: 1 }])).toEqual(wanted)
    expect(calls([{ ...one, index: 0 }], [{ ...two, index: 0 }])).toEqual(wanted)
  })

  it('goes on with the call of the index where the name is empty', () => {
    expect(
      calls(
        [{ ...named('a', 'f', ''), index: 0 }],
        [{ ...named('b', 'g', ''), index: 1 }],
        [piece('{"x":', 0), piece('{', 1)],
        [piece('}', 1), piece('1}', 0)],
      ),
    ).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
    ])
  })

  it('mints an id where there is none, or the word that the SDK puts there', () => {
    const ids = calls([{ function: { name: 'f', arguments: '{}' } }], [named('null', 'g', '{}')])
    expect(ids).toEqual([
      [expect.stringMatching(/^[A-Za-z0-9]{9}$/), 'f', '{}'],
      [expect.stringMatching(/^[A-Za-z0-9]{9}$/), 'g', '{}'],
    ])
    expect(new Set(ids.map((one) => Array.isArray(one) && one[0])).size).toBe(2)
  })

  it('refuses a call that never got its name', () => {
    const events = decode(chunk({ tool_calls: [{ id: 'a', function: {} }] }), STOP, DONE)
    expect(lastError(events)?.code).toBe('upstream_malformed')
  })
})

describe('reading the end', () => {
  it('takes the end of the connection for the end only after each choice has its reason', () => {
    expect(decode(chunk({ content: 'a' }), STOP).at(-1)?.type).toBe('response-end')
    expect(lastError(decode(chunk({ content: 'a' })))?.code).toBe('upstream_truncated')
    expect(lastError(decode(DONE))?.code).toBe('upstream_truncated')
  })

  it('reads every spelling of cached tokens', () => {
    const counts = { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 }
    for (const cached of [
      { prompt_tokens_details: { cached_tokens: 4 } },
      { prompt_token_details: { cached_tokens: 4 } },
      { num_cached_tokens: 4 },
    ]) {
      const usage = { ...counts, ...cached }
      const last = chunk({ content: 'a' }, { finish_reason: 'stop', usage })
      const { input, output, total } = collected(mistralChat, decode(last, DONE)).usage ?? {}
      expect({ input, output, total }).toEqual({
        input: { total: 9, cacheRead: 4 },
        output: { total: 1 },
        total: 10,
      })
    }
  })

  it.each([
    [
      { object: 'error', message: 'm', type: 'invalid_request_error', code: null },
      'invalid_request',
    ],
    [{ object: 'error', message: 'm', code: '3505' }, 'overloaded'],
    [{ error: { message: 'm' } }, 'upstream'],
    [{ detail: [{ loc: ['body'], msg: 'm' }] }, 'upstream'],
  ])('ends in the error that a chunk tells: %j', (body, kind) => {
    const events = decode(chunk({ content: 'a' }), { data: JSON.stringify(body) }, STOP, DONE)
    expect(lastError(events)).toMatchObject({ kind, message: 'm' })
    expect(events.filter((event) => isEnd(event))).toHaveLength(1)
  })
})

describe('writing', () => {
  it('opens with the role, says each piece, and ends with reason, counts and [DONE]', () => {
    const frames = encode(
      START,
      { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: '' } },
      say(0, 'a'),
      say(0, 'b'),
      { type: 'part-end', index: 0 },
      END,
      { type: 'usage-update', usage: { input: { total: 3, cacheRead: 2 }, output: { total: 1 } } },
      { type: 'response-end' },
    )
    expect(faultsOfStream(frames)).toEqual([])
    expect(deltas(frames)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'a' },
      { content: 'b' },
      { content: '' },
    ])
    expect(choices(frames).map((choice) => choice['finish_reason'])).toEqual([
      null,
      null,
      null,
      'stop',
    ])
    expect(tryParseJson(frames.at(-2)?.data ?? '')).toMatchObject({
      id: 'chatcmpl-req_1',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'alpha-1',
      usage: {
        prompt_tokens: 3,
        completion_tokens: 1,
        total_tokens: 4,
        prompt_tokens_details: { cached_tokens: 2 },
      },
    })
  })

  it('says a call whole, however it came', () => {
    const call: Part = {
      type: 'tool-call',
      callId: 'call_1',
      kind: 'function',
      name: 'f',
      arguments: { text: '' },
    }
    const frames = encode(
      START,
      { type: 'part-start', index: 0, candidate: 0, part: call },
      { type: 'part-start', index: 1, candidate: 0, part: { ...call, callId: 'call_2' } },
      say(0, '{"x":'),
      say(0, '1}'),
      { type: 'part-end', index: 0 },
      { type: 'part-end', index: 1 },
      { ...END, finish: { reason: 'tool-calls' } },
      { type: 'response-end' },
    )
    expect(faultsOfStream(frames)).toEqual([])
    expect(deltas(frames)).toEqual([
      { role: 'assistant', content: '' },
      wholeCall(0, 'call_1', '{"x":1}'),
      wholeCall(1, 'call_2', '{}'),
      { content: '' },
    ])
  })

  it('says thinking in chunks, and closes it with the seal of whoever made it', () => {
    const seal = { payload: 'p', format: 'f', origin: { dialect: 'alpha' } }
    const frames = encode(
      START,
      { type: 'part-start', index: 0, candidate: 0, part: { type: 'reasoning', text: 'a' } },
      say(0, 'b'),
      { type: 'part-delta', index: 0, delta: { kind: 'seal', seal } },
      { type: 'part-end', index: 0 },
      ...whole({ type: 'text', text: 'c' }, 1),
      END,
      { type: 'response-end' },
    )
    expect(faultsOfStream(frames)).toEqual([])
    const [, first, second, closing, text] = deltas(frames)
    expect([first, second, text]).toEqual([thought('a'), thought('b'), { content: 'c' }])
    expect(closing).toEqual({
      content: [
        {
          type: 'thinking',
          thinking: [],
          closed: true,
          signature: expect.stringMatching(/^pb1\./),
        },
      ],
    })
    const envelope = /"signature":"(?<sealed>[^"]+)"/.exec(JSON.stringify(closing))?.groups
    expect(unwrapSeal(envelope?.['sealed'] ?? '')).toEqual(seal)
  })

  it("says images at their end, notes what it cannot say, and takes the vendor's last word where pieces said nothing", () => {
    const encoder = mistralChat.stream.encoder({
      request: DECODING.request,
      requestId: 'req_1',
      now: () => 0,
    })
    const image: Part = {
      type: 'image',
      source: { kind: 'base64', data: 'AA', mediaType: 'image/png' },
    }
    const frames = [
      START,
      { type: 'part-start', index: 0, candidate: 0, part: image },
      { type: 'part-delta', index: 0, delta: { kind: 'media', data: 'BB' } },
      { type: 'part-end', index: 0 },
      { type: 'part-start', index: 1, candidate: 0, part: { type: 'text', text: '' } },
      { type: 'part-delta', index: 1, delta: { kind: 'citation', citation: { kind: 'url' } } },
      { type: 'part-end', index: 1, part: { type: 'text', text: 'final' } },
      ...whole({ type: 'opaque', origin: ALPHA, what: 'search', native: {} }, 2),
      ...whole({ type: 'refusal', text: 'no' }, 3),
      { ...END, finish: { reason: 'refusal' } },
      { type: 'response-end' },
    ] as const satisfies readonly ChatEvent[]
    const said = deltas(frames.flatMap((event) => encoder.write(event)))
    expect(said.slice(1, -1)).toEqual([
      { content: [{ type: 'image_url', image_url: 'data:image/png;base64,AABB' }] },
      { content: 'final' },
      { content: 'no' },
    ])
    expect(encoder.notes.map(({ action, feature }) => `${action} ${feature}`)).toEqual([
      'dropped search',
      'approximated refusal',
      'dropped citations',
      'approximated finish_reason',
    ])
  })

  it('ends in the error and nothing after it, without [DONE]', () => {
    const error = new GatewayError('overloaded', 'busy')
    const frames = encode(
      START,
      ...whole({ type: 'text', text: 'a' }),
      { type: 'error', error },
      END,
    )
    expect(tryParseJson(frames.at(-1)?.data ?? '')).toEqual({
      object: 'error',
      message: 'busy',
      type: 'service_tier_capacity_exceeded',
      param: null,
      code: '3505',
    })
    expect(frames.map(({ data }) => data)).not.toContain('[DONE]')
    expect(encode(START, ...whole({ type: 'text', text: 'a' }), END).at(-1)?.data).toContain(
      '"object":"error"',
    )
  })

  it('keeps the connection alive with a comment', () => {
    const [ping] = encode({ type: 'ping' })
    expect(ping === undefined ? '' : writeFrame('sse', ping)).toBe(': ping\n\n')
  })
})
