// The official SDK as the reader of what we write: it must take every answer, stream and error, of any maker.
import { HTTPClient, Mistral } from '@mistralai/mistralai'
import type { CompletionEvent } from '@mistralai/mistralai/models/components'
import { MistralError } from '@mistralai/mistralai/models/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../fixtures.ts'
import { GatewayError } from '../../../src/canonical/errors.ts'
import type { ChatEvent } from '../../../src/canonical/event.ts'
import { explode } from '../../../src/canonical/explode.ts'
import { responseArbitrary } from '../../../src/canonical/response.arbitrary.ts'
import { writeFrame } from '../../../src/wire/framing.ts'
import { collected, decodeBytes, emptyRequest } from '../../../src/dialects/dialect.contract.ts'
import { mistralChat } from '../../../src/dialects/mistral-chat/dialect.ts'

const CONTEXT = { request: emptyRequest('mistral-chat'), profile: { provider: 'host', flags: {} } }
const ENCODING = { request: CONTEXT.request, requestId: 'req_1', now: () => 1_700_000_000_000 }
const ASKED = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }] }

const JSON_TYPE = { 'content-type': 'application/json' }

function client(body: string, init: ResponseInit): Mistral {
  const httpClient = new HTTPClient({ fetcher: async () => new Response(body, init) })
  return new Mistral({ apiKey: 'test', httpClient })
}

async function read(events: readonly ChatEvent[]): Promise<CompletionEvent[]> {
  const encoder = mistralChat.stream.encoder(ENCODING)
  const frames = [
    encoder.keepAlive(),
    ...events.flatMap((event) => encoder.write(event)),
    ...encoder.finish(),
  ]
  const body = frames.flatMap((frame) => (frame === undefined ? [] : [writeFrame('sse', frame)]))
  const headers = { 'content-type': 'text/event-stream' }
  return Array.fromAsync(await client(body.join(''), { headers }).chat.stream(ASKED))
}

type Content = CompletionEvent['data']['choices'][number]['delta']['content']

function textOf(content: Content): string {
  if (content === undefined || content === null) return ''
  if (typeof content === 'string') return content
  return content.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')
}

function spoken(events: readonly CompletionEvent[], index: number): string {
  return events
    .flatMap(({ data }) => data.choices)
    .map((choice) => (choice.index === index ? textOf(choice.delta.content) : ''))
    .join('')
}

/** Mistral has sent `{}` as seconds of audio, which its own SDK refuses. */
const REFUSED: ReadonlySet<string> = new Set(['usage'])

const complete = fixturesOf('mistral-chat').flatMap(({ name, stream }) =>
  stream === undefined || name.startsWith('error') || REFUSED.has(name) ? [] : [{ name, stream }],
)

describe('the official SDK', () => {
  it.each(complete)('$name: takes the whole stream', async ({ stream }) => {
    const events = decodeBytes(mistralChat, [stream], CONTEXT)
    const chunks = await read(events)
    for (const { index, parts } of collected(mistralChat, events).candidates) {
      const said = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
      expect(spoken(chunks, index)).toBe(said)
    }
  })

  it('reads the same from an answer and from its stream, in whatever dialect it was made', async () => {
    await fc.assert(
      fc.asyncProperty(responseArbitrary, async (answer) => {
        const { status, headers, body } = mistralChat.response.encode(answer, ENCODING).value
        const init = { status, headers: { ...JSON_TYPE, ...headers } }
        const { chat } = client(JSON.stringify(body), init)
        if (status !== 200) {
          await expect(chat.complete(ASKED)).rejects.toThrow(MistralError)
          await expect(read([...explode(answer)])).rejects.toThrow(Error)
          return
        }
        const whole = await chat.complete(ASKED)
        const events = await read([...explode(answer)])
        for (const { index, message, finishReason } of whole.choices) {
          expect(spoken(events, index)).toBe(textOf(message?.content))
          const choices = events.flatMap(({ data }) => data.choices)
          expect(choices.findLast((choice) => choice.index === index)?.finishReason).toBe(
            finishReason,
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('raises an error for one in the middle of a stream', async () => {
    const { stream } =
      fixturesOf('mistral-chat').find(({ name }) => name === 'error-in-stream') ?? {}
    const events = decodeBytes(mistralChat, [stream ?? new Uint8Array()], CONTEXT)
    expect(events.some((event) => event.type === 'part-start')).toBe(true)
    await expect(read(events)).rejects.toThrow(Error)
  })

  it('raises its error with the status and what was wrong', async () => {
    const failure = new GatewayError('not_found', 'No model "x".', { origin: 'client' })
    const { status, headers, body } = mistralChat.error.encode(failure, 'req_9')
    const init = { status, headers: { ...JSON_TYPE, ...headers } }
    const call = client(JSON.stringify(body), init).chat.complete(ASKED)
    await expect(call).rejects.toThrow(MistralError)
    await expect(call).rejects.toMatchObject({
      statusCode: 404,
      message: expect.stringContaining('No model'),
    })
  })
})
