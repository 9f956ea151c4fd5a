// Settings on their way to models that take others, fewer, or within narrower bounds.
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, isArray } from '../../src/wire/json.ts'
import { IDS, to as toProvider } from './protocols.ts'
import { asked, sse, text, user, whole } from './said.ts'
import { datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([{ providerType: 'together', name: 'together' }])
const ask = { messages: [{ role: 'user', content: 'go' }] }

async function sent(
  to: string,
  body: JsonObject,
  model?: string,
): Promise<{ readonly body: Json | undefined; readonly notes: string; readonly status: number }> {
  const told = await board.ask({
    from: 'openai-chat',
    to,
    body: { ...ask, ...body },
    ...(model === undefined ? {} : { model }),
  })
  return {
    body: told.sent[0],
    notes: told.headers.get('x-patchbay-notes') ?? '',
    status: told.status,
  }
}

function candidate(index: number, words: string): Json {
  return {
    index,
    content: {
      role: 'model',
      parts: [{ text: words }, { functionCall: { name: 'f', args: { index } } }],
    },
    finishReason: 'STOP',
  }
}

describe('several candidates', () => {
  it('each keep their words and calls, whole and streamed out of order [PB-100]', async () => {
    const body = { ...ask, n: 2 }
    const one = await board.ask({
      from: 'openai-chat',
      to: 'gemini',
      body,
      reply: whole({ candidates: [candidate(0, 'a'), candidate(1, 'b')] }),
    })
    const other = await board.ask({
      from: 'openai-chat',
      to: 'gemini',
      stream: true,
      body,
      reply: sse({ candidates: [candidate(1, 'b')] }, { candidates: [candidate(0, 'a')] }),
    })
    expect(dig(one.sent[0], 'generationConfig.candidateCount')).toBe(2)
    const words = datas(other).flatMap((frame) =>
      dig(frame, 'choices.0.delta.content') === undefined
        ? []
        : [[dig(frame, 'choices.0.index'), dig(frame, 'choices.0.delta.content')]],
    )
    expect(words).toEqual([
      [1, 'b'],
      [0, 'a'],
    ])
    for (const told of [one]) {
      const { candidates } = told.heard
      expect(candidates).toMatchObject([
        {
          index: 0,
          parts: [{ text: 'a' }, { name: 'f', arguments: { text: '{"index":0}' } }],
          finish: { reason: 'tool-calls' },
        },
        {
          index: 1,
          parts: [{ text: 'b' }, { name: 'f', arguments: { text: '{"index":1}' } }],
          finish: { reason: 'tool-calls' },
        },
      ])
      const ids = candidates.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.type === 'tool-call' ? [part.callId] : [])),
      )
      expect(new Set(ids).size).toBe(2)
    }
  })

  it.each(['anthropic-messages', 'openai-responses', 'ollama'])(
    'are refused by %s, never silently one [PB-100]',
    async (to) => {
      const told = await board.ask({ from: 'openai-chat', to, body: { ...ask, n: 2 } })
      expect([told.status, told.sent, dig(told.json, 'error.param')]).toEqual([400, [], 'n'])
    },
  )
})

