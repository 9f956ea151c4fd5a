// Why an answer ended: a call that was cut is no call to make, and one that was made is not overlooked.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/wire/json.ts'
import { type Pair, from as fromClient, to as toProvider } from './protocols.ts'
import { asked, call, said, sse, text, user, whole } from './said.ts'
import type { ScriptedReply } from '../fake-upstream.ts'
import { datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()

function gemini(finishReason: string, parts: readonly Json[]): Json {
  return { candidates: [{ content: { role: 'model', parts }, finishReason }] }
}
const CALL = { functionCall: { name: 'f', args: {} } }

/** The vendor's word in a client's answer. */
async function wordOf(
  { from, to }: Pair,
  reply: ScriptedReply,
  stream = false,
): Promise<string | undefined> {
  const body = asked(from, { turns: [user(text('go'))] })
  const told = await board.ask({ from, to, stream, body, reply })
  const finish = told.heard.candidates[0]?.finish
  // A word that this wire lacks is `stop` there, which beside a call our own decoder reads as one to make.
  return from === 'mistral-chat' && finish?.raw === 'stop' ? 'stop' : finish?.reason
}

describe.each(['openai-chat', 'anthropic-messages', 'openai-responses', 'mistral-chat'] as const)(
  'a client of %s',
  (from) => {
    it.each([
      ['MAX_TOKENS', 'length'],
      [
        'SAFETY',
        from === 'mistral-chat'
          ? 'stop'
          : from === 'anthropic-messages'
            ? 'refusal'
            : 'content-filter',
      ],
    ])('hears %s of Gemini, though there was a call [PB-096]', async (word, expected) => {
      const answer = gemini(word, [CALL])
      const heard = [
        await wordOf({ from, to: 'gemini' }, whole(answer)),
        await wordOf({ from, to: 'gemini' }, sse(answer), true),
      ]
      for (const one of heard) expect([expected, 'content-filter']).toContain(one)
      expect(heard).not.toContain('tool-calls')
    })

    it('hears of a call where Gemini says STOP in a later chunk [PB-098]', async () => {
      const first: Json = { candidates: [{ content: { role: 'model', parts: [CALL] } }] }
      const heard = await wordOf(
        { from, to: 'gemini' },
        sse(first, gemini('STOP', [{ text: '' }])),
        true,
      )
      expect(heard).toBe('tool-calls')
      expect(await wordOf({ from, to: 'gemini' }, whole(gemini('STOP', [CALL])))).toBe('tool-calls')
    })

    it('hears of a call where Ollama says stop [PB-098]', async () => {
      const reply = said('ollama', { parts: [call('callaaaa1', 'f', {})] }, 'whole')
      expect(await wordOf({ from, to: 'ollama' }, reply)).toBe('tool-calls')
      const streamed = said('ollama', { parts: [call('callaaaa1', 'f', {})] }, 'stream')
      expect(await wordOf({ from, to: 'ollama' }, streamed, true)).toBe('tool-calls')
    })
  },
)

const item = (status: string): Json => ({
  type: 'function_call',
  id: 'fc',
  call_id: 'callaaaa1',
  name: 'f',
  arguments: '{"p":',
  status,
})

describe('a Responses host that cuts a call', () => {
  const R = { id: 'r', object: 'response', created_at: 1, model: 'm' }
  const stream = (status: string) =>
    sse(
      {
        type: 'response.created',
        sequence_number: 0,
        response: { ...R, status: 'in_progress', output: [] },
      },
      {
        type: 'response.output_item.added',
        sequence_number: 1,
        output_index: 0,
        item: {
          type: 'function_call',
          id: 'fc',
          call_id: 'callaaaa1',
          name: 'f',
          arguments: '',
          status: 'in_progress',
        },
      },
      { type: 'response.something_new', sequence_number: 2, output_index: 0, whatever: true },
      {
        type: 'response.function_call_arguments.delta',
        sequence_number: 3,
        item_id: 'fc',
        output_index: 0,
        delta: '{"p":',
      },
      {
        type: 'response.output_item.done',
        sequence_number: 4,
        output_index: 0,
        item: item(status),
      },
      {
        type: 'response.incomplete',
        sequence_number: 5,
        response: {
          ...R,
          status: 'incomplete',
          incomplete_details: { reason: 'max_output_tokens' },
          output: [item(status)],
        },
      },
    )
  it.each(
    toProvider('openai-responses').flatMap(({ from }) =>
      ['incomplete', 'in_progress', 'yet_another'].map((status) => ({ from, status })),
    ),
  )(
    'lets $from hear what came of it, and that the length was reached ($status) [PB-099]',
    async ({ from, status }) => {
      const body = asked(from, { turns: [user(text('go'))] })
      const told = await board.ask({
        from,
        to: 'openai-responses',
        stream: true,
        body,
        reply: stream(status),
      })
      expect(told.heard.error).toBeUndefined()
      expect(told.heard.candidates[0]?.finish?.reason).toBe('length')
      if (from === 'openai-chat' || from === 'anthropic-messages' || from === 'mistral-chat')
        expect(told.text).toContain(String.raw`{\"p\":`)
    },
  )

  it.each(fromClient('openai-responses'))(
    'is what our own stream is like where $to cut one [PB-099]',
    async ({ to }) => {
      const reply = said(to, { parts: [text('Hm')], finish: 'length' }, 'stream')
      const told = await board.ask({
        from: 'openai-responses',
        to,
        stream: true,
        body: { input: 'go' },
        reply,
      })
      expect(datas(told).at(-1)).toMatchObject({
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      })
      expect(dig(datas(told).at(-1), 'response.output.0.status')).toBe('incomplete')
    },
  )
})
