// What the tests of the stream share: the grammar of the wire as an automaton, and streams of events at random.
import fc from 'fast-check'
import type { ChatEvent, PartDelta } from '../../canonical/event.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { Part } from '../../canonical/part.ts'
import type { Frame } from '../../wire/frame.ts'
import { ObjectReader, parseJson } from '../../wire/json.ts'

const DELTAS: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
}

export interface Verdict {
  /** The first thing that the grammar forbids; undefined when there is none. */
  readonly wrong: string | undefined
  readonly end: 'stop' | 'error' | 'none'
  /** By block: its text, thinking or argument text, in order. */
  readonly texts: readonly string[]
}

/** Reads frames as the vendor's client must be able to. */
export function judge(frames: readonly Frame[]): Verdict {
  let state: 'before' | 'between' | 'block' | 'ending' | 'done' = 'before'
  let type = ''
  let end: Verdict['end'] = 'none'
  const texts: string[] = []
  const wrong = (): string | undefined => {
    for (const frame of frames) {
      const event = ObjectReader.of(parseJson(frame.data), '')
      const name = event.string('type')
      if (frame.event !== name) return `event: ${frame.event} names ${name}`
      if (state === 'done') return `${name} after the end`
      switch (name) {
        case 'ping':
          break
        case 'error':
          event.object('error').string('message')
          state = 'done'
          end = 'error'
          break
        case 'message_start':
          if (state !== 'before') return 'a second message_start'
          event.object('message').object('usage').number('input_tokens')
          state = 'between'
          break
        case 'content_block_start':
          if (state !== 'between') return `a block begins while ${state}`
          if (event.number('index') !== texts.length) return 'an index is left out'
          type = event.object('content_block').string('type')
          texts.push('')
          state = 'block'
          break
        case 'content_block_delta': {
          if (state !== 'block') return `a delta while ${state}`
          if (event.number('index') !== texts.length - 1) return 'a delta of another block'
          const delta = event.object('delta')
          if (DELTAS[type]?.includes(delta.string('type')) === false) return `a delta in ${type}`
          const text =
            delta.peek('text') ?? delta.peek('thinking') ?? delta.peek('partial_json') ?? ''
          texts[texts.length - 1] += typeof text === 'string' ? text : ''
          break
        }
        case 'content_block_stop':
          if (state !== 'block') return `a block ends while ${state}`
          if (event.number('index') !== texts.length - 1) return 'the end of another block'
          state = 'between'
          break
        case 'message_delta':
          if (state !== 'between') return `message_delta while ${state}`
          event.object('delta').string('stop_reason')
          event.object('usage').number('output_tokens')
          state = 'ending'
          break
        case 'message_stop':
          if (state !== 'ending') return `message_stop while ${state}`
          state = 'done'
          end = 'stop'
          break
        default:
          return `an unknown event ${name}`
      }
    }
    return undefined
  }
  return { wrong: wrong(), end, texts }
}

const text = fc.string({ maxLength: 6, unit: 'grapheme' })

/** A part as a stream begins it, with the deltas that follow. */
interface Plan {
  readonly part: Part
  readonly deltas: readonly PartDelta[]
  /** What it says in all. */
  readonly text: string
}

const plan: fc.Arbitrary<Plan> = fc
  .record({
    kind: fc.constantFrom('text', 'refusal', 'reasoning', 'tool-call'),
    first: text,
    more: fc.array(text, { maxLength: 4 }),
  })
  .map(({ kind, first, more }) => ({
    part: partOf(kind, first),
    deltas: more.map((piece) => ({ kind: 'text' as const, text: piece })),
    text: [first, ...more].join(''),
  }))

function partOf(kind: string, first: string): Part {
  switch (kind) {
    case 'text':
      return { type: 'text', text: first }
    case 'refusal':
      return { type: 'refusal', text: first }
    case 'reasoning':
      return { type: 'reasoning', text: first }
    default: {
      const call = { type: 'tool-call' as const, kind: 'function' as const }
      return { ...call, callId: 'c', name: 'f', arguments: { text: first } }
    }
  }
}

export interface Streamed {
  readonly events: readonly ChatEvent[]
  readonly texts: readonly string[]
}

/** A whole stream of another dialect whose parts interleave in any way, with noise between. */
export const streamArbitrary: fc.Arbitrary<Streamed> = fc
  .record({
    plans: fc.array(plan, { maxLength: 4 }),
    picks: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    ending: fc.constantFrom('end', 'error'),
  })
  .map(({ plans, picks, ending }) => ({
    events: [
      { type: 'response-start', origin: { dialect: 'other' }, id: 'r', model: 'm' },
      ...interleaved(plans, picks),
      ...endOf(ending),
    ],
    texts: plans.map((one) => one.text),
  }))

/** Parts begin in order; which goes on next is picked at random. */
function interleaved(plans: readonly Plan[], picks: readonly number[]): readonly ChatEvent[] {
  const lanes = plans.map(({ part, deltas }, index): ChatEvent[] => [
    { type: 'part-start', index, candidate: 0, part },
    ...deltas.map((delta): ChatEvent => ({ type: 'part-delta', index, delta })),
    { type: 'part-end', index },
  ])
  const events: ChatEvent[] = []
  let begun = 0
  for (let at = 0; lanes.some((lane) => lane.length > 0); at += 1) {
    const ready = lanes.filter((lane, index) => lane.length > 0 && index <= begun)
    const pick = picks[at % picks.length] ?? 0
    const event = ready[pick % ready.length]?.shift()
    if (event !== undefined) events.push(event)
    if (event?.type === 'part-start') begun = Math.max(begun, event.index + 1)
    if (pick % 7 === 0) events.push({ type: 'ping' })
    if (pick % 11 === 0) events.push({ type: 'usage-update', usage: { output: { total: at } } })
  }
  return events
}

function endOf(ending: string): readonly ChatEvent[] {
  if (ending === 'error') {
    return [
      { type: 'error', error: new GatewayError('overloaded', 'Busy.', { origin: 'upstream' }) },
    ]
  }
  return [
    { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
    { type: 'usage-update', usage: { input: { total: 3 }, output: { total: 4 } } },
    { type: 'response-end' },
  ]
}
