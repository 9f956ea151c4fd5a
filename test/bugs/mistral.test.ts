// What Mistral's protocol asks for: ids of nine, and thinking in chunks.
import { describe, expect, it } from 'vitest'
import { type Json, type JsonObject, isArray } from '../../src/wire/json.ts'
import { type Id, IDS, to as toProvider } from './protocols.ts'
import { asked, assistant, call, result, results, said, sse, text, user, whole } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()

describe("Mistral's ids", () => {
  it.each(toProvider('mistral-chat').filter(({ from }) => from !== 'gemini' && from !== 'ollama'))(
    'have nine letters and digits, the same every time, and come back to $from as they were [PB-206]',
    async ({ from }) => {
      const ids = ['call_PTLP8xQ', 'toolu_01ABC', 'turn1_0', 'abcDEF123']
      const turns = [
        user(text('go')),
        assistant(...ids.map((id) => call(id, 'f', {}))),
        ...ids.map((id) => results(result(id, id))),
      ]
      const told = await board.ask({ from, to: 'mistral-chat', body: asked(from, { turns }) })
      const calls = dig(told.sent[0], 'messages.1.tool_calls')
      const sent = isArray(calls) ? calls.map((one) => String(dig(one, 'id'))) : []
      for (const id of sent) expect(id).toMatch(/^[A-Za-z0-9]{9}$/)
      expect([new Set(sent).size, sent[3]]).toEqual([4, 'abcDEF123'])
      expect(ids.map((_, at) => dig(told.sent[0], `messages.${at + 2}.tool_call_id`))).toEqual(sent)
      const reply = said('mistral-chat', { parts: [call('Zz9Zz9Zz9', 'f', {})] }, 'whole')
      const answer = await board.ask({
        from,
        to: 'mistral-chat',
        body: asked(from, { turns }),
        reply,
      })
      expect(answer.text).toContain('Zz9Zz9Zz9')
    },
  )
})

const choice = (fields: JsonObject): Json => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason: null, ...fields }],
})

describe("Mistral's chunks of thinking", () => {
  const content = [
    { type: 'thinking', thinking: [{ type: 'text', text: 'Okay' }] },
    { type: 'text', text: 'Yes' },
    { type: 'reference', reference_ids: [1] },
  ]
  it.each(IDS.filter((id): id is Exclude<Id, 'mistral-chat'> => id !== 'mistral-chat'))(
    'are thinking and text for a client of %s, whole and streamed [PB-207]',
    async (from) => {
      const body = asked(from, { turns: [user(text('go'))] })
      const reply = whole({
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      })
      const streamed = sse(
        choice({ delta: { role: 'assistant', content: [content[0] ?? null] } }),
        choice({ delta: { content: 'Y' } }),
        choice({ delta: { content: [{ type: 'text', text: 'es' }] } }),
        choice({ delta: { content: '' }, finish_reason: 'stop' }),
        'data: [DONE]\n\n',
      )
      for (const told of [
        await board.ask({ from, to: 'mistral-chat', body, reply }),
        await board.ask({ from, to: 'mistral-chat', stream: true, body, reply: streamed }),
      ]) {
        const parts = told.heard.candidates[0]?.parts ?? []
        expect(
          parts
            .filter((part) => part.type === 'reasoning')
            .map((part) => part.text)
            .join(''),
        ).toBe('Okay')
        expect(parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')).toBe(
          'Yes',
        )
        expect(told.text).not.toMatch(/object Object|reference_ids/)
      }
    },
  )
})
