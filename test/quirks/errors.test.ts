// Failures in the client's own words and type, before and in the stream, with what its retries obey (clients README §1, §6.11, §6.12).
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/canonical/errors.ts'
import type { Json } from '../../src/wire/json.ts'
import { type Id, IDS, PAIRS, dialectOf } from '../bugs/protocols.ts'
import { begun, whole } from '../bugs/said.ts'
import { datas, useSwitchboard } from '../bugs/switchboard.ts'
import { PING } from './ask.ts'

const board = useSwitchboard()
const words = expect.stringMatching(/./)

/** What the vendor's own SDK, and the AI SDK for it, read the reason from. */
const SHAPES: Readonly<Record<Id, object>> = {
  'openai-chat': { error: expect.objectContaining({ message: words, type: words }) },
  'openai-responses': { error: expect.objectContaining({ message: words, type: words }) },
  'anthropic-messages': {
    type: 'error',
    error: { type: words, message: words },
    request_id: words,
  },
  gemini: {
    error: expect.objectContaining({ code: expect.any(Number), message: words, status: words }),
  },
  'mistral-chat': expect.objectContaining({ object: 'error', message: words, type: words }),
  ollama: { error: words },
}

const IN_STREAM: Readonly<Record<Id, object>> = {
  ...SHAPES,
  'openai-responses': expect.objectContaining({ type: 'response.failed' }),
  'anthropic-messages': expect.objectContaining({ type: 'error' }),
  'mistral-chat': expect.anything(),
}

const TYPES: Readonly<Record<Id, RegExp>> = {
  'openai-chat': /^text\/event-stream/,
  'openai-responses': /^text\/event-stream/,
  'anthropic-messages': /^text\/event-stream/,
  gemini: /^text\/event-stream/,
  'mistral-chat': /^text\/event-stream/,
  ollama: /^application\/x-ndjson/,
}

function refusal(id: Id, kind: 'rate_limit' | 'invalid_request'): Json {
  const error = new GatewayError(kind, 'Said upstream.', { origin: 'client' })
  return dialectOf(id).error.encode(error, 'req_1').body ?? null
}

describe.each(IDS)('a client of %s', (from) => {
  it('is answered with JSON whole, and with its own type in a stream', async () => {
    const asking = { from, to: 'openai-chat', body: PING[from] }
    const answer = await board.ask(asking)
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    const stream = await board.ask({ ...asking, stream: true })
    expect(stream.headers.get('content-type')).toMatch(TYPES[from])
  })

  it('hears of a body that makes no sense in its own words, as JSON', async () => {
    const body = { messages: 7, input: 7, contents: 7 }
    for (const stream of [false, true]) {
      const told = await board.ask({ from, to: 'openai-chat', body, stream })
      expect([told.status, told.sent]).toEqual([400, []])
      expect(told.headers.get('content-type')).toMatch(/^application\/json/)
      expect(told.headers.get('x-should-retry')).toBe('false')
      expect(told.json).toEqual(SHAPES[from])
    }
  })

  it('hears of a missing key in its own words', async () => {
    const told = await board.ask({
      from,
      to: 'openai-chat',
      body: PING[from],
      headers: { authorization: 'Bearer pb_wrong' },
    })
    expect([told.status, told.json]).toEqual([401, SHAPES[from]])
  })
})

describe.each(PAIRS)('a client of $from before $to', ({ from, to }) => {
  it.each([
    ['a refusal', 'invalid_request', 400, 'false'],
    // Patchbay has asked twice by then: a client that does so too would only add to the crowd.
    ['a limit', 'rate_limit', 429, 'false'],
  ] as const)(
    'hears of %s (%s) in its own words, and whether to ask again',
    async (...[, kind, status, again]) => {
      for (const stream of [false, true]) {
        const reply = whole(refusal(to, kind), status)
        const told = await board.ask({ from, to, body: PING[from], reply, stream })
        expect(told.status).toBe(status)
        expect(told.headers.get('content-type')).toMatch(/^application\/json/)
        expect(told.headers.get('x-should-retry')).toBe(again)
        expect(told.json).toEqual(SHAPES[from])
        expect(told.text).toContain('Said upstream.')
      }
    },
  )

  it('hears in its own words of a stream that breaks', async () => {
    const told = await board.ask({
      from,
      to,
      body: PING[from],
      stream: true,
      reply: begun(to, ['half'], { ending: 'reset' }),
    })
    expect(told.status).toBe(200)
    const last = datas(told).at(-1)
    expect(last).toEqual(IN_STREAM[from])
    expect(JSON.stringify(last)).toMatch(/error/)
  })
})
