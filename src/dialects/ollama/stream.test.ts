// Streams: what the lines of a server mean, and the lines a client gets.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/errors.ts'
import type { ChatEvent } from '../../canonical/event.ts'
import type { Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import type { EncodeContext, StreamEncoder } from '../dialect.ts'
import { collected, decodeBytes, emptyRequest, jsonOf } from '../dialect.contract.ts'
import { ollama } from './dialect.ts'

const NOW = Date.parse('2026-05-05T10:00:00Z')
const DECODING = { request: emptyRequest('ollama'), profile: { provider: 'home', flags: {} } }
const GENERATE: ChatRequest = ollama.request.decode({
  method: 'POST',
  path: '/api/generate',
  headers: {},
  body: { model: 'm', prompt: 'x' },
})

function line(message: JsonObject, more: JsonObject = {}): string {
  const time = '2026-05-05T09:00:00Z'
  return `${JSON.stringify({ model: 'm', created_at: time, message, done: false, ...more })}\n`
}

const DONE = line({ role: 'assistant', content: '' }, { done: true, done_reason: 'stop' })

function decoded(...lines: readonly string[]): readonly ChatEvent[] {
  return decodeBytes(ollama, [new TextEncoder().encode(lines.join(''))], DECODING)
}

function answerOf(...lines: readonly string[]): ChatResponse {
  return collected(ollama, decoded(...lines))
}

function errorOf(events: readonly ChatEvent[]): GatewayError | undefined {
  const last = events.at(-1)
  return last?.type === 'error' ? last.error : undefined
}

function encoderFor(request: ChatRequest = DECODING.request): StreamEncoder {
  let now = NOW
  const context: EncodeContext = { request, requestId: 'r', now: () => (now += 1000) }
  return ollama.stream.encoder(context)
}

function linesOf(encoder: StreamEncoder, events: readonly ChatEvent[]): readonly JsonObject[] {
  const frames = [...events.flatMap((event) => encoder.write(event)), ...encoder.finish()]
  return jsonOf(frames).map((one) => ObjectReader.of(one, '').source)
}

const START: ChatEvent = { type: 'response-start', origin: { dialect: 'elsewhere' }, model: 'gpt' }
const END: readonly ChatEvent[] = [
  { type: 'candidate-end', candidate: 0, finish: { reason: 'stop', raw: 'end_turn' } },
  { type: 'response-end' },
]

function started(part: Part, index = 0): ChatEvent {
  return { type: 'part-start', index, candidate: 0, part }
}

function delta(text: string, index = 0): ChatEvent {
  return { type: 'part-delta', index, delta: { kind: 'text', text } }
}

function toolCall(text: string): Part {
  return { type: 'tool-call', kind: 'function', callId: 'call_1', name: 'f', arguments: { text } }
}

const call = (name: string): string =>
  line({ content: '', tool_calls: [{ function: { index: 0, name, arguments: { a: 1 } } }] })

const picture = (data: string): Part => ({ type: 'image', source: { kind: 'base64', data } })

describe('reading', () => {
  it('keeps both when one line has the last thinking and the first words', () => {
    const answer = answerOf(line({ thinking: 'hm', content: 'yes' }), DONE)
    expect(answer.candidates[0]?.parts).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'yes' },
    ])
  })

  it('keeps what comes on the done line itself', () => {
    const last = line(
      { content: 'end', tool_calls: [{ function: { name: 'f', arguments: {} } }] },
      { done: true, done_reason: 'stop' },
    )
    expect(
      answerOf(line({ content: 'the ' }), last).candidates[0]?.parts.map((one) => one.type),
    ).toEqual(['text', 'tool-call'])
    expect(answerOf(line({ content: 'the ' }), last).candidates[0]?.parts[0]).toEqual({
      type: 'text',
      text: 'the end',
    })
  })

  it('gathers calls over lines that each number from 0, with an id each', () => {
    const [candidate] = answerOf(call('f'), call('f'), DONE).candidates
    const ids = candidate?.parts.map((part) => (part.type === 'tool-call' ? part.callId : ''))
    expect(new Set(ids).size).toBe(2)
    expect(candidate?.finish).toEqual({ reason: 'tool-calls', raw: 'stop' })
  })

  it('ends in length even after calls', () => {
    const call = line({ content: '', tool_calls: [{ function: { name: 'f', arguments: {} } }] })
    const cut = line({ content: '' }, { done: true, done_reason: 'length' })
    expect(answerOf(call, cut).candidates[0]?.finish?.reason).toBe('length')
  })

  it('leaves a count that is missing unknown instead of 0', () => {
    const last = line({ content: '' }, { done: true, done_reason: 'stop', eval_count: 3 })
    expect(answerOf(last).usage).toEqual({
      output: { total: 3 },
      raw: { dialect: 'ollama', value: { eval_count: 3 } },
    })
    expect(answerOf(DONE).usage).toBeUndefined()
  })

  it('reads nanoseconds as milliseconds and keeps the number', () => {
    const last = line({ content: '' }, { done: true, total_duration: 1234567 })
    const { usage } = answerOf(last)
    expect(usage?.timing).toEqual({ totalMs: 1.234567 })
    expect(usage?.raw?.value).toEqual({ total_duration: 1234567 })
  })

  it('ends in an error where the server stops without saying done', () => {
    const error = errorOf(decoded(line({ content: 'half an ' })))
    expect(error).toMatchObject({
      kind: 'upstream',
      code: 'upstream_truncated',
      origin: 'upstream',
    })
  })

  it('ends in the error that a line holds', () => {
    const events = decoded(line({ content: 'a' }), '{"error":"model runner has stopped"}\n', DONE)
    expect(errorOf(events)?.message).toBe('model runner has stopped')
    expect(events.filter((event) => event.type === 'response-end')).toEqual([])
    expect(errorOf(decoded('{"error":"the prompt exceeds the context length"}\n'))?.kind).toBe(
      'context_length',
    )
  })

  it('does not skip a line that is not JSON', () => {
    expect(errorOf(decoded(line({ content: 'a' }), 'oops\n', DONE))?.code).toBe(
      'upstream_malformed',
    )
  })

  it('reads a last line without its line break', () => {
    expect(decoded(line({ content: 'a' }), DONE.trimEnd()).at(-1)?.type).toBe('response-end')
  })

  it('gives nothing after the end', () => {
    const events = decoded(DONE, DONE, line({ content: 'more' }))
    expect(events.filter((event) => event.type === 'response-end')).toHaveLength(1)
    expect(events.at(-1)?.type).toBe('response-end')
  })

  it('gives the same events however the bytes are cut', () => {
    const text = [
      line({ thinking: 'hé', content: '' }),
      line({ content: '👩‍🚀' }),
      line({ content: '', tool_calls: [{ function: { name: 'f', arguments: { a: 'ü' } } }] }),
      DONE,
    ].join('')
    const bytes = new TextEncoder().encode(text)
    const whole = decodeBytes(ollama, [bytes], DECODING)
    const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 })
    fc.assert(
      fc.property(cuts, (cuts) => {
        const at = [0, ...cuts.toSorted((left, right) => left - right), bytes.length]
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        expect(decodeBytes(ollama, chunks, DECODING)).toEqual(whole)
      }),
    )
  })

  it('passes on what it does not know, once where every line repeats it', () => {
    const repeated = { remote_model: 'big' }
    const events = decoded(
      line({ content: 'a', odd: 1 }, repeated),
      line({ content: 'b' }, { ...repeated, completed: 2 }),
      line({ content: '' }, { ...repeated, done: true, context: [1] }),
    )
    const natives = events.flatMap((event) => (event.type === 'native' ? [event.value] : []))
    expect(natives).toEqual([{ message: { odd: 1 } }, { completed: 2 }])
    const start = events[0]
    expect(start?.type === 'response-start' && start.extensions?.['ollama']?.fields).toEqual(
      repeated,
    )
    const end = events.at(-1)
    expect(end?.type === 'response-end' && end.extensions?.['ollama']?.fields).toEqual({
      context: [1],
    })
  })
})

