// What a client's accumulator must find in our streams of tool calls: blocks, indexes, ids.
import { describe, expect, it } from 'vitest'
import { judge } from '../../src/dialects/anthropic-messages/message-automaton.arbitrary.ts'
import type { Json, JsonObject } from '../../src/wire/json.ts'
import { DONE, chunk, piece, pieces } from './chunks.ts'
import { IDS, from as fromClient } from './protocols.ts'
import { asked, call, said, sse, text, user } from './said.ts'
import { datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const END = [chunk({}, 'tool_calls'), DONE] as const
const body = { messages: [{ role: 'user', content: 'go' }] }

describe('the Anthropic stream', () => {
  it('has the whole arguments of a call that begins and ends in one piece, behind text that is closed [PB-001]', async () => {
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'openai-chat',
      stream: true,
      body,
      reply: sse(
        chunk({ role: 'assistant', reasoning_content: 'Hm' }),
        chunk({ content: 'Let me ' }),
        chunk({ content: 'see.' }),
        piece({ index: 0, id: 'a' }, 'f', '{"p":1}'),
        ...END,
      ),
    })
    expect(judge(told.frames)).toMatchObject({
      wrong: undefined,
      texts: ['Hm', 'Let me see.', '{"p":1}'],
    })
    const steps = datas(told).map((frame) => [dig(frame, 'type'), dig(frame, 'index')])
    const stop = steps.findIndex(([type, index]) => type === 'content_block_stop' && index === 1)
    expect(steps.slice(stop, stop + 4)).toEqual([
      ['content_block_stop', 1],
      ['content_block_start', 2],
      ['content_block_delta', 2],
      ['content_block_stop', 2],
    ])
  })

  it('has its blocks one after the other where the pieces of calls come mixed [PB-011]', async () => {
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'openai-chat',
      stream: true,
      body,
      reply: sse(
        pieces(
          { index: 0, id: 'a', function: { name: 'f', arguments: '{"p"' } },
          { index: 1, id: 'b', function: { name: 'g', arguments: '' } },
        ),
        pieces(
          { index: 1, function: { arguments: '{"q":' } },
          { index: 0, function: { arguments: ':1}' } },
        ),
        pieces(
          { index: 1, function: { arguments: '2}' } },
          { index: 2, id: 'c', function: { name: 'h' } },
        ),
        ...END,
      ),
    })
    expect(judge(told.frames)).toEqual({
      wrong: undefined,
      end: 'stop',
      texts: ['{"p":1}', '{"q":2}', '{}'],
    })
    expect(told.heard.candidates[0]?.finish?.raw).toBe('tool_use')
  })

  it.each(fromClient('anthropic-messages'))(
    'from $to starts and stops every block once and says that tools are to be used [PB-003]',
    async ({ to }) => {
      const parts = [text('Both.'), call('callaaaa1', 'f', { p: 1 }), call('callbbbb2', 'g', {})]
      const reply = said(to, { parts }, 'stream')
      const from = 'anthropic-messages'
      const told = await board.ask({ from, to, stream: true, body, reply })
      expect(judge(told.frames)).toEqual({
        wrong: undefined,
        end: 'stop',
        texts: ['Both.', '{"p":1}', '{}'],
      })
      const types = datas(told).map((frame) => dig(frame, 'type'))
      for (const once of ['message_start', 'message_delta', 'message_stop']) {
        expect(types.filter((type) => type === once)).toHaveLength(1)
      }
      const ids = datas(told).flatMap((frame) => dig(frame, 'content_block.id') ?? [])
      expect(new Set(ids).size).toBe(2)
      expect(told.heard.candidates[0]?.finish?.raw).toBe('tool_use')
    },
  )
})

function weather(city: string): Json {
  const functionCall = { name: 'get_weather', args: { city } }
  return { candidates: [{ content: { role: 'model', parts: [{ functionCall }] } }] }
}

describe('the Chat stream from Gemini', () => {
  it('counts calls over the whole answer, each with an id of its own, which the next request brings back [PB-016]', async () => {
    const reply = sse(weather('Oslo'), weather('Rome'), {
      candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }],
    })
    const told = await board.ask({ from: 'openai-chat', to: 'gemini', stream: true, body, reply })
    const calls = datas(told).flatMap((frame) => dig(frame, 'choices.0.delta.tool_calls.0') ?? [])
    expect(calls.map((one) => dig(one, 'index'))).toEqual([0, 1])
    const ids = calls.map((one) => String(dig(one, 'id')))
    expect(new Set(ids).size).toBe(2)
    const [oslo = '', rome = ''] = ids
    const next = await board.ask({
      from: 'openai-chat',
      to: 'gemini',
      body: {
        messages: [
          { role: 'user', content: 'weather' },
          {
            role: 'assistant',
            content: null,
            tool_calls: [asCall(oslo, 'Oslo'), asCall(rome, 'Rome')],
          },
          { role: 'tool', tool_call_id: rome, content: 'sun' },
          { role: 'tool', tool_call_id: oslo, content: 'snow' },
        ],
      },
    })
    expect(dig(next.sent[0], 'contents.2.parts')).toMatchObject([
      { functionResponse: { name: 'get_weather', response: { output: 'snow' } } },
      { functionResponse: { name: 'get_weather', response: { output: 'sun' } } },
    ])
  })
})

function asCall(id: string, city: string): JsonObject {
  return {
    id,
    type: 'function',
    function: { name: 'get_weather', arguments: `{"city":"${city}"}` },
  }
}

const R = { id: 'r', object: 'response', created_at: 1, model: 'm', output: [] }
const ROTATING: readonly JsonObject[] = [
  { type: 'response.created', response: { ...R, status: 'in_progress' } },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { id: 'm_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] },
  },
  {
    type: 'response.content_part.added',
    item_id: 'm_2',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  },
  {
    type: 'response.output_text.delta',
    item_id: 'm_3',
    output_index: 0,
    content_index: 0,
    delta: 'Hel',
  },
  {
    type: 'response.output_text.delta',
    item_id: 'm_4',
    output_index: 0,
    content_index: 0,
    delta: 'lo',
  },
  {
    type: 'response.output_item.added',
    output_index: 1,
    item: { id: 'f_1', type: 'function_call', call_id: 'callaaaa1', name: 'f', arguments: '' },
  },
  {
    type: 'response.function_call_arguments.delta',
    item_id: 'f_2',
    output_index: 1,
    delta: '{"p":',
  },
  { type: 'response.function_call_arguments.delta', item_id: 'f_3', output_index: 1, delta: '1}' },
  { type: 'response.completed', response: { ...R, status: 'completed' } },
]

describe('a Responses host whose item ids change from event to event', () => {
  it.each(IDS.filter((id) => id !== 'openai-responses'))(
    'lets %s hear all text and arguments [PB-004]',
    async (from) => {
      const told = await board.ask({
        from,
        to: 'openai-responses',
        stream: true,
        body: asked(from, { turns: [user(text('go'))] }),
        reply: sse(...ROTATING.map((one, at) => ({ ...one, sequence_number: at }))),
      })
      expect(told.heard.candidates[0]?.parts).toMatchObject([
        { type: 'text', text: 'Hello' },
        { type: 'tool-call', name: 'f', arguments: { text: '{"p":1}' } },
      ])
    },
  )
})
