// Streams as hosts really send them, and what every client needs of ours.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse, Finish } from '../../canonical/response.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import { collected, decodeBytes, emptyRequest, isEnd, jsonOf } from '../dialect.contract.ts'
import type { EncodeContext } from '../dialect.ts'
import { assembleChunks } from './assembled-chunks.contract.ts'
import { openaiChat } from './dialect.ts'

const CONTEXT = {
  request: emptyRequest('openai-chat'),
  profile: { provider: 'host', flags: {} },
}
const DONE: Frame = { data: '[DONE]' }

function chunk(delta: JsonObject, more: JsonObject = {}): Frame {
  const { finish_reason = null, ...head } = more
  const choices = [{ index: 0, delta, finish_reason }]
  return { data: JSON.stringify({ id: 'c1', created: 1, model: 'm', choices, ...head }) }
}

const STOP = chunk({}, { finish_reason: 'stop' })

function decode(frames: readonly Frame[]): readonly ChatEvent[] {
  const decoder = openaiChat.stream.decoder(CONTEXT)
  return [...frames.flatMap((frame) => decoder.write(frame)), ...decoder.finish()]
}

function answer(frames: readonly Frame[]): ChatResponse {
  return collected(openaiChat, decode(frames))
}

function context(more: Partial<EncodeContext['request']> = {}): EncodeContext {
  return {
    request: { ...emptyRequest('openai-chat'), ...more },
    requestId: 'req_1',
    now: () => 1_700_000_000_000,
  }
}

function encode(events: readonly ChatEvent[], asked: EncodeContext = context()): readonly Frame[] {
  const encoder = openaiChat.stream.encoder(asked)
  return [...events.flatMap((event) => encoder.write(event)), ...encoder.finish()]
}

function failure(events: readonly ChatEvent[]): GatewayError | undefined {
  const last = events.at(-1)
  return last?.type === 'error' ? last.error : undefined
}

type Piece = JsonObject

function calls(...pieces: readonly (readonly Piece[])[]): readonly Json[] {
  const frames = pieces.map((tool_calls) => chunk({ tool_calls }))
  const response = answer([...frames, chunk({}, { finish_reason: 'tool_calls' }), DONE])
  return (response.candidates[0]?.parts ?? []).map((part) =>
    part.type === 'tool-call' ? [part.callId, part.name, part.arguments.text] : part.type,
  )
}

function piece(text: string, more: JsonObject = {}): Piece {
  return { function: { arguments: text }, ...more }
}

/** `from`: id and name. */
function start(
  from: readonly [id: string, name: string],
  text: string,
  more: JsonObject = {},
): Piece {
  const [id, name] = from
  return { id, type: 'function', function: { name, arguments: text }, ...more }
}

function repeated(text: string): readonly Piece[] {
  return [start(['a', 'get_weather'], text, { index: 0 })]
}

function nameless(name: string): Piece {
  return { function: { name, arguments: '{}' } }
}