describe('writing', () => {
  it('sends a call whole, once its arguments have all come', () => {
    const encoder = encoderFor()
    const pieces = [START, started(toolCall('')), delta('{"a":'), delta('1}')]
    expect(pieces.flatMap((event) => encoder.write(event))).toEqual([])
    const [frame] = encoder.write({ type: 'part-end', index: 0 })
    expect(JSON.parse(frame?.data ?? '')).toMatchObject({
      message: {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'call_1', function: { index: 0, name: 'f', arguments: { a: 1 } } }],
      },
      done: false,
    })
  })

  it('numbers calls through the whole answer', () => {
    const events = [0, 1].flatMap((index): readonly ChatEvent[] => [
      started(toolCall('{}'), index),
      { type: 'part-end', index },
    ])
    const numbers = linesOf(encoderFor(), [START, ...events, ...END]).flatMap((one) => {
      const calls = ObjectReader.of(one, '').object('message').optionalItems('tool_calls') ?? []
      return calls.map((call) => ObjectReader.of(call.value, '').object('function').number('index'))
    })
    expect(numbers).toEqual([0, 1])
  })

  it('has arguments that are no object whole inside one, and notes it', () => {
    const encoder = encoderFor()
    const lines = linesOf(encoder, [
      START,
      started(toolCall('{"a":')),
      { type: 'part-end', index: 0 },
      ...END,
    ])
    expect(JSON.stringify(lines)).toContain('"arguments":{"value":"{\\"a\\":"}')
    expect(encoder.notes.map((note) => note.feature)).toEqual(['tool_arguments'])
  })

  it('says the transcript of sound once it is whole, and not the sound', () => {
    const encoder = encoderFor()
    const lines = linesOf(encoder, [
      START,
      started({ type: 'audio', source: { kind: 'base64', data: '' } }),
      { type: 'part-delta', index: 0, delta: { kind: 'media', data: 'AAAA', transcript: 'Hel' } },
      { type: 'part-delta', index: 0, delta: { kind: 'media', transcript: 'lo.' } },
      { type: 'part-end', index: 0 },
      ...END,
    ])
    expect(lines[0]).toMatchObject({ message: { content: 'Hello.' }, done: false })
    expect(JSON.stringify(lines)).not.toContain('AAAA')
    expect(encoder.notes).toMatchObject([{ action: 'approximated', feature: 'audio' }])
  })

  it('ends in one line that says done, why, the counts and the time it took', () => {
    const lines = linesOf(encoderFor(), [
      START,
      { type: 'usage-update', usage: { input: { total: 7 }, output: { total: 3 } } },
      ...END,
    ])
    expect(lines).toEqual([
      {
        model: 'gpt',
        created_at: '2026-05-05T10:00:03.000Z',
        message: { role: 'assistant', content: '' },
        done: true,
        done_reason: 'stop',
        total_duration: 1e9,
        prompt_eval_count: 7,
        eval_count: 3,
      },
    ])
  })

  it('says text that a part began with, and the rest that only its end has', () => {
    const lines = linesOf(encoderFor(), [
      START,
      started({ type: 'text', text: 'one ' }),
      delta('two '),
      { type: 'part-end', index: 0, part: { type: 'text', text: 'one two three' } },
      ...END,
    ])
    const texts = lines.map((one) => ObjectReader.of(one, '').object('message').string('content'))
    expect(texts).toEqual(['one ', 'two ', 'three', ''])
  })

  it('puts thinking under its own key, never into the content', () => {
    const lines = linesOf(encoderFor(), [
      START,
      started({ type: 'reasoning', text: '' }),
      delta('hm'),
      { type: 'part-end', index: 0 },
      ...END,
    ])
    expect(lines[0]?.['message']).toEqual({ role: 'assistant', content: '', thinking: 'hm' })
  })

  it('speaks generate to a client that asked for it', () => {
    const lines = linesOf(encoderFor(GENERATE), [
      START,
      started({ type: 'reasoning', text: 'hm' }),
      started({ type: 'text', text: 'hi' }, 1),
      ...END,
    ])
    expect(lines).toMatchObject([
      { response: '', thinking: 'hm', done: false },
      { response: 'hi', done: false },
      { response: '', done: true, done_reason: 'stop' },
    ])
    expect(lines.every((one) => !('message' in one))).toBe(true)
  })

  it('ends in a line with the error text, and nothing after it', () => {
    const error = new GatewayError('overloaded', 'busy', { origin: 'upstream' })
    const lines = linesOf(encoderFor(), [START, { type: 'error', error }, ...END])
    expect(lines).toEqual([{ error: 'busy' }])
  })

  it('never makes a clean stop of a stream that was left unfinished', () => {
    const lines = linesOf(encoderFor(), [START, started({ type: 'text', text: 'half' })])
    expect(typeof lines.at(-1)?.['error']).toBe('string')
    expect(lines.some((one) => one['done'] === true)).toBe(false)
  })

  it.each(['error', 'cancelled'] as const)(
    'says an answer that ended in %s as an error',
    (reason) => {
      const lines = linesOf(encoderFor(), [
        START,
        { type: 'candidate-end', candidate: 0, finish: { reason } },
        { type: 'response-end' },
      ])
      expect(Object.keys(lines.at(-1) ?? {})).toEqual(['error'])
    },
  )

  it.each([
    ['length', 'length', []],
    ['context-length', 'length', ['finish_reason']],
    ['tool-calls', 'stop', []],
    ['stop-sequence', 'stop', ['finish_reason']],
    ['content-filter', 'stop', ['finish_reason']],
    ['refusal', 'stop', ['finish_reason']],
  ] as const)('says %s as %s', (reason, word, features) => {
    const encoder = encoderFor()
    const lines = linesOf(encoder, [
      START,
      { type: 'candidate-end', candidate: 0, finish: { reason, raw: 'x' } },
      { type: 'response-end' },
    ])
    expect(lines.at(-1)?.['done_reason']).toBe(word)
    expect(encoder.notes.map((note) => note.feature)).toEqual(features)
  })

  it('keeps a connection alive with an empty piece, never a blank line, and not after the end', () => {
    const encoder = encoderFor()
    const frame = encoder.keepAlive()
    expect(JSON.parse(frame?.data ?? '')).toMatchObject({
      model: 'm',
      message: { role: 'assistant', content: '' },
      done: false,
    })
    linesOf(encoder, [START, ...END])
    expect(encoder.keepAlive()).toBeUndefined()
  })

  it('notes what it cannot say, and answers with the first candidate', () => {
    const encoder = encoderFor()
    const seal = { payload: 's', format: 'f', origin: { dialect: 'elsewhere' } }
    const lines = linesOf(encoder, [
      START,
      started({ type: 'text', text: 'a' }),
      { type: 'part-delta', index: 0, delta: { kind: 'citation', citation: { kind: 'url' } } },
      { type: 'part-delta', index: 0, delta: { kind: 'seal', seal } },
      { type: 'part-end', index: 0 },
      { type: 'part-start', index: 1, candidate: 1, part: { type: 'text', text: 'b' } },
      started({ type: 'audio', source: { kind: 'base64', data: 'AA' } }, 2),
      { type: 'part-delta', index: 2, delta: { kind: 'media', data: 'BB' } },
      { type: 'part-end', index: 2 },
      { type: 'candidate-end', candidate: 1, finish: { reason: 'stop' } },
      { type: 'ping' },
      { type: 'native', dialect: 'elsewhere', value: {} },
      ...END,
    ])
    expect(JSON.stringify(lines)).not.toContain('"b"')
    expect(encoder.notes.map((note) => note.feature)).toEqual([
      'reasoning_state',
      'citations',
      'audio',
      'n',
    ])
  })

  it('sends a picture whole', () => {
    const lines = linesOf(encoderFor(), [
      START,
      started(picture('AA')),
      { type: 'part-delta', index: 0, delta: { kind: 'media', data: 'BB' } },
      { type: 'part-end', index: 0 },
      ...END,
    ])
    const said: Json | undefined = lines[0]?.['message']
    expect(said).toEqual({ role: 'assistant', content: '', images: ['AABB'] })
  })
})
