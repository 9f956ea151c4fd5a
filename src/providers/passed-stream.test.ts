// Bytes that pass and the tap beside them: nothing of an answer is changed, and no tap breaks a stream.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drain, failureOf } from '../../test/context.ts'
import { type FakeResponse, fakeResponse } from '../../test/fake-response.ts'
import { GatewayError, toGatewayError } from '../canonical/errors.ts'
import { mergeUsage } from '../canonical/usage.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { isUsageChunk } from '../dialects/openai-chat/usage-chunk.ts'
import { dialects } from '../dialects/registry.ts'
import type { PassedPiece } from '../exchange/exchange.ts'
import { byteByByte, bytesOf, chunked } from '../wire/chunked.arbitrary.ts'
import { toChatRequest } from './chat-message.ts'
import { type PassedSource, PassedStream } from './passed-stream.ts'
import { peekedPieces } from './peek-passed.ts'

const request = toChatRequest([], 'tiny')

function tap(
  id: string,
  { response }: FakeResponse,
  more: Partial<Pick<PassedSource, 'unasked' | 'maxFrameBytes'>> = {},
): PassedStream {
  const dialect = dialects.find((known) => known.id === id)
  if (dialect === undefined) throw new Error(`no dialect ${id}`)
  return new PassedStream({
    response,
    dialect,
    context: { request, profile: { provider: 'lab', model: 'tiny', flags: {} } },
    failed: (thrown) => toGatewayError(thrown),
    told: (error) => new GatewayError(error.kind, 'told in our words', { code: 'told' }),
    unasked: () => false,
    ...more,
  })
}

interface Outcome {
  readonly text: string
  readonly types: readonly string[]
  readonly errors: readonly (string | undefined)[]
  readonly output: number | undefined
}

function outcomeOf(pieces: readonly PassedPiece[]): Outcome {
  const events = pieces.flatMap((piece) => piece.events)
  const usage = events
    .flatMap((event) => (event.type === 'usage-update' ? [event.usage] : []))
    .reduce(mergeUsage, {})
  return {
    text: Buffer.concat(pieces.map((piece) => piece.bytes)).toString('utf8'),
    types: events.map(({ type }) => type),
    errors: events.flatMap((event) => (event.type === 'error' ? [event.error.code] : [])),
    output: usage.output?.total,
  }
}

async function pass(stream: PassedStream): Promise<Outcome> {
  return outcomeOf(await drain(stream))
}

const OPENAI = [
  ': waking\r\n\r\n',
  'data: {"id" : "1", "n":12345678901234567890,"choices":[{"index":0,"delta":{"content":"h\u00e9"}}]}\r\n\r\n',
  'data:{"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
  'data: {"id":"1","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":5,"total_tokens":7}}\n\n',
  'data: [DONE]\n\n',
].join('')

const ANTHROPIC = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"tiny","content":[],"usage":{"input_tokens":2,"output_tokens":1}}}\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"h\u00e9"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop" }\n\n',
].join('')

const OLLAMA = [
  '{"model":"tiny", "created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"h\u00e9"},"done":false}\r\n',
  '\n',
  '{"model":"tiny","created_at":"2026-01-01T00:00:01Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":2,"eval_count":5}\n',
].join('')

const MISTRAL = [
  'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{"index":0,"delta":{"role":"assistant","content":"h\u00e9"},"finish_reason":null}]}\n\n',
  'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"tiny","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"total_tokens":7,"completion_tokens":5}}\n\n',
  'data: [DONE]\n\n',
].join('')

const GEMINI = [
  'data: {"candidates": [{"content": {"parts": [{"text": "h\u00e9"}],"role": "model"},"index": 0}],"modelVersion": "tiny","responseId": "1"}\r\n\r\n',
  'data: {"candidates": [{"content": {"parts": [{"text": "!"}],"role": "model"},"finishReason": "STOP","index": 0}],"usageMetadata": {"promptTokenCount": 2,"candidatesTokenCount": 5,"totalTokenCount": 7},"modelVersion": "tiny","responseId": "1"}\r\n\r\n',
].join('')

const RESPONSES = [
  'event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1,"status":"in_progress","model":"tiny","output":[]}}\n\n',
  'event: response.output_item.added\ndata: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}\n\n',
  'event: response.content_part.added\ndata: {"type":"response.content_part.added","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}\n\n',
  'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"h\u00e9"}\n\n',
  'event: response.output_text.done\ndata: {"type":"response.output_text.done","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"text":"h\u00e9"}\n\n',
  'event: response.content_part.done\ndata: {"type":"response.content_part.done","sequence_number":5,"item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"h\u00e9","annotations":[]}}\n\n',
  'event: response.output_item.done\ndata: {"type":"response.output_item.done","sequence_number":6,"output_index":0,"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"h\u00e9","annotations":[]}]}}\n\n',
  'event: response.completed\ndata: {"type":"response.completed","sequence_number":7,"response":{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"tiny","output":[{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"h\u00e9","annotations":[]}]}],"usage":{"input_tokens":2,"output_tokens":5,"total_tokens":7}}}\n\n',
].join('')

