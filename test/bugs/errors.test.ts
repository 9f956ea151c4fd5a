// Failures of upstreams: told in the client's own form, with what it needs to act, and nothing of ours or of an HTML page.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/canonical/errors.ts'
import { type Json, isObject } from '../../src/wire/json.ts'
import type { ScriptedReply } from '../fake-upstream.ts'
import { chunk } from './chunks.ts'
import {
  type Id,
  IDS,
  PAIRS,
  dialectOf,
  from as fromClient,
  to as toProvider,
} from './protocols.ts'
import { asked, begun, said, sse, text, user, whole } from './said.ts'
import { type Told, datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const TURNS = { turns: [user(text('go'))] }

function ask(from: Id, to: Id, reply: ScriptedReply): Promise<Told> {
  return board.ask({ from, to, body: asked(from, TURNS), reply })
}

function askStream(from: Id, to: Id, reply: ScriptedReply): Promise<Told> {
  return board.ask({ from, to, stream: true, body: asked(from, TURNS), reply })
}

/** A vendor's own error body for a kind. */
function refusal(
  id: Id,
  kind: ConstructorParameters<typeof GatewayError>[0],
  message: string,
): Json {
  const error = new GatewayError(kind, message, { origin: 'client' })
  const { body } = dialectOf(id).error.encode(error, 'req_1')
  return body ?? null
}

const CLIENTS = IDS.filter((id) => id !== 'openai-chat')

describe.each(CLIENTS)('a failure under status 200, for a client of %s', (from) => {
  it.each([
    [{ error: { code: 429, message: 'slow down' } }, 429],
    [{ error: { message: 'broken', type: 'server_error' } }, 502],
    [{ error: 'broken' }, 502],
  ])('%j is a failure, not an empty answer [PB-118]', async (body, status) => {
    expect((await ask(from, 'openai-chat', whole(body))).status).toBe(status)
    expect((await askStream(from, 'openai-chat', whole(body))).status).toBe(status)
  })

  it('is none where the answer to a wish for a stream is whole [PB-118]', async () => {
    const told = await askStream(
      from,
      'openai-chat',
      said('openai-chat', { parts: [text('pong')] }, 'whole'),
    )
    expect(told.headers.get('content-type')).toMatch(/event-stream|ndjson/)
    expect(told.heard.candidates[0]).toMatchObject({
      parts: [{ text: 'pong' }],
      finish: { reason: 'stop' },
    })
  })

  it.each([
    [
      {
        error: { message: 'quota exceeded', code: 'rate_limit_exceeded', type: 'rate_limit_error' },
      },
      429,
    ],
    [{ error: { message: 'busy', code: 503 } }, from === 'anthropic-messages' ? 529 : 503],
    [{ error: 'it broke' }, 502],
  ])('%j as the first event is a status [PB-119]', async (event, status) => {
    expect((await askStream(from, 'openai-chat', sse(event, 'data: [DONE]\n\n'))).status).toBe(
      status,
    )
  })

  it('after the first words is told in the stream, and so is a piece that is no JSON [PB-119]', async () => {
    for (const bad of [{ error: { message: 'quota exceeded' } }, 'data: {"choices":[{"del\n\n']) {
      const told = await askStream(
        from,
        'openai-chat',
        sse(chunk({ content: 'Hi' }), bad, 'data: [DONE]\n\n'),
      )
      expect(told.status).toBe(200)
      expect(told.heard.error).toBeDefined()
    }
  })
})

describe.each(toProvider('openai-chat'))('a content filter, for a client of $from', ({ from }) => {
  const azure = {
    error: {
      message: 'The response was filtered',
      code: 'content_filter',
      status: 400,
      innererror: { code: 'ResponsibleAIPolicyViolation' },
    },
  }
  it('refuses a request with 400, once, in every shape it has [PB-121]', async () => {
    const refused = await ask(from, 'openai-chat', whole(azure, 400))
    expect([refused.status, refused.sent.length]).toEqual([from === 'mistral-chat' ? 403 : 400, 1])
    expect(refused.heard.error?.kind).toMatch(/content_policy|invalid_request/)
    const streamed = await askStream(from, 'openai-chat', sse(chunk({ content: 'Hi' }), azure))
    expect(streamed.heard.error).toBeDefined()
  })

  it('that stops an answer is why it stopped [PB-121]', async () => {
    const choice = {
      index: 0,
      message: { role: 'assistant', content: null },
      finish_reason: 'content_filter',
    }
    const told = await ask(
      from,
      'openai-chat',
      whole({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [choice] }),
    )
    expect(told.status).toBe(200)
    const words = {
      'anthropic-messages': 'refusal',
      gemini: 'SAFETY',
      'openai-responses': 'content_filter',
      'mistral-chat': 'stop',
      ollama: 'stop',
      'openai-chat': 'content_filter',
    }
    expect(told.text).toContain(`"${words[from]}"`)
  })
})

it('what Azure says of the filter is kept for a client of the same protocol [PB-121]', async () => {
  const azure = {
    error: {
      message: 'Filtered',
      code: 'content_filter',
      innererror: { code: 'ResponsibleAIPolicyViolation' },
    },
  }
  const told = await ask('openai-chat', 'openai-chat', whole(azure, 400))
  expect(dig(told.json, 'error.code')).toBe('content_filter')
  expect(dig(told.json, 'error.innererror.code')).toBe('ResponsibleAIPolicyViolation')
})

function openai(message: string, code: string | null = null): Json {
  return { error: { message, type: 'invalid_request_error', param: 'messages', code } }
}

describe('a prompt that is too long', () => {
  const BODIES: readonly (readonly [Id, number, Json])[] = [
    [
      'openai-chat',
      400,
      openai("This model's maximum context length is 8192 tokens.", 'context_length_exceeded'),
    ],
    [
      'openai-chat',
      400,
      openai(
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
      ),
    ],
    [
      'openai-chat',
      400,
      openai("Requested token count exceeds the model's maximum context length of 4096 tokens."),
    ],
    [
      'openai-chat',
      400,
      openai("The input (5000 tokens) is longer than the model's context length (4096 tokens)."),
    ],
    [
      'anthropic-messages',
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'prompt is too long: 210000 tokens > 200000 maximum',
        },
      },
    ],
    [
      'gemini',
      400,
      {
        error: {
          code: 400,
          message:
            'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
          status: 'INVALID_ARGUMENT',
        },
      },
    ],
    ['ollama', 400, { error: 'the input length exceeds the context length' }],
    [
      'mistral-chat',
      400,
      {
        object: 'error',
        message:
          'Prompt contains 50000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
        type: 'invalid_request_error',
        code: '3051',
      },
    ],
  ]
  it.each(BODIES)(
    'of %s is one thing for clients of OpenAI and of Anthropic (%i %j) [PB-122]',
    async (to, status, body) => {
      const chat = await ask('openai-chat', to, whole(body, status))
      if (to !== 'openai-chat' || dig(body, 'error.code') !== null) {
        expect([chat.status, dig(chat.json, 'error.code')]).toEqual([
          400,
          'context_length_exceeded',
        ])
      }
      const claude = await ask('anthropic-messages', to, whole(body, status))
      expect([claude.status, dig(claude.json, 'error.type')]).toEqual([
        400,
        'invalid_request_error',
      ])
      expect(dig(claude.json, 'error.message')).toMatch(/prompt is too long/)
    },
  )

  it('is the same where it is told in a stream [PB-122]', async () => {
    const [, , body] = BODIES[3] ?? ['', 0, null]
    const told = await askStream('anthropic-messages', 'openai-chat', sse(body ?? null))
    expect([told.status, dig(told.json, 'error.message')]).toEqual([
      400,
      expect.stringMatching(/prompt is too long/),
    ])
  })
})

