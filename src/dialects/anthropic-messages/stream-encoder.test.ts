// Frames for clients: always the grammar of the wire, nothing lost, and no clean end that was none.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { Finish } from '../../canonical/response.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Json, parseJson } from '../../wire/json.ts'
import { emptyRequest } from '../dialect.contract.ts'
import { unwrapSeal } from '../lowering/seal.ts'
import { judge, streamArbitrary } from './message-automaton.arbitrary.ts'
import { MessageStreamEncoder } from './stream-encoder.ts'

const CONTEXT = { request: emptyRequest('anthropic-messages'), requestId: 'req_1', now: () => 0 }
const START: ChatEvent = { type: 'response-start', origin: { dialect: 'other' }, model: 'm' }
const END: readonly ChatEvent[] = [
  { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
  { type: 'response-end' },
]

function encode(events: readonly ChatEvent[]): readonly Frame[] {
  const encoder = new MessageStreamEncoder(CONTEXT)
  return [...events.flatMap((event) => encoder.write(event)), ...encoder.finish()]
}

function jsonOf(events: readonly ChatEvent[]): readonly Json[] {
  return encode(events).map((frame) => parseJson(frame.data))
}

function started(index: number, part: Part): ChatEvent {
  return { type: 'part-start', index, candidate: 0, part }
}

function call(index: number, name: string, text: string): ChatEvent {
  const id = { callId: `c${index}`, name }
  return started(index, { type: 'tool-call', kind: 'function', ...id, arguments: { text } })
}

function added(index: number, text: string): ChatEvent {
  return { type: 'part-delta', index, delta: { kind: 'text', text } }
}

function ended(index: number): ChatEvent {
  return { type: 'part-end', index }
}

function finished(finish: Finish): readonly ChatEvent[] {
  return [{ type: 'candidate-end', candidate: 0, finish }, { type: 'response-end' }]
}

/** Each frame in a word or two: its type, its index, and what kind of block or delta it holds. */
function outline(events: readonly ChatEvent[]): readonly string[] {
  return encode(events).map(({ data }) => {
    const { type, index = '', content_block, delta } = JSON.parse(data)
    return [type, index, content_block?.type ?? delta?.type ?? delta?.stop_reason ?? '']
      .filter((word) => word !== '')
      .join(' ')
  })
}

function signatures(events: readonly ChatEvent[]): readonly string[] {
  return encode([START, ...events, ...END]).flatMap(({ data }) => {
    const { delta } = JSON.parse(data)
    return delta?.type === 'signature_delta' ? [delta.signature] : []
  })
}

describe('any stream of events', () => {
  it('is printed in the grammar of the wire, with all that it says in its order', () => {
    fc.assert(
      fc.property(streamArbitrary, ({ events, texts }) => {
        const verdict = judge(encode(events))
        expect(verdict.wrong).toBeUndefined()
        const whole = events.at(-1)?.type === 'response-end'
        expect(verdict.end).toBe(whole ? 'stop' : 'error')
        if (whole) expect(verdict.texts).toEqual(texts)
      }),
      { numRuns: 300 },
    )
  })

  it('ends in an in-band error wherever it is cut, and never in a clean stop', () => {
    fc.assert(
      fc.property(streamArbitrary, fc.nat(), ({ events }, at) => {
        const verdict = judge(encode(events.slice(0, at % events.length)))
        expect(verdict).toMatchObject({ wrong: undefined, end: 'error' })
      }),
      { numRuns: 300 },
    )
  })
})

describe('parts that interleave', () => {
  it('become one block after the other, without gaps', () => {
    expect(
      outline([
        START,
        started(0, { type: 'text', text: 'a' }),
        call(1, 'f', ''),
        call(2, 'g', '{'),
        added(2, '}'),
        added(0, 'b'),
        added(1, '{"x":1}'),
        ended(2),
        ended(0),
        ended(1),
        ...finished({ reason: 'tool-calls' }),
      ]),
    ).toEqual([
      'message_start',
      'content_block_start 0 text',
      'content_block_delta 0 text_delta',
      'content_block_delta 0 text_delta',
      'content_block_stop 0',
      'content_block_start 1 tool_use',
      'content_block_delta 1 input_json_delta',
      'content_block_stop 1',
      'content_block_start 2 tool_use',
      'content_block_delta 2 input_json_delta',
      'content_block_delta 2 input_json_delta',
      'content_block_stop 2',
      'message_delta tool_use',
      'message_stop',
    ])
  })

  it('are closed by the end of the answer, once each', () => {
    expect(outline([START, call(0, 'f', '{}'), call(1, 'g', '{}'), ...END])).toEqual([
      'message_start',
      'content_block_start 0 tool_use',
      'content_block_delta 0 input_json_delta',
      'content_block_stop 0',
      'content_block_start 1 tool_use',
      'content_block_delta 1 input_json_delta',
      'content_block_stop 1',
      'message_delta tool_use',
      'message_stop',
    ])
  })
})

describe('the event that opens a block', () => {
  it('loses nothing of what it already holds', () => {
    const frames = encode([
      START,
      started(0, { type: 'reasoning', text: 'Hm' }),
      ended(0),
      started(1, { type: 'text', text: 'Hello' }),
      ended(1),
      call(2, 'f', '{"city":"Oslo"}'),
      ended(2),
      ...END,
    ])
    expect(judge(frames).texts).toEqual(['Hm', 'Hello', '{"city":"Oslo"}'])
  })

  it('begins a call with an empty input, whole arguments or none', () => {
    const frames = jsonOf([
      START,
      call(0, 'f', '{"a":1}'),
      ended(0),
      call(1, 'g', ''),
      ended(1),
      ...END,
    ])
    const blocks = frames.filter((frame) => JSON.stringify(frame).includes('content_block_start'))
    expect(blocks).toMatchObject([
      { content_block: { input: {} } },
      { content_block: { input: {} } },
    ])
  })
})

describe('thinking of another provider', () => {
  const seal = { payload: 'enc', format: 'f', origin: { dialect: 'other' } }

  it('ends in one signature that holds its seal', () => {
    const [signature, ...others] = signatures([
      started(0, { type: 'reasoning', text: 'a' }),
      { type: 'part-delta', index: 0, delta: { kind: 'seal', seal } },
      ended(0),
    ])
    expect(unwrapSeal(signature ?? '')).toEqual(seal)
    expect(others).toEqual([])
  })

  it('is marked as foreign even without a seal', () => {
    const [signature] = signatures([started(0, { type: 'reasoning', text: 'a' }), ended(0)])
    expect(unwrapSeal(signature ?? '')).toMatchObject({ payload: '', origin: { dialect: 'other' } })
  })

  it('keeps redacted thinking whole in one block', () => {
    const part: Part = { type: 'reasoning', text: '', redacted: true, seal }
    expect(outline([START, started(0, part), ended(0), ...END]).slice(1, 3)).toEqual([
      'content_block_start 0 redacted_thinking',
      'content_block_stop 0',
    ])
  })
})

describe('what a message cannot hold', () => {
  it('takes no index and leaves a note', () => {
    const encoder = new MessageStreamEncoder(CONTEXT)
    const image: Part = { type: 'image', source: { kind: 'base64', data: 'AA==' } }
    const events = [
      START,
      started(0, image),
      started(1, { type: 'text', text: 'a' }),
      ended(1),
      ended(0),
      ...END,
    ]
    const frames = events.flatMap((event) => encoder.write(event))
    expect(judge(frames)).toMatchObject({ wrong: undefined, end: 'stop', texts: ['a'] })
    expect(encoder.notes).toMatchObject([
      { action: 'dropped', feature: 'image', path: 'candidates[0].parts[0]' },
      { action: 'synthesized', feature: 'usage', weight: 0 },
    ])
  })

  it('gives the transcript of sound', () => {
    const source = { kind: 'base64' as const, data: '' }
    const frames = encode([
      START,
      started(0, { type: 'audio', source }),
      { type: 'part-delta', index: 0, delta: { kind: 'media', data: 'AA', transcript: 'Hel' } },
      { type: 'part-delta', index: 0, delta: { kind: 'media', transcript: 'lo' } },
      ended(0),
      ...END,
    ])
    expect(judge(frames).texts).toEqual(['Hello'])
  })

  it('gives the text of a custom call as an object', () => {
    const part: Part = {
      type: 'tool-call',
      kind: 'custom',
      callId: 'c',
      name: 'f',
      arguments: { text: '' },
    }
    const frames = encode([
      START,
      started(0, part),
      added(0, '*** a'),
      added(0, '\n'),
      ended(0),
      ...END,
    ])
    expect(judge(frames).texts).toEqual(['{"input":"*** a\\n"}'])
  })

  it('passes over other candidates', () => {
    const other: ChatEvent = {
      type: 'part-start',
      index: 1,
      candidate: 1,
      part: { type: 'text', text: 'b' },
    }
    const frames = encode([
      START,
      started(0, { type: 'text', text: 'a' }),
      other,
      ended(1),
      ended(0),
      ...END,
    ])
    expect(judge(frames)).toMatchObject({ wrong: undefined, texts: ['a'] })
  })
})

describe('the end', () => {
  it('waits for usage that comes after the finish', () => {
    const usage = { input: { total: 12, cacheRead: 2 }, output: { total: 7, reasoning: 3 } }
    const [delta] = jsonOf([
      START,
      {
        type: 'candidate-end',
        candidate: 0,
        finish: { reason: 'stop-sequence', stopSequence: 'X' },
      },
      { type: 'usage-update', usage },
      { type: 'response-end' },
    ]).slice(1)
    expect(delta).toMatchObject({
      type: 'message_delta',
      delta: { stop_reason: 'stop_sequence', stop_sequence: 'X' },
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 2,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 3 },
      },
    })
  })

  it('always has an output count, known or not', () => {
    expect(jsonOf([START, ...END])).toMatchObject([
      { type: 'message_start', message: { id: 'msg_req_1', usage: { output_tokens: 0 } } },
      { type: 'message_delta', usage: { output_tokens: 0 } },
      { type: 'message_stop' },
    ])
  })

  it.each(['error', 'malformed-tool-call', 'cancelled'] as const)(
    'is an error event when the model stopped by %s',
    (reason) => {
      expect(outline([START, ...finished({ reason })])).toEqual(['message_start', 'error'])
    },
  )

  it('is the error alone when nothing had begun', () => {
    const error = new GatewayError('rate_limit', 'Slow.', { origin: 'upstream' })
    expect(jsonOf([START, { type: 'error', error }])).toEqual([
      {
        type: 'error',
        error: { type: 'rate_limit_error', message: 'Slow.' },
        request_id: 'req_1',
      },
    ])
  })

  it('lets nothing follow', () => {
    const encoder = new MessageStreamEncoder(CONTEXT)
    for (const event of [START, ...END]) encoder.write(event)
    expect([
      ...encoder.write(started(0, { type: 'text', text: 'a' })),
      ...encoder.finish(),
    ]).toEqual([])
  })

  it('is kept alive by named pings', () => {
    expect(new MessageStreamEncoder(CONTEXT).keepAlive()).toEqual({
      event: 'ping',
      data: '{"type":"ping"}',
    })
  })
})
