// However a stream is cut and whatever its frames hold, a search in whole runs says what reading frame by frame says.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../canonical/event.ts'
import { bytesOf, chunked } from '../wire/chunked.arbitrary.ts'
import { FrameCutter } from '../wire/frame-cutter.ts'
import type { Frame } from '../wire/frame.ts'
import { frameReader } from '../wire/framing.ts'
import type { Dialect, StreamDecoder } from './dialect.ts'
import { emptyRequest } from './dialect.contract.ts'
import { dialectById } from './registry.ts'
import { RunReader } from './run-reader.ts'

function dialect(id: string): Dialect {
  const found = dialectById(id)
  if (found === undefined) throw new Error(`no dialect ${id}`)
  return found
}

const OPENAI = dialect('openai-chat')

function decoderOf({ id, stream }: Dialect): StreamDecoder {
  return stream.decoder({ request: emptyRequest(id), profile: { provider: 'lab', flags: {} } })
}

/** What it says frame by frame. */
function plainly(one: Dialect, bytes: Uint8Array): readonly ChatEvent[] {
  const reader = frameReader(one.framing)
  const decoder = decoderOf(one)
  return [...reader.write(bytes), ...reader.finish()].flatMap((frame) => decoder.write(frame))
}

interface Read {
  readonly events: readonly ChatEvent[]
  readonly frames: readonly Frame[]
}

function inRuns(one: Dialect, chunks: readonly Uint8Array[], telling: 'apart' | 'joined'): Read {
  const cutter = new FrameCutter(one.framing)
  const reader = new RunReader(one.framing, decoderOf(one), telling)
  const events: ChatEvent[] = []
  const frames: Frame[] = []
  for (const chunk of chunks) {
    const run = cutter.write(chunk)
    let end = 0
    for (const stretch of reader.read(run)) {
      expect(stretch.end).toBeGreaterThan(end)
      if (stretch.frames.length === 0 && stretch.events.length > 0) {
        expect(run.ends).toContain(stretch.end)
      }
      end = stretch.end
      events.push(...stretch.events)
      frames.push(...stretch.frames)
    }
    expect(end).toBe(run.bytes.length)
  }
  events.push(...reader.finish(cutter.finish()).events)
  return { events, frames }
}

/** All of each part's text, and every other event. */
function gist(events: readonly ChatEvent[]): unknown {
  const texts = new Map<number, string>()
  const others: ChatEvent[] = []
  for (const event of events) {
    if (event.type === 'part-delta' && event.delta.kind === 'text') {
      texts.set(event.index, (texts.get(event.index) ?? '') + event.delta.text)
    } else others.push(event)
  }
  return { texts: [...texts], others }
}

function chunk(delta: object, more: object = {}): string {
  const choices = [{ index: 0, delta, finish_reason: null, ...more }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('', '"', '\\', '\\"', '"},"finish_reason":null}]}', '\n', 'é', '😀', '{}'),
)
const word = text.map((content) => chunk({ content }))
const frame = fc.oneof(
  { weight: 8, arbitrary: word },
  text.map((content) => chunk({ reasoning_content: content })),
  text.map((content) => chunk({ content }, { logprobs: { content: [] } })),
  fc.constantFrom(
    ': ping\n\n',
    '\n',
    'data: not json\n\n',
    'event: x\ndata: {}\n\n',
    'data: [DONE]\n\n',
    chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] }),
    chunk({}, { finish_reason: 'stop' }),
    chunk({ content: 'x' }).replaceAll('\n', '\r\n'),
  ),
)
const streams = fc.array(frame, { maxLength: 30 }).map((frames) => bytesOf(frames.join('')))
const cut = streams.chain((bytes) =>
  fc.record({ bytes: fc.constant(bytes), chunks: chunked(bytes) }),
)

describe('runs of frames', () => {
  it('say event for event what their frames say', () => {
    fc.assert(
      fc.property(cut, ({ bytes, chunks }) => {
        for (const all of [[bytes], chunks]) {
          expect(inRuns(OPENAI, all, 'apart').events).toEqual(plainly(OPENAI, bytes))
        }
      }),
    )
  })

  it('say the same where texts are joined', () => {
    fc.assert(
      fc.property(cut, ({ bytes, chunks }) => {
        const { events } = inRuns(OPENAI, chunks, 'joined')
        expect(gist(events)).toEqual(gist(plainly(OPENAI, bytes)))
      }),
    )
  })

  it('are read frame by frame only until it is known what the frames have in common', () => {
    const words = Array.from({ length: 300 }, (_, at) => chunk({ content: ` wörd ${at} "\\` }))
    const bytes = bytesOf(words.join(''))
    const { events, frames } = inRuns(OPENAI, [bytes], 'joined')
    expect(frames.length).toBeLessThan(5)
    expect(events.length).toBeLessThan(15)
    expect(gist(events)).toEqual(gist(plainly(OPENAI, bytes)))
  })

  it('are read frame by frame where their bytes are no text', () => {
    const words = Array.from({ length: 9 }, (_, at) => bytesOf(chunk({ content: `${at}` })))
    const bytes = Buffer.concat([...words, Buffer.from([0x3a, 0xff, 0x0a, 0x0a]), ...words])
    expect(inRuns(OPENAI, [bytes], 'apart').events).toEqual(plainly(OPENAI, bytes))
  })

  it('may be lines', () => {
    const lines = Array.from({ length: 20 }, (_, at) => ({
      model: 'm',
      created_at: '2026-01-01T00:00:00Z',
      message: { role: 'assistant', content: ` ${at}` },
      done: false,
    }))
    const one = dialect('ollama')
    const bytes = bytesOf(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const { events, frames } = inRuns(one, [bytes], 'apart')
    expect(frames.length).toBeLessThan(5)
    expect(events).toEqual(plainly(one, bytes))
  })
})
