// What Gemini's protocol asks for: the order of turns, results with names, answers without words, arrays that stream.
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, isArray } from '../../src/wire/json.ts'
import { from as fromClient, to as toProvider } from './protocols.ts'
import { asked, assistant, call, result, results, said, sse, text, user, whole } from './said.ts'
import { datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const ask = { messages: [{ role: 'user', content: 'go' }] }

describe('what Gemini says beside the text, before its last chunk', () => {
  const grounding = {
    webSearchQueries: ['x'],
    groundingChunks: [{ web: { uri: 'https://e.com', title: 'E' } }],
    groundingSupports: [
      { segment: { startIndex: 0, endIndex: 2, text: 'Hi' }, groundingChunkIndices: [0] },
    ],
  }
  const all = {
    candidates: [
      {
        content: { role: 'model', parts: [{ text: 'Hi' }] },
        groundingMetadata: grounding,
        finishReason: 'STOP',
      },
    ],
  }
  it.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)(
    'reaches a client of %s as it does when it is whole [PB-199]',
    async (from) => {
      const body = asked(from, { turns: [user(text('go'))] })
      const one = await board.ask({ from, to: 'gemini', body, reply: whole(all) })
      const streamed = sse(
        { candidates: [{ content: { role: 'model', parts: [{ text: 'H' }] } }] },
        {
          candidates: [
            { content: { role: 'model', parts: [{ text: 'i' }] }, groundingMetadata: grounding },
          ],
        },
        {
          candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }],
          usageMetadata: {
            promptTokenCount: 1,
            candidatesTokenCount: 1,
            totalTokenCount: 2,
            serviceTier: 'standard',
          },
        },
      )
      const other = await board.ask({ from, to: 'gemini', stream: true, body, reply: streamed })
      const cited = (heard: typeof one.heard): unknown =>
        heard.candidates[0]?.parts.flatMap((part) =>
          part.type === 'text' ? (part.citations?.map(({ url }) => url) ?? []) : [],
        )
      expect(cited(other.heard)).toEqual(cited(one.heard))
      if (from !== 'anthropic-messages') expect(cited(one.heard)).toEqual(['https://e.com'])
    },
  )
})

describe('a conversation cut anywhere, before Gemini', () => {
  const turns = [
    user(text('a')),
    assistant(text('b'), call('callaaaa1', 'f', {}), call('callbbbb2', 'g', {})),
    results(result('callaaaa1', '1')),
    results(result('callbbbb2', '2')),
    assistant(text('c')),
    user(text('d')),
    assistant(text('e')),
  ]
  const cuts = turns.flatMap((_, from) =>
    turns.slice(from).map((__, length) => [from, from + length + 1] as const),
  )
  it.each(['openai-chat', 'openai-responses', 'mistral-chat'] as const)(
    'from a client of %s has an order that it takes [PB-201]',
    async (from) => {
      for (const [start, end] of cuts) {
        const told = await board.ask({
          from,
          to: 'gemini',
          body: asked(from, { turns: turns.slice(start, end) }),
        })
        expect(told.status).toBe(200)
        expect(faults(dig(told.sent[0], 'contents'))).toEqual([])
      }
    },
  )

  it('is not asked again when it is refused all the same [PB-201]', async () => {
    const reply = whole(
      {
        error: {
          code: 400,
          message: 'Please ensure that function call turn comes immediately after a user turn',
          status: 'INVALID_ARGUMENT',
        },
      },
      400,
    )
    const told = await board.ask({ from: 'openai-chat', to: 'gemini', body: ask, reply })
    expect([told.status, told.sent.length]).toEqual([400, 1])
  })
})

function faults(contents: Json | undefined): readonly string[] {
  if (!isArray(contents)) return ['no contents']
  const roles = contents.map((content) => dig(content, 'role'))
  const counts = (at: number, key: string): number => {
    const parts = dig(contents[at], 'parts')
    return isArray(parts) ? parts.filter((part) => dig(part, key) !== undefined).length : 0
  }
  return [
    ...(roles[0] === 'user' ? [] : ['the model speaks first']),
    ...(roles.at(-1) === 'user' ? [] : ['the model speaks last']),
    ...roles.flatMap((role, at) =>
      role === roles[at + 1] ? [`${String(role)} speaks twice`] : [],
    ),
    ...contents.flatMap((_, at) => {
      const calls = at === 0 ? 0 : counts(at - 1, 'functionCall')
      return counts(at, 'functionResponse') === calls ? [] : [`${calls} calls, other results`]
    }),
  ]
}