describe('which piece belongs to which call', () => {
  it('counts an index that goes on as the same call', () => {
    expect(calls([start(['a', 'f'], '', { index: 0 })], [piece('{}', { index: 0 })])).toEqual([
      ['a', 'f', '{}'],
    ])
  })

  it('counts a missing index with a new id as a new call, and without either as the last one', () => {
    expect(calls([start(['a', 'f'], '{')], [piece('}')], [start(['b', 'g'], '{}')])).toEqual([
      ['a', 'f', '{}'],
      ['b', 'g', '{}'],
    ])
  })

  it('says id, type and name once when the host repeats them', () => {
    expect(calls(repeated('{"a"'), repeated(':1}'))).toEqual([['a', 'get_weather', '{"a":1}']])
  })

  it('opens a new call when an index is used again with another id and a name', () => {
    const pieces = [
      start(['x', 'f'], '{"p":1}', { index: 0 }),
      start(['y', 'g'], '{"p":2}', { index: 0 }),
    ]
    expect(calls(...pieces.map((one) => [one]))).toEqual([
      ['x', 'f', '{"p":1}'],
      ['y', 'g', '{"p":2}'],
    ])
  })

  it('keeps the first id when it changes from piece to piece without a name', () => {
    const later = { id: 'z', index: 0, function: { name: '', arguments: '}' } }
    expect(calls([start(['x', 'f'], '{', { index: 0 })], [later])).toEqual([['x', 'f', '{}']])
  })

  it('goes on after an empty id, a null name and a missing type', () => {
    const later = { id: '', index: 0, function: { name: null, arguments: '}' } }
    expect(calls([start(['x', 'f'], '{', { index: 0 })], [later])).toEqual([['x', 'f', '{}']])
  })

  it('waits for a name that comes late', () => {
    const early = { index: 0, id: 'x', function: { arguments: '{"a"' } }
    const late = { index: 0, function: { name: 'f', arguments: ':1}' } }
    expect(calls([early], [late])).toEqual([['x', 'f', '{"a":1}']])
  })

  it('takes a whole call in one piece, several in one chunk', () => {
    expect(
      calls([start(['a', 'f'], '{}', { index: 0 }), start(['b', 'g'], '{"x":1}', { index: 1 })]),
    ).toEqual([
      ['a', 'f', '{}'],
      ['b', 'g', '{"x":1}'],
    ])
  })

  it('keeps interleaved pieces apart', () => {
    expect(
      calls(
        [start(['a', 'f'], '', { index: 0 }), start(['b', 'g'], '', { index: 1 })],
        [piece('{"b":', { index: 1 }), piece('{"a":', { index: 0 })],
        [piece('1}', { index: 0 }), piece('2}', { index: 1 })],
      ),
    ).toEqual([
      ['a', 'f', '{"a":1}'],
      ['b', 'g', '{"b":2}'],
    ])
  })

  it('never ends a call because its text parses already', () => {
    expect(calls([start(['a', 'f'], '{}', { index: 0 })], [piece(' ', { index: 0 })])).toEqual([
      ['a', 'f', '{} '],
    ])
  })

  it('passes over the whole arguments told once more at the end', () => {
    const whole = piece('{"a":1}', { index: 0 })
    expect(calls([start(['a', 'f'], '', { index: 0 })], [whole], [whole])).toEqual([
      ['a', 'f', '{"a":1}'],
    ])
  })

  it('writes arguments that came as an object as text, and none as an empty object', () => {
    const object = { index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }
    const none = { index: 1, id: 'b', function: { name: 'g', arguments: null } }
    expect(calls([object, none])).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'g', '{}'],
    ])
  })

  it('mints different ids for calls that have none, the same every time', () => {
    const once = calls([nameless('f')], [nameless('f')])
    expect(once).toHaveLength(2)
    expect(new Set(once.map((call) => JSON.stringify(call))).size).toBe(2)
    expect(calls([nameless('f')], [nameless('f')])).toEqual(once)
    expect(once).toEqual([
      [expect.stringMatching(/^[0-9A-Za-z]{9}$/), 'f', '{}'],
      [expect.stringMatching(/^[0-9A-Za-z]{9}$/), 'f', '{}'],
    ])
  })

  it('fails when a call never gets a name', () => {
    const events = decode([chunk({ tool_calls: [piece('{}', { index: 0, id: 'a' })] }), STOP, DONE])
    expect(failure(events)).toMatchObject({ kind: 'upstream', code: 'upstream_malformed' })
  })
})

function reason(frames: readonly Frame[]): Finish | undefined {
  return answer(frames).candidates[0]?.finish
}

