// Streams as hosts really send them.
import { describe, expect, it } from 'vitest'
import type { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatResponse, Finish } from '../../canonical/response.ts'
import type { Frame } from '../../wire/frame.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { collected } from '../dialect.contract.ts'
import { openaiChat } from './dialect.ts'
import { DONE, STOP, chunk, decode } from './read-chunks.contract.ts'

function answer(frames: readonly Frame[]): ChatResponse {
  return collected(openaiChat, decode(frames))
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

function detail(more: JsonObject): Frame {
  return chunk({ reasoning_details: [{ type: 'reasoning.text', index: 0, ...more }] })
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
    const parts = answer([
      detail({ text: 'a' }),
      detail({ text: 'b' }),
      detail({ signature: 's' }),
      detail({ index: 1, text: 'c' }),
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