describe('probabilities of tokens', () => {
  const logprobs = {
    topCandidates: [{ candidates: [{ token: 'Hi', logProbability: -0.1 }] }],
    chosenCandidates: [{ token: 'Hi', logProbability: -0.1 }],
  }
  it('are asked for and come back from Gemini, whole and streamed, on both protocols of OpenAI [PB-101]', async () => {
    const answer = {
      candidates: [
        {
          content: { role: 'model', parts: [{ text: 'Hi' }] },
          finishReason: 'STOP',
          logprobsResult: logprobs,
        },
      ],
    }
    const bodies = {
      'openai-chat': { ...ask, logprobs: true, top_logprobs: 1 },
      'openai-responses': {
        input: 'go',
        include: ['message.output_text.logprobs'],
        top_logprobs: 1,
      },
    } as const
    for (const from of ['openai-chat', 'openai-responses'] as const) {
      for (const stream of [false, true]) {
        const told = await board.ask({
          from,
          to: 'gemini',
          stream,
          body: bodies[from],
          reply: stream ? sse(answer) : whole(answer),
        })
        expect(dig(told.sent[0], 'generationConfig')).toMatchObject({
          responseLogprobs: true,
          logprobs: 1,
        })
        expect(told.heard.candidates[0]?.logprobs).toMatchObject([{ token: 'Hi', logprob: -0.1 }])
      }
    }
  })

  it.each(['anthropic-messages', 'mistral-chat'])(
    'are left out for %s with a note, in one call [PB-101]',
    async (to) => {
      const told = await board.ask({
        from: 'openai-chat',
        to,
        body: { ...ask, logprobs: true, top_logprobs: 3 },
      })
      expect([told.status, told.sent.length]).toEqual([200, 1])
      expect(told.headers.get('x-patchbay-notes')).toContain('logprobs')
    },
  )
})

describe('models that reason at one temperature', () => {
  it.each(['gpt-5', 'o3', 'o4-mini', 'gpt-5-mini'])(
    '%s gets none, and that is told [PB-105]',
    async (model) => {
      const { body, notes } = await sent(
        'openai-chat',
        { temperature: 0.2, top_p: 0.5, presence_penalty: 1, logprobs: true },
        model,
      )
      expect(JSON.stringify(body)).not.toMatch(/temperature|top_p|presence_penalty|logprobs/)
      expect(notes).toMatch(/temperature/)
      const bare = await sent('openai-chat', {}, model)
      expect([JSON.stringify(bare.body).includes('temperature'), bare.notes]).toEqual([false, ''])
    },
  )
})

describe('temperature beside top_p, on Claude', () => {
  it.each([
    ['claude-opus-4-1', { temperature: 0.5, top_p: 0.9 }, { temperature: 0.5 }],
    ['claude-sonnet-4-5', { temperature: 0.5, top_p: 0.9 }, { temperature: 0.5 }],
    ['claude-sonnet-4-5', { top_p: 0.9 }, { top_p: 0.9 }],
    ['claude-sonnet-4-5', {}, {}],
    [
      'claude-3-5-sonnet-latest',
      { temperature: 0.5, top_p: 0.9 },
      { temperature: 0.5, top_p: 0.9 },
    ],
  ])('%s of %j gets %j [PB-106]', async (model, given, expected) => {
    const { body, notes } = await sent('anthropic-messages', given, model)
    const { temperature, top_p: topP } = {
      temperature: dig(body, 'temperature'),
      top_p: dig(body, 'top_p'),
    }
    expect(JSON.parse(JSON.stringify({ temperature, top_p: topP }))).toEqual(expected)
    expect(notes.includes('top_p')).toBe(Object.keys(given).length > Object.keys(expected).length)
  })
})