describe('how a stream ends', () => {
  const hello = chunk({ role: 'assistant', content: 'hi' })

  it('ends cleanly after a reason, with or without [DONE]', () => {
    expect(decode([hello, STOP]).at(-1)).toEqual({ type: 'response-end' })
    expect(decode([hello, STOP, DONE]).at(-1)).toEqual({ type: 'response-end' })
  })

  it('is an error when it is cut before a reason, never a stop', () => {
    expect(failure(decode([hello]))).toMatchObject({ kind: 'upstream', code: 'upstream_truncated' })
    expect(failure(decode([]))).toMatchObject({ code: 'upstream_truncated' })
    expect(failure(decode([DONE]))).toMatchObject({ code: 'upstream_truncated' })
  })

  it('is an error when one of two choices was cut', () => {
    const second = {
      data: JSON.stringify({ id: 'c1', choices: [{ index: 1, delta: { content: 'x' } }] }),
    }
    expect(failure(decode([hello, second, STOP]))).toMatchObject({ code: 'upstream_truncated' })
  })

  it('shows the reason by its parts when the host says [DONE] but no reason', () => {
    expect(reason([hello, DONE])).toEqual({ reason: 'stop' })
    const call = chunk({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] })
    expect(reason([call, DONE])).toEqual({ reason: 'tool-calls' })
  })

  it('makes tool calls of a stop, but never of a length or a filter', () => {
    const call = chunk({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{' } }] })
    const ended = (word: string) => reason([call, chunk({}, { finish_reason: word }), DONE])?.reason
    expect(['stop', 'length', 'content_filter'].map(ended)).toEqual([
      'tool-calls',
      'length',
      'content-filter',
    ])
  })

  it('keeps the first of two reasons and what comes after it', () => {
    const late = chunk({ content: '!' }, { finish_reason: 'length' })
    const response = answer([hello, STOP, late, DONE])
    expect(response.candidates[0]).toMatchObject({
      parts: [{ text: 'hi!' }],
      finish: { raw: 'stop' },
    })
  })

  it('reads nothing after [DONE]', () => {
    expect(decode([hello, STOP, DONE, hello, STOP])).toEqual(decode([hello, STOP, DONE]))
  })
})

describe('errors inside a stream', () => {
  const hello = chunk({ role: 'assistant', content: 'hi' })
  it.each([
    [{ data: '{"error":{"message":"slow","code":429}}' }, 'rate_limit'],
    [{ data: '{"error":"quota exceeded"}' }, 'upstream'],
    [{ data: '{"error":{"message":"m","code":"insufficient_quota"}}' }, 'quota'],
    [{ data: '{"error":{"message":"longer than the model\'s context length"}}' }, 'context_length'],
    [{ event: 'error', data: '{"message":"down","type":"server_error"}' }, 'internal'],
    [{ event: 'error', data: 'gone' }, 'upstream'],
    [chunk({}, { x_groq: { error: 'over capacity' } }), 'upstream'],
    [
      { data: '{"choices":[{"index":0,"delta":{},"error":{"code":502,"message":"bad"}}]}' },
      'upstream',
    ],
    [{ data: '{"broken' }, 'upstream'],
    [{ data: '[1,2]' }, 'upstream'],
  ] satisfies readonly (readonly [Frame, string])[])('%j is of kind %s', (frame, kind) => {
    expect(failure(decode([hello, frame, STOP, DONE]))?.kind).toBe(kind)
  })

  it('takes no error from an error key that is null', () => {
    expect(failure(decode([chunk({ content: 'hi' }, { error: null }), STOP]))).toBeUndefined()
  })

  it('tells the usage that came with the error first', () => {
    const frame = { data: '{"error":{"message":"m"},"usage":{"prompt_tokens":3}}' }
    expect(
      decode([hello, frame])
        .slice(-2)
        .map(({ type }) => type),
    ).toEqual(['usage-update', 'error'])
  })
})

function thought(delta: JsonObject): Part | undefined {
  return answer([chunk(delta), chunk({ content: 'x' }), STOP]).candidates[0]?.parts[0]
}

function usage(tokens: number): Frame {
  return chunk({}, { usage: { prompt_tokens: tokens, completion_tokens: tokens } })
}

describe('what hosts mix in', () => {
  it('does not take the id and model of an opening chunk that is empty', () => {
    const first = {
      data: '{"id":"","model":"","created":0,"choices":[],"prompt_filter_results":[1]}',
    }
    const events = decode([first, chunk({ content: 'hi' }), STOP, DONE])
    expect(events[0]).toMatchObject({ type: 'response-start', id: 'c1', model: 'm' })
    expect(events[1]).toMatchObject({ type: 'native', value: { prompt_filter_results: [1] } })
  })

  it('opens no part for empty text, null or a role', () => {
    const empty = chunk({
      role: '',
      content: '',
      reasoning_content: '',
      refusal: null,
      tool_calls: null,
    })
    expect(answer([empty, chunk({ content: 'hi' }), STOP]).candidates[0]?.parts).toHaveLength(1)
  })

  it('reads a whole message as a delta, and passes over one that repeats the deltas', () => {
    const whole = {
      data: JSON.stringify({
        id: 'c',
        choices: [{ index: 0, message: { content: 'all' }, finish_reason: 'stop' }],
      }),
    }
    expect(answer([whole]).candidates[0]?.parts).toMatchObject([{ text: 'all' }])
    const both = {
      data: JSON.stringify({
        id: 'c',
        choices: [{ index: 0, delta: { content: 'a' }, message: { content: 'a' } }],
      }),
    }
    expect(answer([both, STOP]).candidates[0]?.parts).toMatchObject([{ text: 'a' }])
  })

  it('takes either reasoning field, both once, and none from an object', () => {
    expect(thought({ reasoning_content: 'r' })).toMatchObject({ type: 'reasoning', text: 'r' })
    expect(thought({ reasoning: 'r' })).toMatchObject({ type: 'reasoning', text: 'r' })
    expect(thought({ reasoning: 'r', reasoning_content: 'r' })).toMatchObject({ text: 'r' })
    expect(thought({ reasoning: { effort: 'low' } })).toMatchObject({ type: 'text' })
  })

  it('joins the pieces of reasoning_details by index, with the signature that comes last', () => {
    const detail = (more: JsonObject) =>
      chunk({ reasoning_details: [{ type: 'reasoning.text', index: 0, ...more }] })
    const parts = answer([
      detail({ text: 'a' }),
      detail({ text: 'b' }),
      detail({ signature: 's' }),
      chunk({ reasoning_details: [{ type: 'reasoning.text', index: 1, text: 'c' }] }),
      STOP,
    ]).candidates[0]?.parts
    expect(parts).toMatchObject([{ text: 'ab', seal: { payload: 's' } }, { text: 'c' }])
  })

  it('lets the last usage win, but never zeros over counts', () => {
    const response = answer([usage(1), usage(5), usage(0), STOP, DONE])
    expect(response.usage?.input?.total).toBe(5)
  })

  it('finds usage in x_groq and inside the choice', () => {
    const groq = chunk({}, { x_groq: { usage: { prompt_tokens: 3 } } })
    expect(answer([groq, STOP]).usage?.input?.total).toBe(3)
    const inside = {
      data: '{"id":"c","choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":4}}]}',
    }
    expect(answer([inside, STOP]).usage?.input?.total).toBe(4)
  })

  it('keeps choices apart', () => {
    const other = {
      data: JSON.stringify({
        id: 'c',
        choices: [{ index: 1, delta: { content: 'B' }, finish_reason: 'length' }],
      }),
    }
    expect(answer([chunk({ content: 'A' }), other, STOP, DONE]).candidates).toMatchObject([
      { index: 0, parts: [{ text: 'A' }], finish: { reason: 'stop' } },
      { index: 1, parts: [{ text: 'B' }], finish: { reason: 'length' } },
    ])
  })
})

const STREAMED = fixturesOf('openai-chat').flatMap((one) =>
  one.stream === undefined ? [] : [{ name: one.name, stream: one.stream }],
)

/** The rules that the SDK's own helper dies by. */
function expectLegal(frames: readonly Frame[], complete: boolean): void {
  const named = new Set<Json | undefined>()
  const finished = new Set<Json | undefined>()
  const seen = new Set<string>()
  for (const [at, frame] of frames.entries()) {
    if (frame.data === '[DONE]') {
      expect(at).toBe(frames.length - 1)
      continue
    }
    const body = ObjectReader.of(JSON.parse(frame.data), '')
    if (body.has('error')) continue
    expect(body.string('id')).not.toBe('')
    seen.add(JSON.stringify([body.peek('id'), body.peek('created'), body.peek('model')]))
    for (const item of body.items('choices')) {
      const choice = ObjectReader.of(item.value, '')
      const index = choice.number('index')
      const delta = choice.object('delta')
      expect(delta.has('role')).toBe(!named.has(index))
      named.add(index)
      expect(finished.has(index)).toBe(false)
      if (choice.optionalString('finish_reason') !== undefined) finished.add(index)
      for (const call of delta.optionalItems('tool_calls') ?? []) {
        expect(ObjectReader.of(call.value, '').number('index')).toBeGreaterThanOrEqual(0)
      }
    }
  }
  expect(seen.size).toBeLessThanOrEqual(1)
  if (complete) expect(frames.at(-1)).toEqual(DONE)
}

describe('what we write', () => {
  it.each(STREAMED)('$name: every prefix is legal, and the whole ends once', ({ stream }) => {
    const events = decodeBytes(openaiChat, [stream], CONTEXT)
    for (let length = 0; length <= events.length; length += 1) {
      const encoder = openaiChat.stream.encoder(context())
      const frames = events.slice(0, length).flatMap((event) => encoder.write(event))
      expectLegal(frames, length === events.length)
      expectLegal([...frames, ...encoder.finish()], true)
    }
  })

  it('says id, type and name of a call once, in its first chunk', () => {
    const { stream } = STREAMED.find(({ name }) => name === 'parallel-tools') ?? {
      stream: new Uint8Array(),
    }
    const text = encode(decodeBytes(openaiChat, [stream], CONTEXT))
      .map(({ data }) => data)
      .join('\n')
    for (const once of ['"call_a"', '"call_b"', '"get_weather"']) {
      expect(text.split(once)).toHaveLength(2)
    }
  })

  const whole: readonly ChatEvent[] = [
    { type: 'response-start', origin: { dialect: 'elsewhere' } },
    { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: 'hi' } },
    { type: 'part-end', index: 0 },
    { type: 'usage-update', usage: { input: { total: 2 }, output: { total: 1 } } },
    { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
    { type: 'response-end' },
  ]

  it('mints what the other wire did not say, the same on every chunk', () => {
    const [first] = jsonOf(encode(whole))
    expect(first).toMatchObject({ id: 'chatcmpl-req_1', created: 1_700_000_000, model: 'm' })
  })

  it('sends usage in a chunk of its own to those who asked, null on the others', () => {
    const asked = jsonOf(encode(whole, context({ stream: { enabled: true, includeUsage: true } })))
    expect(asked.map((frame) => isObject(frame) && frame['usage'])).toEqual([
      null,
      null,
      { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 },
    ])
    expect(JSON.stringify(encode(whole))).not.toContain('usage')
  })

  it('makes up no usage', () => {
    const silent = whole.filter(({ type }) => type !== 'usage-update')
    const frames = encode(silent, context({ stream: { enabled: true, includeUsage: true } }))
    expect(frames).toHaveLength(3)
  })

  it('writes thinking as reasoning_content, and a foreign seal so that it comes back', () => {
    const seal = { payload: 'sig', format: 'f', origin: { dialect: 'elsewhere', provider: 'p' } }
    const frames = jsonOf(
      encode([
        { type: 'response-start', origin: { dialect: 'elsewhere' } },
        { type: 'part-start', index: 0, candidate: 0, part: { type: 'reasoning', text: '' } },
        { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'be' } },
        { type: 'part-delta', index: 0, delta: { kind: 'text', text: 'cause' } },
        { type: 'part-delta', index: 0, delta: { kind: 'seal', seal } },
        { type: 'part-end', index: 0 },
        { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
        { type: 'response-end' },
      ]),
    )
    const [choice] = ObjectReader.of(assembleChunks(frames), '').items('choices')
    const { delta } = ObjectReader.of(choice?.value, '').source
    expect(delta).toMatchObject({ reasoning_content: 'because' })
    const { turns } = openaiChat.request.decode({
      method: 'POST',
      path: '',
      headers: {},
      body: {
        model: 'm',
        messages: [{ role: 'assistant', content: null, ...(isObject(delta) ? delta : {}) }],
      },
    })
    expect(turns[0]?.parts).toMatchObject([{ type: 'reasoning', text: 'because', seal }])
  })

  it('places citations of a whole part once its end is known', () => {
    const cite = { kind: 'url' as const, url: 'https://example.com' }
    const frames = jsonOf(
      encode([
        { type: 'response-start', origin: { dialect: 'elsewhere' } },
        { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: 'One. ' } },
        { type: 'part-end', index: 0 },
        { type: 'part-start', index: 1, candidate: 0, part: { type: 'text', text: '' } },
        { type: 'part-delta', index: 1, delta: { kind: 'citation', citation: cite } },
        { type: 'part-delta', index: 1, delta: { kind: 'text', text: 'Two.' } },
        { type: 'part-end', index: 1 },
        { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
        { type: 'response-end' },
      ]),
    )
    expect(JSON.stringify(frames)).toContain('"start_index":5,"end_index":9')
  })

  it('tells a final copy only where nothing was told before', () => {
    const part = { type: 'text' as const, text: 'final' }
    const events = (said: string): readonly ChatEvent[] => [
      { type: 'response-start', origin: { dialect: 'elsewhere' } },
      { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: said } },
      { type: 'part-end', index: 0, part },
      { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
      { type: 'response-end' },
    ]
    expect(JSON.stringify(encode(events('')))).toContain('final')
    expect(JSON.stringify(encode(events('first')))).not.toContain('final')
  })

  it('writes an error in band and then [DONE]', () => {
    const error = new GatewayError('overloaded', 'Busy.', { origin: 'upstream' })
    const frames = encode([...whole.slice(0, 3), { type: 'error', error }, ...whole])
    expect(frames.slice(-2)).toEqual([
      {
        data: '{"error":{"message":"Busy.","type":"service_unavailable_error","param":null,"code":"server_is_overloaded"}}',
      },
      DONE,
    ])
  })

  it('keeps a silent connection alive with a comment', () => {
    const encoder = openaiChat.stream.encoder(context())
    expect(encoder.keepAlive()).toEqual({ data: '', comment: 'ping', attached: true })
    expect(encoder.write({ type: 'ping' })).toEqual([{ data: '', comment: 'ping', attached: true }])
  })

  it('notes what it cannot say', () => {
    const encoder = openaiChat.stream.encoder(context())
    const part = { type: 'image' as const, source: { kind: 'base64' as const, data: 'AA' } }
    encoder.write({ type: 'part-start', index: 0, candidate: 0, part })
    encoder.write({ type: 'candidate-end', candidate: 0, finish: { reason: 'pause' } })
    expect(encoder.notes.map(({ feature, weight }) => [feature, weight])).toEqual([
      ['image', 3],
      ['finish_reason', 2],
    ])
  })

  it('gives the same text whatever the chunks', () => {
    const cut = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(cut, cut, cut, (thoughts, texts, pieces) => {
        const frames = [
          ...thoughts.map((text) => chunk({ reasoning_content: text })),
          ...texts.map((text) => chunk({ content: text })),
          chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] }),
          ...pieces.map((text) =>
            chunk({ tool_calls: [{ index: 0, function: { arguments: `x${text}` } }] }),
          ),
          STOP,
          DONE,
        ]
        const events = decode(frames)
        expect(events.filter((event) => isEnd(event))).toHaveLength(1)
        const ours = assembleChunks(jsonOf(encode(events)))
        expect(ours).toMatchObject({
          choices: [
            {
              delta: {
                reasoning_content: thoughts.join(''),
                content: texts.join(''),
                tool_calls: [
                  { function: { arguments: pieces.map((text) => `x${text}`).join('') } },
                ],
              },
              finish_reason: 'tool_calls',
            },
          ],
        })
      }),
      { numRuns: 200 },
    )
  })
})