describe('an answer of Gemini without words', () => {
  const SHAPES: readonly (readonly [string, JsonObject, RegExp])[] = [
    [
      'a blocked prompt',
      { candidates: [], promptFeedback: { blockReason: 'SAFETY' } },
      /content-filter|refusal/,
    ],
    [
      'MAX_TOKENS',
      {
        candidates: [{ finishReason: 'MAX_TOKENS' }],
        usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
      },
      /length/,
    ],
    ['SAFETY', { candidates: [{ finishReason: 'SAFETY' }] }, /content-filter|refusal/],
    ['RECITATION', { candidates: [{ finishReason: 'RECITATION' }] }, /content-filter|refusal/],
    [
      'STOP',
      { candidates: [{ finishReason: 'STOP', content: { role: 'model', parts: [] } }] },
      /stop/,
    ],
  ]
  it.each(SHAPES)(
    'after %s is told by its reason, whole and streamed [PB-202]',
    async (_, answer, reason) => {
      for (const from of ['openai-chat', 'anthropic-messages', 'openai-responses'] as const) {
        const body = asked(from, { turns: [user(text('go'))] })
        for (const told of [
          await board.ask({ from, to: 'gemini', body, reply: whole(answer) }),
          await board.ask({ from, to: 'gemini', stream: true, body, reply: sse(answer) }),
        ]) {
          expect(told.status).toBe(200)
          expect(told.heard.candidates[0]?.finish?.reason ?? 'stop').toMatch(reason)
        }
      }
    },
  )

  it('for a call that went wrong is no clean end [PB-202]', async () => {
    const answer = {
      candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'bad' }],
    }
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'gemini',
      body: ask,
      reply: whole(answer),
    })
    expect(told.heard.candidates[0]?.finish?.reason).not.toBe('tool-calls')
  })
})

describe.each(fromClient('gemini'))('a Gemini client before $to', ({ to }) => {
  it('that asks for no events gets one JSON array, whole also where the stream fails [PB-203]', async () => {
    const { url, key, upstream } = board.open()
    for (const reply of [
      said(to, { parts: [text('pong')] }, 'stream'),
      { ...said(to, { parts: [text('pong')] }, 'stream'), ending: 'cut' as const },
    ]) {
      upstream.answer(() => reply)
      const response = await fetch(`${url}/v1beta/models/${to}/m:streamGenerateContent`, {
        method: 'POST',
        headers: { 'x-goog-api-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'go' }] }] }),
      })
      expect(response.headers.get('content-type')).toContain('application/json')
      const list: Json = JSON.parse(await response.text())
      expect(isArray(list) && JSON.stringify(list)).toContain('pong')
    }
  })

  it('gets no part with empty text but the last one, which has to hold something [PB-203]', async () => {
    const told = await board.ask({
      from: 'gemini',
      to,
      stream: true,
      body: asked('gemini', { turns: [user(text('go'))] }),
    })
    expect(datas(told).length).toBeGreaterThan(0)
    for (const frame of datas(told)) {
      const empty = JSON.stringify(frame).includes('"text":""')
      expect(empty && dig(frame, 'candidates.0.finishReason') === undefined).toBe(false)
    }
  })
})

it.each(toProvider('gemini'))(
  'Gemini is always asked for events by $from [PB-203]',
  async ({ from }) => {
    await board.ask({
      from,
      to: 'gemini',
      stream: true,
      body: asked(from, { turns: [user(text('go'))] }),
    })
    expect(board.open().upstream.requests.at(-1)?.path).toMatch(/:streamGenerateContent\?alt=sse$/)
  },
)

describe.each(['openai-chat', 'openai-responses', 'anthropic-messages'] as const)(
  'results of a client of %s',
  (from) => {
    it('have the names of their calls for Gemini, as many as calls, in their order, as objects [PB-204]', async () => {
      const turns = [
        user(text('go')),
        assistant(
          call('callaaaa1', 'f', {}),
          call('callbbbb2', 'g', {}),
          call('callcccc3', 'h', {}),
        ),
        results(result('callcccc3', '3'), result('callaaaa1', '1')),
        user(text('and?')),
      ]
      const told = await board.ask({ from, to: 'gemini', body: asked(from, { turns }) })
      const parts = dig(told.sent[0], 'contents.2.parts')
      expect(
        isArray(parts) &&
          parts.map((part) => dig(part, 'functionResponse.name') ?? dig(part, 'text')),
      ).toEqual(['f', 'g', 'h', 'and?'])
      expect(
        isArray(parts) && parts.slice(0, 3).map((part) => dig(part, 'functionResponse.response')),
      ).toEqual([{ output: '1' }, { error: expect.any(String) }, { output: '3' }])
      expect(told.headers.get('x-patchbay-notes')).toContain('tool_result')
    })
  },
)
