// Laws 7, 8, 12, 13 and 15 to 17: what must hold of every stream, however it is cut, broken, padded or overlong.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect } from '../../src/canonical/collect.ts'
import type { ChatEvent } from '../../src/canonical/event.ts'
import type { Part } from '../../src/canonical/part.ts'
import {
  collected,
  decodeBytes,
  decodeFrames,
  encodeStream,
  essence,
  isEnd,
} from '../../src/dialects/dialect.contract.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { dialects } from '../../src/dialects/registry.ts'
import { chunked } from '../../src/wire/chunked.arbitrary.ts'
import { WireError } from '../../src/wire/errors.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { type JsonObject, isArray, isObject, tryParseJson } from '../../src/wire/json.ts'
import { NdjsonReader } from '../../src/wire/ndjson.ts'
import { SseReader } from '../../src/wire/sse.ts'
import { faultOf } from './event-automaton.ts'
import { RUNS, decoding, each, encoding } from './ground.ts'
import { PLAIN, bytesOfStream, spelling } from './spelled-streams.arbitrary.ts'
import { wires } from './wires.ts'

function streamsOf({ id }: Dialect): fc.Arbitrary<readonly JsonObject[]> {
  return wires[id]?.streams ?? fc.constant([])
}

function framesOf(events: readonly JsonObject[]): readonly Frame[] {
  return events.map((event) => ({ data: JSON.stringify(event) }))
}

/** What can happen to the frames of a stream on the way. */
type Accident = (frames: readonly Frame[], at: number) => readonly Frame[]

const ACCIDENTS: readonly Accident[] = [
  (frames, at) => frames.slice(0, at),
  (frames, at) => frames.filter((_, index) => index !== at),
  (frames, at) => frames.flatMap((frame, index) => (index === at ? [frame, frame] : [frame])),
  (frames, at) => frames.map((frame, index) => (index === at ? { data: '{"x":' } : frame)),
  (frames, at) => frames.map((frame, index) => (index === at ? { data: '[null,{"a":1}]' } : frame)),
  (frames, at) => [...frames.slice(at), ...frames.slice(0, at)],
  (frames) => frames.toReversed(),
  (frames) => frames,
]

/** A frame in which the wire says nothing. */
const SILENCE: Readonly<Record<string, readonly JsonObject[]>> = {
  'openai-chat': [
    { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [] },
    {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta: {}, finish_reason: null }],
    },
    {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta: { content: '' }, finish_reason: null }],
    },
  ],
  'openai-responses': [{ type: 'keepalive', sequence_number: 1 }],
  'anthropic-messages': [{ type: 'ping' }],
  gemini: [{ candidates: [], responseId: 'r1', modelVersion: 'm' }, { usageMetadata: {} }],
  'mistral-chat': [
    {
      id: 'cmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta: { content: '' }, finish_reason: null }],
    },
  ],
  ollama: [{ model: 'm', message: { role: 'assistant', content: '' }, done: false }],
}

/** How the end of a stream looks to a client, and how often a candidate says why it ended. */
interface Ending {
  readonly terminators: readonly number[]
  readonly frames: number
  readonly finishes: readonly string[]
  readonly failed: boolean
}

function endingOf(to: Dialect, frames: readonly Frame[]): Ending {
  const told = frames.filter(({ data }) => data !== '')
  const values = told.map(({ data }) => tryParseJson(data))
  const isFailure = (at: number): boolean => {
    const value = values[at]
    if (!isObject(value)) return false
    return (
      ['error', 'response.failed'].includes(String(value['type'])) ||
      isObject(value['error']) ||
      typeof value['error'] === 'string' ||
      value['object'] === 'error'
    )
  }
  const failed = values.some((_, at) => isFailure(at))
  const terminators = told.flatMap(({ data }, at) => {
    const value = values[at]
    const ends = TERMINATORS[to.id]?.(data, isObject(value) ? value : {}, isFailure(at)) === true
    return ends ? [at] : []
  })
  const finishes = values.flatMap((value) => (isObject(value) ? finishesIn(value) : []))
  return { terminators, frames: told.length, finishes, failed }
}

const TERMINATORS: Readonly<
  Record<string, (data: string, value: JsonObject, failed: boolean) => boolean>
