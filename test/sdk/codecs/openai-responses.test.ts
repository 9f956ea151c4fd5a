// The official SDK as the reader of what we write: its own helper must take every stream and every error, of any maker.
import fc from 'fast-check'
import OpenAI, { APIError } from 'openai'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../fixtures.ts'
import { GatewayError } from '../../../src/canonical/errors.ts'
import type { ChatEvent } from '../../../src/canonical/event.ts'
import { explode } from '../../../src/canonical/explode.ts'
import { responseArbitrary } from '../../../src/canonical/response.arbitrary.ts'
import { writeFrame } from '../../../src/wire/framing.ts'
import { decodeBytes, emptyRequest } from '../../../src/dialects/dialect.contract.ts'
import { openaiResponses } from '../../../src/dialects/openai-responses/dialect.ts'

const CONTEXT = {
  request: emptyRequest('openai-responses'),
  profile: { provider: 'host', flags: {} },
}
const ENCODING = { request: CONTEXT.request, requestId: 'req_1', now: () => 1_700_000_000_000 }
const ASKED = { model: 'm', input: 'Hi' }

function client(body: string, init: ResponseInit): OpenAI {
  return new OpenAI({
    apiKey: 'test',
    maxRetries: 0,
    fetch: async () => new Response(body, init),
  })
}

function streaming(events: readonly ChatEvent[]): OpenAI {
  const encoder = openaiResponses.stream.encoder(ENCODING)
  const frames = [
    encoder.keepAlive(),
    ...events.flatMap((event) => encoder.write(event)),
    ...encoder.finish(),
  ]
  const body = frames.flatMap((frame) => (frame === undefined ? [] : [writeFrame('sse', frame)]))
  return client(body.join(''), { headers: { 'content-type': 'text/event-stream' } })
}

/** What the helper put together from the events alone must be what the last event says. */
async function finalOf(events: readonly ChatEvent[]) {
  const stream = streaming(events).responses.stream(ASKED)
  const done: unknown[] = []
  stream.on('response.output_item.done', ({ item }) => done.push(item))
  const final = await stream.finalResponse()
  return { final, done }
}

const complete = fixturesOf('openai-responses').flatMap(({ name, stream }) =>
  stream === undefined || name.startsWith('error') ? [] : [{ name, stream }],
)

describe('the official SDK', () => {
  it.each(complete)('$name: its stream helper takes the whole stream', async ({ stream }) => {
    const { final, done } = await finalOf(decodeBytes(openaiResponses, [stream], CONTEXT))
    expect(final.output).toHaveLength(done.length)
    expect(final.output.map(({ type }) => type)).toEqual(
      done.map((item) => expect.objectContaining({}) && Object(item).type),
    )
    expect(['completed', 'incomplete']).toContain(final.status)
  })

  it('takes the stream of any answer in any dialect', async () => {
    await fc.assert(
      fc.asyncProperty(responseArbitrary, async (answer) => {
        const [first] = answer.candidates
        const single = {
          ...answer,
          candidates: first === undefined ? [] : [withUniqueCalls(first)],
        }
        const { final, done } = await finalOf([...explode(single)])
        const text = first?.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
        expect(final.output_text).toBe((text ?? []).join(''))
        expect(final.output).toHaveLength(done.length)
      }),
      { numRuns: 60 },
    )
  })

  it('raises its own error for one in the middle of a stream', async () => {
    const { stream } =
      fixturesOf('openai-responses').find(({ name }) => name === 'error-in-stream') ?? {}
    const events = decodeBytes(openaiResponses, [stream ?? new Uint8Array()], CONTEXT)
    await expect(finalOf(events)).rejects.toThrow(APIError)
  })

  it('raises the class of the status, with code and request id', async () => {
    const failure = new GatewayError('not_found', 'No model "x".', {
      origin: 'client',
      code: 'model_not_found',
      param: 'model',
    })
    const { status, headers, body } = openaiResponses.error.encode(failure, 'req_9')
    const call = client(JSON.stringify(body), { status, headers }).responses.create(ASKED)
    await expect(call).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
      requestID: 'req_9',
    })
  })
})

/** No provider gives two calls one id. */
function withUniqueCalls<T extends { readonly parts: readonly object[] }>(candidate: T): T {
  return {
    ...candidate,
    parts: candidate.parts.map((part, at) =>
      'callId' in part ? { ...part, callId: `call_${at}` } : part,
    ),
  }
}