const STREAMS = [
  ['openai-chat', OPENAI],
  ['openai-responses', RESPONSES],
  ['anthropic-messages', ANTHROPIC],
  ['gemini', GEMINI],
  ['mistral-chat', MISTRAL],
  ['ollama', OLLAMA],
] as const

/** Its streams have no mark of their end, so they are read until the connection has given all. */
const UNMARKED = 'gemini'

describe.each(STREAMS)('a passed stream of %s', (id, stream) => {
  it('gives every byte, the same events for any chunking, and lets the connection go', async () => {
    const whole = await pass(tap(id, fakeResponse([stream])))
    expect(whole).toMatchObject({ text: stream, output: 5, errors: [] })
    expect(whole.types.at(-1)).toBe('response-end')
    const cases = chunked(bytesOf(stream))
    await fc.assert(
      fc.asyncProperty(cases, async (chunks) => {
        const fake = fakeResponse(chunks)
        expect(await pass(tap(id, fake))).toEqual(whole)
        expect(fake.left).toEqual(id === UNMARKED ? [] : ['release'])
      }),
      { numRuns: 40 },
    )
    expect(await pass(tap(id, fakeResponse(byteByByte(bytesOf(stream)))))).toEqual(whole)
  })

  it('ends in an error when it is cut, wherever that is, and passes whole frames until there', async () => {
    const bytes = bytesOf(stream)
    const lost = new GatewayError('upstream', 'gone', { origin: 'upstream', code: 'lost' })
    const whole = await pass(tap(id, fakeResponse([stream])))
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), async (length) => {
        const cut = await pass(tap(id, fakeResponse([bytes.subarray(0, length)], lost)))
        if (cut.types.at(-1) === 'response-end') return
        expect(stream.startsWith(cut.text)).toBe(true)
        expect(cut.errors).toEqual(['lost'])
        expect(whole.types.slice(0, cut.types.length - 1)).toEqual(cut.types.slice(0, -1))
      }),
    )
  })

  it('ends in an error, or as a whole answer, when it ends too early without a failure', async () => {
    const bytes = bytesOf(stream)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        const cut = await pass(tap(id, fakeResponse([bytes.subarray(0, length)])))
        expect(['error', 'response-end']).toContain(cut.types.at(-1))
        expect(
          cut.types.filter((type) => type === 'error' || type === 'response-end'),
        ).toHaveLength(1)
        // What it did not know how to close it has closed, so that an error may follow.
        if (cut.errors.length > 0 && cut.text !== '') expect(cut.text).toMatch(/\n$/)
      }),
    )
  })

  it('passes what it cannot read, and says nothing about it', async () => {
    const [first = ''] = stream.split(/(?<=\n\n|\r\n\r\n|\}\r\n)/)
    const odd = id === 'ollama' ? 'what?\n' : 'data: what?\n\n'
    const rest = stream.slice(first.length)
    const heard = await pass(tap(id, fakeResponse([first, odd, rest])))
    expect(heard).toMatchObject({ text: first + odd + rest, errors: [] })
    expect(heard.types).not.toContain('response-end')
  })

  it('passes a frame beyond its bound, and all after it, as they come', async () => {
    const fake = fakeResponse([stream.slice(0, 40), stream.slice(40, 60), stream.slice(60)])
    const pieces = await drain(tap(id, fake, { maxFrameBytes: 10 }))
    expect(outcomeOf(pieces)).toMatchObject({ text: stream, errors: [] })
    expect(pieces.at(-1)?.open).toBe(true)
  })

  it('marks an error inside a frame as one that nothing can tell', async () => {
    const fake = fakeResponse([stream.slice(0, 60)], new Error('gone'))
    const pieces = await drain(tap(id, fake, { maxFrameBytes: 10 }))
    expect(pieces.at(-1)).toMatchObject({ open: true, events: [{ type: 'error' }] })
  })

  it('cancels the upstream when its reader leaves, once', async () => {
    const fake = fakeResponse([...stream.split(/(?<=\n)/), stream])
    const reader = tap(id, fake)
    await reader.next()
    await reader.return()
    await reader.return()
    expect(fake.left).toEqual(['cancel'])
    expect(await reader.next()).toEqual({ done: true, value: undefined })
  })

  it('asks for a chunk only when its reader asks for a piece', async () => {
    const fake = fakeResponse(stream.split(/(?<=\n)/))
    const reader = tap(id, fake)
    expect(fake.pulled()).toBe(0)
    const first = await reader.next()
    expect(first.done).toBe(false)
    expect(fake.pulled()).toBeLessThan(4)
  })
})