function chunksOf(events: readonly ChatEvent[]): readonly JsonObject[] {
  const encoder = openaiChat.stream.encoder(context())
  return jsonOf(events.flatMap((event) => encoder.write(event))).map(
    (value) => ObjectReader.of(value, '').source,
  )
}

describe('a foreign stream, for helpers that only add up deltas', () => {
  const start: ChatEvent = { type: 'response-start', origin: { dialect: 'other' } }

  it('ends a call that says no arguments in {}', () => {
    const call: Part = {
      type: 'tool-call',
      callId: 'c1',
      kind: 'function',
      name: 'now',
      arguments: { text: '' },
    }
    const whole = { ...call, arguments: { text: '{}', json: {} } }
    const chunks = chunksOf([
      start,
      { type: 'part-start', index: 0, candidate: 0, part: call },
      { type: 'part-end', index: 0, part: whole },
    ])
    expect(JSON.stringify(chunks.at(-1))).toContain('"arguments":"{}"')
  })

  it('has no text before thinking, as a whole answer has none beside calls', () => {
    const part: Part = { type: 'reasoning', text: 'Hm.' }
    const [first] = chunksOf([start, { type: 'part-start', index: 0, candidate: 0, part }])
    expect(first).toMatchObject({ choices: [{ delta: { content: null } }] })
  })
})
