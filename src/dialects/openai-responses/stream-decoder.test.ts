// Streams that are read: what hosts leave out, change or send at odd times.
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { JsonObject } from '../../wire/json.ts'
import { collected, decodeFrames, emptyRequest } from '../dialect.contract.ts'
import { openaiResponses } from './dialect.ts'

const REQUEST = emptyRequest('openai-responses')

const DECODING = { request: REQUEST, profile: { provider: 'host', flags: {} } }

function decoded(events: readonly JsonObject[]): readonly ChatEvent[] {
  const frames = events.map((event) => ({ data: JSON.stringify(event) }))
  return decodeFrames(openaiResponses, frames, DECODING)
}

function partsOf(events: readonly JsonObject[]): readonly Part[] {
  return collected(openaiResponses, decoded(events)).candidates.flatMap(({ parts }) => parts)
}

const CREATED = { type: 'response.created', response: { id: 'resp_1', model: 'm', output: [] } }

const said = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] })

const message = (text: string, id = 'msg_1') => ({
  id,
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [said(text)],
})

const completed = (output: readonly JsonObject[]) => ({
  type: 'response.completed',
  response: { id: 'resp_1', status: 'completed', output },
})

describe('reading', () => {
  it('takes items from their end alone, or from the last event alone', () => {
    const done = { type: 'response.output_item.done', output_index: 0, item: message('Hi') }
    const texts = [{ type: 'text', text: 'Hi' }]
    expect(partsOf([CREATED, done, completed([])])).toMatchObject(texts)
    expect(partsOf([completed([message('Hi')])])).toMatchObject(texts)
  })

  it('begins an item with its first piece where nothing announced it', () => {
    const delta = {
      type: 'response.output_text.delta',
      output_index: 0,
      content_index: 0,
      delta: 'Hi',
    }
    const thought = {
      type: 'response.reasoning_text.delta',
      output_index: 1,
      content_index: 0,
      delta: 'Hm',
    }
    expect(partsOf([CREATED, delta, thought, completed([])])).toMatchObject([
      { type: 'text', text: 'Hi' },
      { type: 'reasoning', text: 'Hm' },
    ])
  })

  it('tells as pieces what only the finished item has', () => {
    const events = decoded([
      CREATED,
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...message(''), content: [] },
      },
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'He' },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: {
          ...message(''),
          content: [
            {
              ...said('Hello'),
              annotations: [{ type: 'url_citation', url: 'u', start_index: 0, end_index: 5 }],
            },
          ],
        },
      },
      completed([]),
    ])
    expect(
      events.flatMap((event) => (event.type === 'part-delta' ? [event.delta] : [])),
    ).toMatchObject([
      { kind: 'text', text: 'He' },
      { kind: 'text', text: 'llo' },
      { kind: 'citation', citation: { kind: 'url', url: 'u', start: 0, end: 5 } },
    ])
  })

  it('counts the places of citations from the start of the whole answer', () => {
    const cited = {
      ...said('Two'),
      annotations: [{ type: 'url_citation', url: 'u', start_index: 0, end_index: 3 }],
    }
    const [, second] = partsOf([
      CREATED,
      completed([message('One '), { ...message('', 'msg_2'), content: [cited] }]),
    ])
    expect(second).toMatchObject({ citations: [{ start: 4, end: 7 }] })
  })

  it('joins the pieces of thinking with a blank line, and says where they are divided', () => {
    const at = { output_index: 0, item_id: 'rs_1' }
    const events = decoded([
      CREATED,
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { id: 'rs_1', type: 'reasoning', summary: [] },
      },
      { type: 'response.reasoning_summary_text.delta', ...at, summary_index: 0, delta: 'One.' },
      { type: 'response.reasoning_summary_part.added', ...at, summary_index: 1 },
      { type: 'response.reasoning_summary_text.delta', ...at, summary_index: 1, delta: 'Two.' },
      completed([]),
    ])
    expect(collected(openaiResponses, events).candidates[0]?.parts).toMatchObject([
      { type: 'reasoning', text: 'One.\n\nTwo.' },
    ])
    expect(events.filter(({ type }) => type === 'native')).toHaveLength(2)
  })

  it('knows an item by its number, whatever becomes of its id', () => {
    const added = { type: 'response.output_item.added', output_index: 0 }
    const parts = partsOf([
      CREATED,
      {
        ...added,
        item: { id: 'a', type: 'function_call', call_id: 'c', name: 'f', arguments: '' },
      },
      {
        ...added,
        item: { id: 'b', type: 'function_call', call_id: 'c', name: 'f', arguments: '' },
      },
      {
        type: 'response.function_call_arguments.delta',
        item_id: 'z',
        output_index: 0,
        delta: '{"a":1}',
      },
      completed([]),
    ])
    expect(parts).toMatchObject([{ callId: 'c', arguments: { json: { a: 1 } } }])
  })

  it('takes an error in either form, with what was counted before', () => {
    const flat = decoded([CREATED, { type: 'error', code: 'rate_limit_exceeded', message: 'Slow' }])
    expect(flat.at(-1)).toMatchObject({ error: { kind: 'rate_limit', message: 'Slow' } })
    const failed = decoded([
      CREATED,
      {
        type: 'response.failed',
        response: {
          status: 'failed',
          error: { code: 'vector_store_timeout', message: 'Late' },
          usage: { input_tokens: 4 },
        },
      },
    ])
    expect(failed.slice(-2)).toMatchObject([
      { type: 'usage-update', usage: { input: { total: 4 } } },
      { type: 'error', error: { kind: 'timeout', message: 'Late' } },
    ])
  })

  it('ends in an error where the stream ends early, breaks its form, or is done before it is complete', () => {
    for (const data of ['[DONE]', '{', '[]']) {
      const events = decodeFrames(openaiResponses, [{ data }], DECODING)
      expect(events).toMatchObject([{ type: 'error', error: { kind: 'upstream' } }])
    }
    expect(decoded([CREATED]).at(-1)).toMatchObject({ error: { code: 'upstream_truncated' } })
    const nameless = { id: 'a', type: 'function_call', call_id: 'c' }
    const added = { type: 'response.output_item.added', output_index: 0, item: nameless }
    expect(decoded([CREATED, added]).at(-1)).toMatchObject({
      error: { code: 'upstream_malformed' },
    })
  })

  it('passes signs of life on', () => {
    expect(decoded([{ type: 'keepalive', sequence_number: 0 }])[0]).toEqual({ type: 'ping' })
  })

  it.each([
    ['completed', undefined, 'stop'],
    ['incomplete', 'max_output_tokens', 'length'],
    ['incomplete', 'content_filter', 'content-filter'],
    ['incomplete', 'unheard_of', 'other'],
    ['cancelled', undefined, 'cancelled'],
    ['queued', undefined, 'other'],
  ] as const)('reads status %s with reason %s as %s', (status, reason, finish) => {
    const details = reason === undefined ? {} : { incomplete_details: { reason } }
    const events = decoded([
      { type: 'response.incomplete', response: { status, output: [], ...details } },
    ])
    expect(events.find(({ type }) => type === 'candidate-end')).toMatchObject({
      finish: { reason: finish },
    })
  })

  it.each([
    [{ type: 'function_call', id: 'a', call_id: 'c', name: 'f', arguments: '{}' }, 'tool-calls'],
    [{ type: 'shell_call', id: 'a', call_id: 'c' }, 'tool-calls'],
    [{ type: 'tool_search_call', id: 'a', execution: 'client' }, 'tool-calls'],
    [{ type: 'tool_search_call', id: 'a', execution: 'server' }, 'stop'],
    [{ type: 'web_search_call', id: 'a' }, 'stop'],
    [{ ...message(''), content: [{ type: 'refusal', refusal: 'No' }] }, 'refusal'],
  ] as const)('finds in its items why it stopped: %o', (item, finish) => {
    const end = decoded([CREATED, completed([item])]).find(({ type }) => type === 'candidate-end')
    expect(end).toMatchObject({ finish: { reason: finish } })
  })
})
