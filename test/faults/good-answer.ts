// What a faulty provider would have said, in any of the six protocols: a text that names the call, so that nothing can be mixed up.
import type { ChatEvent } from '../../src/canonical/event.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import { encodeStream } from '../../src/dialects/dialect.contract.ts'
import type { Dialect, EncodeContext } from '../../src/dialects/dialect.ts'
import { CONTENT_TYPES, writeFrame } from '../../src/wire/framing.ts'

const WORDS = 12

export interface GoodAnswer {
  readonly contentType: string
  /** Whole answers are one frame. */
  readonly frames: readonly string[]
}

/** A call says its own number in its text, so that its answer can be told from every other. */
export function question(call: number): string {
  return `This is call number ${call}.`
}

export function numberIn(text: string): number | undefined {
  const said = /call number (?<number>\d+)/.exec(text)?.groups?.['number']
  return said === undefined ? undefined : Number(said)
}

/** The text of the answer to call number `call`. */
export function textOf(call: number): string {
  return wordsOf(call).join('')
}

function wordsOf(call: number): readonly string[] {
  return Array.from({ length: WORDS }, (_, at) => `${call}.${at} `)
}

export interface Call {
  readonly number: number
  readonly streamed: boolean
  readonly context: EncodeContext
}

export function goodAnswer(dialect: Dialect, call: Call): GoodAnswer {
  const { context, number } = call
  if (call.streamed) {
    const frames = encodeStream(dialect, eventsOf(number), context)
    return {
      contentType: CONTENT_TYPES[dialect.framing],
      frames: frames.map((frame) => writeFrame(dialect.framing, frame)),
    }
  }
  const { value } = dialect.response.encode(responseOf(number), context)
  return { contentType: 'application/json', frames: [JSON.stringify(value.body)] }
}

const ORIGIN = { dialect: 'faults' }
const USAGE = { input: { total: 7 }, output: { total: WORDS }, total: 7 + WORDS }

function responseOf(call: number): ChatResponse {
  return {
    origin: ORIGIN,
    id: `answer-${call}`,
    model: 'm',
    createdMs: 0,
    candidates: [
      { index: 0, parts: [{ type: 'text', text: textOf(call) }], finish: { reason: 'stop' } },
    ],
    usage: USAGE,
  }
}

function eventsOf(call: number): readonly ChatEvent[] {
  return [
    { type: 'response-start', origin: ORIGIN, id: `answer-${call}`, model: 'm', createdMs: 0 },
    { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: '' } },
    ...wordsOf(call).map((text): ChatEvent => {
      return { type: 'part-delta', index: 0, delta: { kind: 'text', text } }
    }),
    { type: 'part-end', index: 0 },
    { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
    { type: 'usage-update', usage: USAGE },
    { type: 'response-end' },
  ]
}
