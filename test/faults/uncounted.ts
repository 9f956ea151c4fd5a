// The answer of a provider that does not count: a text of a known number of tokens in any of the six protocols, without any usage.
import type { ChatEvent } from '../../src/canonical/event.ts'
import { encodeStream } from '../../src/dialects/dialect.contract.ts'
import type { Dialect, EncodeContext } from '../../src/dialects/dialect.ts'
import { CONTENT_TYPES, writeFrame } from '../../src/wire/framing.ts'
import { type Json, tryParseJson } from '../../src/wire/json.ts'
import type { RawAnswer } from './fault.ts'

const ORIGIN = { dialect: 'faults' }
const START = { origin: ORIGIN, id: 'answer', model: 'm', createdMs: 0 }

/** What the protocols call their counts. */
const COUNTS = new Set(['usage', 'usageMetadata', 'prompt_eval_count', 'eval_count'])

export interface Uncounted {
  readonly text: string
  readonly streamed: boolean
}

export function uncounted(dialect: Dialect, { text, streamed }: Uncounted): RawAnswer {
  const request = {
    origin: ORIGIN,
    model: 'm',
    turns: [],
    sampling: {},
    stream: { enabled: streamed, includeUsage: true },
  }
  const context: EncodeContext = { request, requestId: 'up', now: () => 0 }
  if (!streamed) {
    const candidates = [
      { index: 0, parts: [{ type: 'text', text } as const], finish: { reason: 'stop' } as const },
    ]
    const { value } = dialect.response.encode({ ...START, candidates }, context)
    const head = ['content-type: application/json']
    return { status: 200, head, body: bare(value.body ?? null) }
  }
  const frames = encodeStream(dialect, eventsOf(text), context).map((frame) => {
    const json = tryParseJson(frame.data)
    const data = json === undefined ? frame.data : bare(json)
    return writeFrame(dialect.framing, { ...frame, data })
  })
  const head = [`content-type: ${CONTENT_TYPES[dialect.framing]}`]
  return { status: 200, head, body: frames.join('') }
}

/** Some characters a piece, as no tokenizer would cut them. */
function eventsOf(text: string): readonly ChatEvent[] {
  return [
    { type: 'response-start', ...START },
    { type: 'part-start', index: 0, candidate: 0, part: { type: 'text', text: '' } },
    ...(text.match(/[^]{1,7}/g) ?? []).map((piece): ChatEvent => {
      return { type: 'part-delta', index: 0, delta: { kind: 'text', text: piece } }
    }),
    { type: 'part-end', index: 0 },
    { type: 'candidate-end', candidate: 0, finish: { reason: 'stop' } },
    { type: 'response-end' },
  ]
}

/** The message without its counts. */
function bare(message: Json): string {
  return JSON.stringify(message, (key, value: unknown) => (COUNTS.has(key) ? undefined : value))
}
