// The official SDK as the reader of what we write: it must take every answer, stream and error, of any maker.
import { ApiError, type GenerateContentResponse, GoogleGenAI } from '@google/genai'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../fixtures.ts'
import { GatewayError } from '../../../src/canonical/errors.ts'
import type { ChatEvent } from '../../../src/canonical/event.ts'
import { explode } from '../../../src/canonical/explode.ts'
import { responseArbitrary } from '../../../src/canonical/response.arbitrary.ts'
import { writeFrame } from '../../../src/wire/framing.ts'
import { collected, decodeBytes, emptyRequest } from '../../../src/dialects/dialect.contract.ts'
import { gemini } from '../../../src/dialects/gemini/dialect.ts'

const CONTEXT = { request: emptyRequest('gemini'), profile: { provider: 'host', flags: {} } }
const ENCODING = { request: CONTEXT.request, requestId: 'req_1', now: () => 1_700_000_000_000 }
const ASKED = { model: 'm', contents: 'Hi' }

function client(body: string, init: ResponseInit): GoogleGenAI {
  const fetch = async () => new Response(body, init)
  return new GoogleGenAI({ apiKey: 'test', httpOptions: { fetch } })
}

async function read(events: readonly ChatEvent[]): Promise<GenerateContentResponse[]> {
  const encoder = gemini.stream.encoder(ENCODING)
  const frames = [
    encoder.keepAlive(),
    ...events.flatMap((event) => encoder.write(event)),
    ...encoder.finish(),
  ]
  const body = frames.flatMap((frame) => (frame === undefined ? [] : [writeFrame('sse', frame)]))
  const headers = { 'content-type': 'text/event-stream' }
  const { models } = client(body.join(''), { headers })
  return Array.fromAsync(await models.generateContentStream(ASKED))
}

/** What the first candidate says aloud, what it calls, and why it ends. */
function firstOf(chunks: readonly GenerateContentResponse[]) {
  const pieces = chunks
    .flatMap((chunk) => chunk.candidates ?? [])
    .filter(({ index }) => index === 0)
  const parts = pieces.flatMap(({ content }) => content?.parts ?? [])
  return {
    text: parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join(''),
    calls: parts.flatMap(({ functionCall }) => functionCall ?? []),
    finish: pieces.at(-1)?.finishReason,
  }
}

const complete = fixturesOf('gemini').flatMap(({ name, stream }) =>
  stream === undefined || name.startsWith('error') ? [] : [{ name, stream }],
)

describe('the official SDK', () => {
  it.each(complete)('$name: takes the whole stream', async ({ stream }) => {
    const events = decodeBytes(gemini, [stream], CONTEXT)
    const parts = collected(gemini, events).candidates[0]?.parts ?? []
    const { text, calls } = firstOf(await read(events))
    expect(text).toBe(parts.map((part) => (part.type === 'text' ? part.text : '')).join(''))
    expect(calls.map(({ name }) => name)).toEqual(
      parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])),
    )
  })

  it('reads the same from an answer and from its stream, in whatever dialect it was made', async () => {
    await fc.assert(
      fc.asyncProperty(responseArbitrary, async (answer) => {
        const { status, headers, body } = gemini.response.encode(answer, ENCODING).value
        const { models } = client(JSON.stringify(body), { status, headers })
        if (status !== 200) {
          await expect(models.generateContent(ASKED)).rejects.toThrow(ApiError)
          await expect(read([...explode(answer)])).rejects.toThrow(ApiError)
          return
        }
        const whole = await models.generateContent(ASKED)
        expect(firstOf(await read([...explode(answer)]))).toEqual(firstOf([whole]))
      }),
      { numRuns: 60 },
    )
  })

  it('raises its own error for one in the middle of a stream', async () => {
    const { stream } = fixturesOf('gemini').find(({ name }) => name === 'error-stream') ?? {}
    const events = decodeBytes(gemini, [stream ?? new Uint8Array()], CONTEXT)
    expect(events.some((event) => event.type === 'part-start')).toBe(true)
    await expect(read(events)).rejects.toThrow(ApiError)
  })

  it('raises its error with the status and what was wrong', async () => {
    const failure = new GatewayError('not_found', 'No model "x".', { origin: 'client' })
    const { status, headers, body } = gemini.error.encode(failure, 'req_9')
    const call = client(JSON.stringify(body), { status, headers }).models.generateContent(ASKED)
    await expect(call).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      message: expect.stringContaining('No model'),
    })
  })
})