describe('the limit of an answer', () => {
  it.each(['gpt-5', 'o3'])(
    'is max_completion_tokens for %s, never both [PB-107]',
    async (model) => {
      for (const told of [
        await board.ask({
          from: 'openai-chat',
          to: 'openai-chat',
          model,
          body: { ...ask, max_tokens: 100 },
        }),
        await board.ask({
          from: 'anthropic-messages',
          to: 'openai-chat',
          model,
          body: { ...ask, max_tokens: 100 },
        }),
      ]) {
        expect([
          dig(told.sent[0], 'max_completion_tokens'),
          dig(told.sent[0], 'max_tokens'),
        ]).toEqual([100, undefined])
      }
    },
  )

  it.each([
    ['mistral-chat', 'max_tokens'],
    ['together', 'max_tokens'],
    ['ollama', 'options.num_predict'],
    ['anthropic-messages', 'max_tokens'],
  ])('is %s in the words of its protocol: %s [PB-113]', async (to, field) => {
    for (const given of [
      { max_completion_tokens: 100 },
      { max_completion_tokens: 100, max_tokens: 7 },
    ]) {
      const { body } = await sent(to, given)
      expect(dig(body, field)).toBe(100)
      expect(JSON.stringify(body)).not.toContain('max_completion_tokens')
    }
  })

  it.each([1, 8, 15, 16])(
    'of %i is raised to what Responses takes, and that is told [PB-112]',
    async (limit) => {
      for (const from of ['openai-chat', 'anthropic-messages'] as const) {
        const told = await board.ask({
          from,
          to: 'openai-responses',
          body: { ...ask, max_tokens: limit },
          // Tells of small changes too.
          headers: { 'x-patchbay-policy': 'strict' },
        })
        expect([told.status, dig(told.sent[0], 'max_output_tokens')]).toEqual([200, 16])
        expect(told.headers.get('x-patchbay-notes')?.includes('max_tokens') === true).toBe(
          limit < 16,
        )
      }
    },
  )
})

describe('strings to stop at', () => {
  it.each([
    [['\n'], undefined],
    ['', undefined],
    [['', '\n'], undefined],
    ['END', ['END']],
    [
      ['a', ' ', ' b\n'],
      ['a', ' b\n'],
    ],
  ])('%j are %j for Anthropic, which takes no blank ones [PB-108]', async (stop, expected) => {
    const { body } = await sent('anthropic-messages', { stop })
    expect(dig(body, 'stop_sequences')).toEqual(expected)
  })

  it.each([
    ['gemini', 'generationConfig.stopSequences', 5],
    ['openai-chat', 'stop', 4],
  ] as const)('are no more than %s takes, or refused by name [PB-108]', async (to, field, most) => {
    const stop = Array.from({ length: 6 }, (_, at) => `s${at}`)
    const body = { messages: ask.messages, stop_sequences: stop }
    const refused = await board.ask({ from: 'anthropic-messages', to, body })
    expect([refused.status, refused.sent]).toEqual([400, []])
    const lenient = await board.ask({
      from: 'anthropic-messages',
      to,
      body,
      headers: { 'x-patchbay-policy': 'lenient' },
    })
    const list = dig(lenient.sent[0], field)
    expect(isArray(list) && list).toHaveLength(most)
  })
})

describe('a temperature above what the provider takes', () => {
  it('is lowered with a note, and refused under the strict policy [PB-109]', async () => {
    const { body, notes } = await sent('anthropic-messages', { temperature: 1.2 })
    expect(dig(body, 'temperature')).toBe(1)
    expect(notes).toMatch(/clamped.*temperature/)
    expect(dig((await sent('mistral-chat', { temperature: 1.8 })).body, 'temperature')).toBe(1.5)
    const strict = await board.ask({
      from: 'openai-chat',
      to: 'anthropic-messages',
      body: { ...ask, temperature: 1.2 },
      headers: { 'x-patchbay-policy': 'strict' },
    })
    expect([strict.status, strict.sent, dig(strict.json, 'error.param')]).toEqual([
      400,
      [],
      'temperature',
    ])
  })

  it.each([0, 0.7, 1])('is not what %d is: that goes as it is [PB-109]', async (temperature) => {
    const { body, notes } = await sent('anthropic-messages', { temperature })
    expect([dig(body, 'temperature'), notes.includes('temperature')]).toEqual([temperature, false])
  })
})

it('nobody invents a setting that the client did not give [PB-106]', async () => {
  for (const { from, to } of IDS.flatMap((id) => toProvider(id))) {
    const told = await board.ask({ from, to, body: asked(from, { turns: [user(text('go'))] }) })
    expect(JSON.stringify(told.sent[0])).not.toMatch(/temperature|top_?p|topK|penalty|seed/i)
  }
})
