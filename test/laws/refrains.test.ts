// Frames that differ in one text are read and written around it: with the same outcome as when each is read and written in full.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyDelta } from '../../src/canonical/collect.ts'
import type { ChatEvent } from '../../src/canonical/event.ts'
import type { Part } from '../../src/canonical/part.ts'
import { MessageStreamDecoder } from '../../src/dialects/anthropic-messages/stream-decoder.ts'
import { MessageStreamEncoder } from '../../src/dialects/anthropic-messages/stream-encoder.ts'
import type { Dialect, StreamCodec } from '../../src/dialects/dialect.ts'
import { GeminiStreamDecoder } from '../../src/dialects/gemini/stream-decoder.ts'
import { GeminiStreamEncoder } from '../../src/dialects/gemini/stream-encoder.ts'
import { ChunkDecoder as MistralDecoder } from '../../src/dialects/mistral-chat/stream-decoder.ts'
import { ChunkEncoder as MistralEncoder } from '../../src/dialects/mistral-chat/stream-encoder.ts'
import { OllamaStreamDecoder } from '../../src/dialects/ollama/stream-decoder.ts'
import { OllamaStreamEncoder } from '../../src/dialects/ollama/stream-encoder.ts'
import { ChunkDecoder } from '../../src/dialects/openai-chat/stream-decoder.ts'
import { ChunkEncoder } from '../../src/dialects/openai-chat/stream-encoder.ts'
import { ResponseDecoder } from '../../src/dialects/openai-responses/stream-decoder.ts'
import { ResponseEncoder } from '../../src/dialects/openai-responses/stream-encoder.ts'
import { dialectById } from '../../src/dialects/registry.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { isObject, tryParseJson } from '../../src/wire/json.ts'
import { RUNS, decoding, encoding } from './ground.ts'

/** What reads and writes each frame in full. */
const plain: Readonly<Record<string, StreamCodec>> = {
  'anthropic-messages': {
    decoder: (context) => new MessageStreamDecoder(context),
    encoder: (context) => new MessageStreamEncoder(context),
  },
  gemini: {
    decoder: (context) => new GeminiStreamDecoder(context),
    encoder: (context) => new GeminiStreamEncoder(context),
  },
  'mistral-chat': {
    decoder: (context) => new MistralDecoder(context),
    encoder: (context) => new MistralEncoder(context),
  },
  ollama: {
    decoder: (context) => new OllamaStreamDecoder(context),
    encoder: (context) => new OllamaStreamEncoder(context),
  },
  'openai-chat': {
    decoder: (context) => new ChunkDecoder(context),
    encoder: (context) => new ChunkEncoder(context),
  },
  'openai-responses': {
    decoder: (context) => new ResponseDecoder(context),
    encoder: (context) => new ResponseEncoder(context),
  },
}

const dialects: readonly Dialect[] = Object.keys(plain).flatMap((id) => dialectById(id) ?? [])

const piece = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('', '"', '\\', '\n', '\ud800', 'index', 'text'),
)

/** What comes one after the other; the arguments are said once more at the end, as old hosts do. */
const pieces: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.array(piece, { maxLength: 9 }),
  fc.constant(['{', '"a"', ':1', '}', '{"a":1}']),
)

const opening: fc.Arbitrary<Part> = fc.constantFrom<Part>(
  { type: 'text', text: '' },
  { type: 'text', text: 'So' },
  { type: 'reasoning', text: '' },
  { type: 'refusal', text: 'No' },
  { type: 'tool-call', callId: 'call_1', kind: 'function', name: 'f', arguments: { text: '' } },
)

/** Something that comes between the pieces of a part. */
const between: fc.Arbitrary<readonly ChatEvent[]> = fc.constantFrom<readonly ChatEvent[]>(
  [],
  [],
  [],
  [{ type: 'ping' }],
  [{ type: 'usage-update', usage: { output: { total: 7 } } }],
  [{ type: 'logprobs', candidate: 0, logprobs: [{ token: 'a', logprob: -1 }] }],
)

const part = fc.record({
  said: opening,
  pieces,
  breaks: fc.array(between, { maxLength: 9 }),
  how: fc.constantFrom('each', 'both'),
  whole: fc.boolean(),
})

type PartStart = Extract<ChatEvent, { readonly type: 'part-start' }>