> = {
  'openai-chat': (data) => data === '[DONE]',
  'mistral-chat': (data, _, failed) => data === '[DONE]' || failed,
  'anthropic-messages': (_, { type }) => type === 'message_stop' || type === 'error',
  'openai-responses': (_, { type }) =>
    ['response.completed', 'response.incomplete', 'response.failed'].includes(String(type)),
  ollama: (_, { done }, failed) => done === true || failed,
  // The last chunk of all is the end, where it says why.
  gemini: (_, value, failed) =>
    failed || finishesIn(value).length > 0 || isObject(value['promptFeedback']),
}

function finishesIn(value: JsonObject): readonly string[] {
  const choices = value['choices'] ?? value['candidates']
  return (isArray(choices) ? choices : []).flatMap((choice, at) => {
    if (!isObject(choice)) return []
    const reason = choice['finish_reason'] ?? choice['finishReason']
    return typeof reason === 'string' ? [String(choice['index'] ?? at)] : []
  })
}

each('streams of $id', (to) => {
  it('7: any cutting of the bytes, and any spelling of the framing, gives the same events', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(streamsOf(to), spelling)
          .chain(([events, spelled]) =>
            fc.tuple(fc.constant(events), chunked(bytesOfStream(to.framing, events, spelled))),
          ),
        ([events, chunks]) => {
          const whole = decodeBytes(to, [bytesOfStream(to.framing, events, PLAIN)], decoding(to))
          expect(decodeBytes(to, chunks, decoding(to))).toEqual(whole)
        },
      ),
      RUNS,
    )
  })

  it('8: the grammar of events takes whatever is read, also from streams that were cut or mixed up, and those end in an error', () => {
    const accident = fc.constantFrom(...ACCIDENTS)
    fc.assert(
      fc.property(
        streamsOf(to),
        fc.tuple(accident, fc.nat(8)),
        fc.nat(),
        (events, [happens, at], cut) => {
          const mixed = decodeFrames(
            to,
            happens(framesOf(events), at % (events.length + 1)),
            decoding(to),
          )
          expect(faultOf(mixed)).toBeUndefined()
          const bytes = bytesOfStream(to.framing, events, PLAIN)
          const cutShort = decodeBytes(to, [bytes.subarray(0, cut % bytes.length)], decoding(to))
          expect(faultOf(cutShort)).toBeUndefined()
          const finished = cutShort.some((event) => event.type === 'candidate-end')
          if (!finished) expect(cutShort.at(-1)?.type).toBe('error')
        },
      ),
      RUNS,
    )
  })

  it('12: the deltas of a part add up to it, and the vendor’s own final copy wins over them', () => {
    fc.assert(
      fc.property(streamsOf(to), fc.string(), (stream, other) => {
        const events = decodeFrames(to, framesOf(stream), decoding(to))
        const said = new Map<number, string>()
        for (const event of events) {
          if (event.type === 'part-start') said.set(event.index, mainText(event.part))
          if (event.type === 'part-delta' && event.delta.kind === 'text') {
            said.set(event.index, `${said.get(event.index) ?? ''}${event.delta.text}`)
          }
          if (event.type === 'part-end' && event.part !== undefined) {
            expect(said.get(event.index)).toBe(mainText(event.part))
          }
        }
        const empty = { origin: { dialect: to.id }, model: 'm' }
        const parts = collect(empty, events).candidates.flatMap(({ parts }) => parts.map(mainText))
        expect(parts.toSorted()).toEqual([...said.values()].toSorted())
        const corrected = collect(
          empty,
          events.map((event): ChatEvent => {
            if (event.type !== 'part-end') return event
            return { ...event, part: { type: 'text', text: other } }
          }),
        )
        for (const { parts } of corrected.candidates) {
          for (const part of parts) expect(part).toMatchObject({ type: 'text', text: other })
        }
      }),
      RUNS,
    )
  })

  it('13: wherever it breaks off, every client reads one end of each candidate at most, one terminator, and nothing after it', () => {
    fc.assert(
      fc.property(streamsOf(to), fc.nat(), fc.boolean(), (events, cut, whole) => {
        const bytes = bytesOfStream(to.framing, events, PLAIN)
        const heard = whole ? bytes : bytes.subarray(0, cut % bytes.length)
        const read = decodeBytes(to, [heard], decoding(to))
        const failed = read.at(-1)?.type === 'error'
        for (const client of dialects) {
          const frames = encodeStream(
            client,
            [...read, ...read.filter((one) => isEnd(one))],
            encoding(client),
          )
          const ending = endingOf(client, frames)
          expect([client.id, ending.terminators.at(-1)]).toEqual([client.id, ending.frames - 1])
          // Candidates of Gemini each end in a chunk of their own.
          if (client.id !== 'gemini')
            expect([client.id, ending.terminators.length]).toEqual([client.id, 1])
          expect(new Set(ending.finishes).size).toBe(ending.finishes.length)
          expect(ending.failed || !failed).toBe(true)
        }
      }),
      RUNS,
    )
  })

  it('15: signs of life change nothing of the answer', () => {
    fc.assert(
      fc.property(streamsOf(to), fc.array(fc.nat(8), { maxLength: 4 }), (events, places) => {
        const frames = framesOf(events)
        const alive = to.stream.encoder(encoding(to)).keepAlive()
        const blank = to.framing === 'sse' ? [{ data: '' }] : []
        const pings = [...blank, ...(alive === undefined ? [] : [alive])]
        const lively = frames.flatMap((frame, at) =>
          (to.framing === 'sse' || at > 0) && places.includes(at) ? [...pings, frame] : [frame],
        )
        const quiet = collected(to, decodeFrames(to, frames, decoding(to)))
        expect(essence(collected(to, decodeFrames(to, lively, decoding(to))))).toEqual(
          essence(quiet),
        )
      }),
      RUNS,
    )
  })

  it('16: frames that say nothing make no parts', () => {
    fc.assert(
      fc.property(streamsOf(to), fc.array(fc.nat(8), { maxLength: 4 }), (events, places) => {
        const padded = events.flatMap((event, at) =>
          at > 0 && places.includes(at) ? [...(SILENCE[to.id] ?? []), event] : [event],
        )
        const bare = collected(to, decodeFrames(to, framesOf(events), decoding(to)))
        expect(essence(collected(to, decodeFrames(to, framesOf(padded), decoding(to))))).toEqual(
          essence(bare),
        )
      }),
      RUNS,
    )
    const blank = `\n\r\n  \n`
    fc.assert(
      fc.property(wires[to.id]?.responses ?? fc.constant({}), (body) => {
        const text = `${blank}${JSON.stringify(body)}${blank}`
        const read = to.response.decode(
          { status: 200, headers: {}, body: tryParseJson(text) ?? null },
          decoding(to),
        )
        expect(essence(read)).toEqual(
          essence(to.response.decode({ status: 200, headers: {}, body }, decoding(to))),
        )
      }),
      RUNS,
    )
  })
})

