// The official SDK as the reader of what we write: its own helper must take every stream and every error.
import OpenAI, { APIError } from 'openai'
import { describe, expect, it } from 'vitest'
import { fixturesOf } from '../../fixtures.ts'
import { GatewayError } from '../../../src/canonical/errors.ts'
import type { ChatEvent } from '../../../src/canonical/event.ts'
import { writeFrame } from '../../../src/wire/framing.ts'
import { decodeBytes, emptyRequest } from '../../../src/dialects/dialect.contract.ts'
import { openaiChat } from '../../../src/dialects/openai-chat/dialect.ts'

const CONTEXT = { request: emptyRequest('openai-chat'), profile: { provider: 'host', flags: {} } }
const ENCODING = {
  request: { ...CONTEXT.request, stream: { enabled: true, includeUsage: true } },
  requestId: 'req_1',
  now: () => 1_700_000_000_000,
}

function client(body: string, init: ResponseInit): OpenAI {
  return new OpenAI({
    apiKey: 'test',
    maxRetries: 0,
    fetch: async () => new Response(body, init),
  })
}

function streaming(events: readonly ChatEvent[]): OpenAI {
  const encoder = openaiChat.stream.encoder(ENCODING)
  const frames = [
    encoder.keepAlive(),
    ...events.flatMap((event) => encoder.write(event)),
    ...encoder.finish(),
  ]
  const body = frames.flatMap((frame) => (frame === undefined ? [] : [writeFrame('sse', frame)]))
  return client(body.join(''), { headers: { 'content-type': 'text/event-stream' } })
}

const ASKED = { model: 'm', messages: [], n: 2 }

const complete = fixturesOf('openai-chat').flatMap(({ name, stream }) =>
  stream === undefined || name.startsWith('error') ? [] : [{ name, stream }],
)

describe('the official SDK', () => {
  it.each(complete)('$name: its stream helper takes the whole stream', async ({ stream }) => {
    const events = decodeBytes(openaiChat, [stream], CONTEXT)
    const final = await streaming(events).chat.completions.stream(ASKED).finalChatCompletion()
    const text = events
      .flatMap((event) => {
        if (event.type === 'part-start' && event.part.type === 'text') return [event]
        return []
      })
      .map(({ candidate }) => candidate)
    for (const index of text) expect(final.choices[index]?.message.content).not.toBe('')
    const calls = events.filter(
      (event) => event.type === 'part-start' && event.part.type === 'tool-call',
    )
    const told = final.choices.flatMap(({ message }) => message.tool_calls ?? [])
    const legacy = final.choices.filter(({ message }) => message.function_call !== undefined)
    expect(told.length + legacy.length).toBe(calls.length)
    for (const choice of final.choices) expect(choice.finish_reason).toBeTruthy()
  })

  it('raises its own error for one in the middle of a stream', async () => {
    const { stream } =
      fixturesOf('openai-chat').find(({ name }) => name === 'error-in-stream') ?? {}
    const events = decodeBytes(openaiChat, [stream ?? new Uint8Array()], CONTEXT)
    const read = streaming(events).chat.completions.stream(ASKED).finalChatCompletion()
    await expect(read).rejects.toThrow(APIError)
  })

  it('raises the class of the status, with code and request id', async () => {
    const failure = new GatewayError('not_found', 'No model "x".', {
      origin: 'client',
      code: 'model_not_found',
      param: 'model',
    })
    const { status, headers, body } = openaiChat.error.encode(failure, 'req_9')
    const call = client(JSON.stringify(body), { status, headers }).chat.completions.create(ASKED)
    await expect(call).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
      requestID: 'req_9',
    })
  })
})