function startOf(index: number, said: Part): PartStart {
  const part = said.type === 'tool-call' ? { ...said, callId: `call_${index}` } : said
  return { type: 'part-start', index, candidate: 0, part }
}

/** The vendor's own copy at the end, which may say a little more than its pieces. */
function wholeOf(part: Part, told: string): Part {
  return applyDelta(part, { kind: 'text', text: `${told} ` })
}

function deltaOf(index: number, text: string): ChatEvent {
  return { type: 'part-delta', index, delta: { kind: 'text', text } }
}

/** An answer of several parts, some of which come in turns. */
function streamOf(id: string): fc.Arbitrary<readonly ChatEvent[]> {
  const origin = fc.constantFrom({ dialect: id }, { dialect: 'elsewhere' })
  return fc.tuple(origin, fc.array(part, { minLength: 1, maxLength: 3 })).map(([from, parts]) => [
    { type: 'response-start', origin: from, id: 'a', model: 'm', createdMs: 1000 },
    ...parts.flatMap(({ said, pieces: texts, breaks, how, whole }, at) => {
      const index = at * 2
      const indexes = how === 'both' ? [index, index + 1] : [index]
      const of = (turn: number): number => (turn % 4 === 3 ? (indexes.at(-1) ?? index) : index)
      return [
        ...indexes.map((one): ChatEvent => startOf(one, said)),
        ...texts.flatMap((text, turn) => [deltaOf(of(turn), text), ...(breaks[turn] ?? [])]),
        ...indexes.map((one): ChatEvent => {
          const told = texts.filter((_, turn) => of(turn) === one).join('')
          const copy = wholeOf(startOf(one, said).part, told)
          return { type: 'part-end', index: one, ...(whole ? { part: copy } : {}) }
        }),
      ]
    }),
    { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
    { type: 'response-end' },
  ])
}

/** What some vendors put at the end of every frame. */
const PADDING: Readonly<Record<string, string>> = {
  'openai-chat': 'obfuscation',
  'mistral-chat': 'p',
}

function padded(frame: Frame, id: string, at: number): Frame {
  const key = PADDING[id]
  const json = tryParseJson(frame.data)
  if (key === undefined || !isObject(json)) return frame
  return { ...frame, data: JSON.stringify({ ...json, [key]: 'x'.repeat((at * 7) % 5) }) }
}

function written(codec: StreamCodec, events: readonly ChatEvent[], dialect: Dialect): unknown {
  const encoder = codec.encoder(encoding(dialect))
  const frames = events.map((event) => encoder.write(event))
  return { frames: [...frames, encoder.finish()], notes: encoder.notes }
}

function read(codec: StreamCodec, frames: readonly Frame[], dialect: Dialect): unknown {
  const decoder = codec.decoder(decoding(dialect))
  const events = frames.map((frame) => ({
    said: decoder.write(frame),
    complete: decoder.complete === true,
  }))
  return [...events, decoder.finish()]
}

describe.each(dialects.map((dialect) => [dialect.id, dialect] as const))('%s', (id, dialect) => {
  const full = plain[id] ?? dialect.stream

  it('writes a refrain as it would write its frames in full', () => {
    fc.assert(
      fc.property(streamOf(id), (events) => {
        expect(written(dialect.stream, events, dialect)).toEqual(written(full, events, dialect))
      }),
      RUNS,
    )
  })

  it('reads a refrain as it would read its frames in full, whatever is cut, repeated or left out', () => {
    fc.assert(
      fc.property(streamOf(id), fc.nat(), fc.constantFrom(0, 1, 2), (events, at, times) => {
        const encoder = full.encoder(encoding(dialect))
        const frames = [...events.flatMap((event) => encoder.write(event)), ...encoder.finish()]
        const odd = at % frames.length
        const spoilt = frames.flatMap((frame, index) =>
          index === odd ? Array.from({ length: times }, () => frame) : [frame],
        )
        expect(read(dialect.stream, spoilt, dialect)).toEqual(read(full, spoilt, dialect))
        const longer = spoilt.map((frame, nth) => padded(frame, id, nth))
        expect(read(dialect.stream, longer, dialect)).toEqual(read(full, spoilt, dialect))
      }),
      RUNS,
    )
  })
})
