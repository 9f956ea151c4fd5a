// What every client needs of the streams that we write.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../../test/fixtures.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { Frame } from '../../wire/frame.ts'
import { type Json, type JsonObject, ObjectReader, isObject } from '../../wire/json.ts'
import { decodeBytes, emptyRequest, isEnd, jsonOf } from '../dialect.contract.ts'
import type { EncodeContext } from '../dialect.ts'
import { assembleChunks } from './assembled-chunks.contract.ts'
import { openaiChat } from './dialect.ts'
import { CONTEXT, DONE, STOP, chunk, decode } from './read-chunks.contract.ts'

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
