// Frames of providers: what they amount to, and that every stream ends, once and honestly.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Json, JsonObject } from '../../wire/json.ts'
import { collected, decodeFrames, emptyRequest, isEnd } from '../dialect.contract.ts'
import { anthropicMessages } from './dialect.ts'

const CONTEXT = {
  request: emptyRequest('anthropic-messages'),
  profile: { provider: 'test', flags: {} },
}

function decode(events: readonly Json[]): readonly ChatEvent[] {
  const frames = events.map((event) => ({ data: JSON.stringify(event) }))
  return decodeFrames(anthropicMessages, frames, CONTEXT)
}

function answer(events: readonly Json[]) {
  return collected(anthropicMessages, decode(events))
}

const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 25, output_tokens: 1 },
  },
}
const STOP = { type: 'message_stop' }

function finish(stop_reason: string | null, usage: JsonObject = { output_tokens: 5 }) {
  return { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage }
}

function block(index: number, content_block: JsonObject, deltas: readonly JsonObject[] = []) {
  return [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

function call(partial: readonly string[], input: JsonObject = {}) {
  return block(
    0,
    { type: 'tool_use', id: 't', name: 'f', input },
    partial.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  )
}

function second(id: string) {
  return { ...START, message: { ...START.message, id } }
}

/** The last event, with its error's code. */
function ending(events: readonly ChatEvent[]): string | undefined {
  const last = events.at(-1)
  return last?.type === 'error' ? `error ${last.error.code ?? last.error.kind}` : last?.type
}

describe('tool calls', () => {
  it.each([
    ['no delta', []],
    ['an empty delta', ['']],
    ['blanks', [' ', '']],
  ])('with %s have the arguments {}', (_, partial) => {
    const [part] =
      answer([START, ...call(partial), finish('tool_use'), STOP]).candidates[0]?.parts ?? []
    expect(part).toMatchObject({ arguments: { text: '{}', json: {} } })
  })

  it('keep argument text as it came, malformed or not', () => {
    const [part] =
      answer([START, ...call(['{"a"', ':']), finish('tool_use'), STOP]).candidates[0]?.parts ?? []
    expect(part).toMatchObject({ arguments: { text: '{"a":' } })
  })

  it('that a compatible server gives whole in their start are said as a delta too', () => {
    const events = decode([START, ...call([], { a: 1 }), finish('tool_use'), STOP])
    expect(events.filter((event) => event.type === 'part-delta')).toMatchObject([
      { delta: { text: '{"a":1}' } },
    ])
  })

  it('end the answer in tool-calls even when the server says end_turn', () => {
    const response = answer([START, ...call(['{}']), finish('end_turn'), STOP])
    expect(response.candidates[0]?.finish).toMatchObject({ reason: 'tool-calls', raw: 'end_turn' })
  })
})

describe('usage of a stream', () => {
  it('is replaced by what message_delta says, never added', () => {
    const usage = answer([START, finish('end_turn', { output_tokens: 15 }), STOP]).usage
    expect(usage).toMatchObject({ input: { total: 25 }, output: { total: 15 } })
  })

  it('takes the final input count of hosted tools for the provisional one', () => {
    const said = { input_tokens: 15_665, cache_read_input_tokens: 10, output_tokens: 3 }
    expect(answer([START, finish('end_turn', said), STOP]).usage?.input).toEqual({
      total: 15_675,
      cacheRead: 10,
    })
  })

  it('keeps a count that a later null says nothing of', () => {
    const said = { input_tokens: null, output_tokens: 3 }
    expect(answer([START, finish('end_turn', said), STOP]).usage?.input?.total).toBe(25)
  })

  it('is marked as partial when the answer was cut', () => {
    expect(answer([START]).usage).toMatchObject({ input: { total: 25 }, partial: true })
  })
})

describe('the end of a stream', () => {
  it('is an error when the provider breaks off', () => {
    const events = decode([START, ...block(0, { type: 'text', text: 'half' })])
    expect(ending(events)).toBe('error upstream_truncated')
    expect(ending(decode([]))).toBe('error upstream_truncated')
  })

  it('is clean when only message_stop is missing', () => {
    expect(ending(decode([START, finish('end_turn')]))).toBe('response-end')
  })

  it('is an error while message_delta names no reason', () => {
    expect(ending(decode([START, finish(null)]))).toBe('error upstream_truncated')
  })

  it('is overloaded when that is all the provider says', () => {
    const error = { type: 'overloaded_error', message: 'Overloaded' }
    const events = decode([{ type: 'error', error }])
    expect(events).toMatchObject([
      { type: 'error', error: { kind: 'overloaded', origin: 'upstream' } },
    ])
  })

  it('comes once, whatever follows', () => {
    const events = decode([START, finish('end_turn'), STOP, START, STOP])
    expect(events.filter((event) => isEnd(event))).toHaveLength(1)
    expect(ending(events)).toBe('response-end')
  })

  it('is an error after what cannot be read', () => {
    const frames = [{ data: '{"type":' }]
    expect(ending(decodeFrames(anthropicMessages, frames, CONTEXT))).toBe(
      'error upstream_bad_response',
    )
    const lost = { type: 'content_block_delta', index: 3, delta: { type: 'text_delta', text: 'a' } }
    expect(ending(decode([START, lost]))).toBe('error upstream_bad_response')
  })
})

describe('a second message_start', () => {
  it('is passed over while nothing has been said', () => {
    const text = block(0, { type: 'text', text: 'a' })
    const events = decode([START, second('msg_1'), ...text, finish('end_turn'), STOP])
    expect(events.filter((event) => event.type === 'response-start')).toHaveLength(1)
    expect(ending(events)).toBe('response-end')
  })

  it('of another answer is an error, so that no half call is left to be run', () => {
    const begun = call(['{"a'])[0] ?? null
    expect(ending(decode([START, begun, second('msg_2')]))).toBe('error upstream_bad_response')
  })
})

describe('what is not known', () => {
  it('is kept for clients of the same protocol and passed over by others', () => {
    const odd = { type: 'progress_note', note: 1 }
    expect(decode([START, odd, finish('end_turn'), STOP])).toContainEqual({
      type: 'native',
      dialect: 'anthropic-messages',
      value: odd,
    })
  })

  it('as a block becomes an opaque part with its input', () => {
    const hosted = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    const deltas = ['{"q":', '"x"}'].map((partial_json) => ({
      type: 'input_json_delta',
      partial_json,
    }))
    const { candidates } = answer([START, ...block(0, hosted, deltas), finish('end_turn'), STOP])
    expect(candidates[0]?.parts).toMatchObject([
      { type: 'opaque', what: 'server_tool_use', native: { ...hosted, input: { q: 'x' } } },
    ])
  })

  it('as a reason to stop is kept in its own word', () => {
    const { candidates } = answer([START, finish('tired'), STOP])
    expect(candidates[0]?.finish).toMatchObject({ reason: 'other', raw: 'tired' })
  })
})

describe('redacted and signed thinking', () => {
  it('arrive with their seals', () => {
    const { candidates } = answer([
      START,
      ...block(0, { type: 'redacted_thinking', data: 'ZW5j' }),
      ...block(1, { type: 'thinking', thinking: '', signature: '' }, [
        { type: 'thinking_delta', thinking: 'a' },
        { type: 'signature_delta', signature: 'sig' },
      ]),
      finish('end_turn'),
      STOP,
    ])
    expect(candidates[0]?.parts).toMatchObject([
      { type: 'reasoning', redacted: true, seal: { payload: 'ZW5j' } },
      { type: 'reasoning', text: 'a', seal: { payload: 'sig' } },
    ])
  })
})

describe('events in any order', () => {
  const event = fc.constantFrom<JsonObject>(
    START,
    STOP,
    finish('end_turn'),
    finish(null),
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 'a', name: 'b' },
    },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'x' } },
    {
      type: 'content_block_delta',
      index: 1,
      delta: { type: 'input_json_delta', partial_json: '{' },
    },
    { type: 'content_block_stop', index: 0 },
    { type: 'content_block_stop', index: 1 },
    { type: 'error', error: {} },
    { type: 'content_block_start', index: 'x' },
  )

  it('obey the grammar of events: one start, parts that begin before they go on, one end', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (wire) => {
        const events = decode(wire)
        const open = new Set<number>()
        for (const [at, one] of events.entries()) {
          if (one.type === 'part-start') open.add(one.index)
          if (one.type === 'part-delta') expect(open.has(one.index)).toBe(true)
          if (one.type === 'part-end') expect(open.delete(one.index)).toBe(true)
          if (one.type === 'response-end') expect(open.size).toBe(0)
          expect(isEnd(one)).toBe(at === events.length - 1)
        }
        const starts = events.filter((one) => one.type === 'response-start')
        expect(starts.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })
})