/** The vendor has fewer statuses. */
const ANTHROPIC: ReadonlyMap<number, number> = new Map([
  [408, 504],
  [422, 400],
  [503, 529],
])

describe.each(PAIRS)('$from hears of a status of $to', ({ from, to }) => {
  const TABLE: readonly (readonly [
    number,
    ConstructorParameters<typeof GatewayError>[0],
    number,
  ])[] = [
    [400, 'invalid_request', 400],
    [401, 'auth', 502],
    [403, 'permission', 502],
    [404, 'not_found', 404],
    [408, 'timeout', 408],
    [409, 'conflict', 409],
    [413, 'request_too_large', 413],
    [422, 'invalid_request', 422],
    [429, 'rate_limit', 429],
    [500, 'internal', 502],
    [502, 'upstream', 502],
    [503, 'overloaded', 503],
    [504, 'timeout', 504],
    [529, 'overloaded', 503],
  ]
  it.each(TABLE)('%i (%s) as %i, in its own form [PB-123]', async (status, kind, expected) => {
    const told = await ask(from, to, whole(refusal(to, kind, 'So it is.'), status))
    // Anthropic's own word for an overload is the 503 of others.
    const usual = to === 'anthropic-messages' && expected === 529 ? 503 : expected
    const own = from === 'anthropic-messages' ? (ANTHROPIC.get(usual) ?? usual) : usual
    expect([kind, told.status]).toEqual([kind, own])
    const { error } = told.heard
    expect(error?.message).not.toBe('')
    if (status === 401) expect(error?.kind).not.toBe('auth')
    expect(isObject(told.json)).toBe(true)
  })
})