describe('a passed stream', () => {
  it('takes out the frames that the client has not asked for, and hears them', async () => {
    const outcome = await pass(
      tap('openai-chat', fakeResponse([OPENAI]), { unasked: isUsageChunk }),
    )
    expect(outcome.text).toBe(OPENAI.replace(/data: \{"id":"1","choices":\[\],[^\n]*\n\n/, ''))
    expect(outcome).toMatchObject({ output: 5, errors: [] })
  })

  it('tells an error of the upstream in our words and passes none of its own', async () => {
    const [before] = OPENAI.split('data:{')
    const failed = `${before}data: {"error":{"message":"key sk-secret is over","code":429}}\n\ndata: [DONE]\n\n`
    for (const chunks of [[failed], byteByByte(bytesOf(failed))]) {
      const fake = fakeResponse(chunks)
      const outcome = await pass(tap('openai-chat', fake))
      expect(outcome.text).toBe(before)
      expect(outcome.errors).toEqual(['told'])
      expect(fake.left).toEqual(['release'])
    }
  })

  it('takes a last frame without its blank line for whole when it is', async () => {
    const stream = OPENAI.trimEnd()
    expect(await pass(tap('openai-chat', fakeResponse([stream])))).toMatchObject({
      text: stream,
      errors: [],
    })
  })

  it('drops half a frame at the end, and says that the answer broke off', async () => {
    const half = OPENAI.slice(0, OPENAI.indexOf('finish_reason'))
    const outcome = await pass(tap('openai-chat', fakeResponse([half])))
    expect(outcome.errors).toEqual(['upstream_truncated'])
    expect(outcome.text.endsWith('}\r\n\r\n')).toBe(true)
  })

  it('stops at the end of the answer', async () => {
    const fake = fakeResponse([`${OPENAI}: bye\n\n`, 'data: more\n\n'])
    expect((await pass(tap('openai-chat', fake))).text).toBe(OPENAI)
    expect(fake.pulled()).toBe(1)
  })

  it("leaves out another protocol's end behind its own, on which clients choke, however it is cut", async () => {
    const strange = `${ANTHROPIC}event: data\ndata: [DONE]\n\n`
    for (const chunks of [[strange], byteByByte(bytesOf(strange))]) {
      const passed = await pass(tap('anthropic-messages', fakeResponse(chunks)))
      expect(passed.text).toBe(ANTHROPIC)
    }
  })

  it('goes on when bytes are no text', async () => {
    const odd = Uint8Array.of(0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a)
    const pieces = await drain(tap('openai-chat', fakeResponse([odd, OPENAI])))
    const bytes = Buffer.concat(pieces.map((piece) => piece.bytes))
    expect(bytes.equals(Buffer.concat([odd, bytesOf(OPENAI)]))).toBe(true)
  })
})

describe('peekedPieces', () => {
  it('gives everything, comments before the answer included', async () => {
    for (const chunks of [[OPENAI], byteByByte(bytesOf(OPENAI))]) {
      const pieces = await peekedPieces(tap('openai-chat', fakeResponse(chunks)))
      expect(outcomeOf(await drain(pieces))).toMatchObject({ text: OPENAI, output: 5 })
    }
  })

  it('rejects with an error that comes first', async () => {
    const early = 'data: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n'
    const ping = 'event: ping\ndata: {"type":"ping"}\n\n'
    const stream = tap('anthropic-messages', fakeResponse([ping, early]))
    expect(await failureOf(peekedPieces(stream))).toMatchObject({
      kind: 'overloaded',
      message: 'told in our words',
    })
  })

  it('rejects an upstream that says nothing, and one that fails before it speaks', async () => {
    const empty = tap('openai-chat', fakeResponse([]))
    expect(await failureOf(peekedPieces(empty))).toMatchObject({ kind: 'upstream' })
    const lost = tap('openai-chat', fakeResponse([': hi\n\n'], new GatewayError('timeout', 'late')))
    expect(await failureOf(peekedPieces(lost))).toMatchObject({ kind: 'timeout' })
  })

  it('waits no longer for a stream that it cannot understand, nor through endless comments', async () => {
    const odd = fakeResponse(['data: what?\n\n', 'data: [DONE]\n\n'])
    await peekedPieces(tap('openai-chat', odd))
    expect(odd.pulled()).toBe(1)
    const comments = fakeResponse(Array.from({ length: 100 }, () => `: ${'x'.repeat(1021)}\n\n`))
    await peekedPieces(tap('openai-chat', comments))
    expect(comments.pulled()).toBe(64)
  })

  it('cancels the upstream when nobody reads what it held', async () => {
    const fake = fakeResponse([OPENAI.slice(0, 200), OPENAI.slice(200)])
    const pieces = await peekedPieces(tap('openai-chat', fake))
    const iterator = pieces[Symbol.asyncIterator]()
    await iterator.return?.()
    expect(fake.left).toEqual(['cancel'])
    expect((await iterator.next()).done).toBe(true)
  })
})

it('is tried for every dialect', () => {
  const tried = STREAMS.map(([id]) => id)
  expect(dialects.map(({ id }: Dialect) => id).toSorted()).toEqual([...tried].toSorted())
})