function endless(size: number): string {
  return 'x'.repeat(size)
}

function mainText(part: Part): string {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return part.text
    case 'tool-call':
      return part.arguments.text
    default:
      return ''
  }
}

describe('readers of every framing', () => {
  it('17: hold no more than their limit and one piece, and refuse what is longer', () => {
    const limits = { maxLineBytes: 64, maxFrameLength: 96 }
    const pieces = fc.array(fc.integer({ min: 1, max: 32 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(pieces, fc.boolean(), (sizes, lines) => {
        const sse = new SseReader(limits)
        const ndjson = new NdjsonReader(limits)
        const total = sizes.reduce((sum, size) => sum + size, 0)
        const write = (
          reader: SseReader | NdjsonReader,
          text: (size: number) => string,
        ): number => {
          let taken = 0
          try {
            for (const size of sizes) {
              const bytes = new TextEncoder().encode(text(size))
              reader.write(bytes)
              taken += bytes.length
            }
          } catch (error) {
            expect(error).toBeInstanceOf(WireError)
          }
          return taken
        }
        expect(write(ndjson, endless)).toBeLessThanOrEqual(limits.maxLineBytes)
        if (total <= limits.maxLineBytes)
          expect(write(new NdjsonReader(limits), endless)).toBe(total)
        // Many short lines of one event are as long as one.
        const event = (size: number): string =>
          lines ? `data:${'x'.repeat(size)}\n` : 'x'.repeat(size)
        const most = lines ? limits.maxFrameLength + 6 * sizes.length : limits.maxLineBytes
        expect(write(sse, event)).toBeLessThanOrEqual(most)
      }),
      RUNS,
    )
  })
})