describe.each(fromClient('openai-responses'))(
  'a Responses stream that fails, answered by $to',
  ({ to }) => {
    it('ends in response.failed, numbered on, with a reason that is not the client [PB-124]', async () => {
      for (const reply of [
        begun(to, ['half'], { ending: 'reset' }),
        begun(to, ['half'], { error: new GatewayError('upstream', 'It broke.') }),
      ]) {
        const told = await askStream('openai-responses', to, reply)
        const frames = datas(told)
        const last = frames.at(-1)
        expect(dig(last, 'type')).toBe('response.failed')
        expect(told.frames.at(-1)?.event).toBe('response.failed')
        expect(dig(last, 'sequence_number')).toBe(frames.length - 1)
        expect(dig(last, 'response.id')).toBe(dig(frames[0], 'response.id'))
        expect(dig(last, 'response.error.code')).not.toMatch(/invalid/)
        expect(told.text).not.toMatch(/^data: \{"error"/m)
      }
    })
  },
)

describe.each(PAIRS.filter(({ from }) => from === 'openai-chat' || from === 'anthropic-messages'))(
  '$from before $to',
  ({ from, to }) => {
    const page =
      '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1>secret-host.internal</body></html>'
    it.each([
      ['a page', 502, page],
      ['a page', 404, page],
      ['nothing', 503, ''],
      ['half of an object', 500, '{"error":{"mess'],
    ])(
      'hears of a status that comes with %s (%i), in few words and without it [PB-125]',
      async (_, status, body) => {
        for (const stream of [false, true]) {
          const told = await (stream ? askStream : ask)(from, to, {
            status,
            headers: { 'content-type': 'text/html' },
            chunks: [body],
          })
          const shown = status === 500 ? 502 : status
          expect(told.status).toBe(from === 'anthropic-messages' && shown === 503 ? 529 : shown)
          expect(told.text).not.toMatch(/<|nginx|secret-host/)
          expect(told.text.length).toBeLessThan(600)
          expect(isObject(told.json)).toBe(true)
        }
      },
    )
  },
)

function hint(told: Told): number {
  return Number(told.headers.get('retry-after'))
}

describe.each(PAIRS)('$from before $to that is asked too often', ({ from, to }) => {
  it('is told when to come back, from seconds, from a date, and from milliseconds [PB-128]', async () => {
    const body = refusal(to, 'rate_limit', 'slow down')
    const reply = (headers: Readonly<Record<string, string>>): ScriptedReply => ({
      status: 429,
      headers,
      chunks: [JSON.stringify(body)],
    })
    expect(hint(await ask(from, to, reply({ 'retry-after': '30' })))).toBe(30)
    const date = new Date(Date.now() + 60_000).toUTCString()
    const dated = hint(await ask(from, to, reply({ 'retry-after': date })))
    expect(dated).toBeGreaterThan(50)
    expect(dated).toBeLessThanOrEqual(61)
    const precise = await ask(from, to, reply({ 'retry-after-ms': '1500' }))
    expect(hint(precise)).toBe(2)
  })
})

it("Gemini's own words for when to come back are understood [PB-128]", async () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }]
  const body = {
    error: { code: 429, message: 'Resource exhausted', status: 'RESOURCE_EXHAUSTED', details },
  }
  for (const from of IDS) {
    const told = await ask(from, 'gemini', whole(body, 429))
    if (from === 'gemini') expect(told.text).toContain('34.4s')
    else expect([told.status, told.headers.get('retry-after')]).toEqual([429, '35'])
  }
})
