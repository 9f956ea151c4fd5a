// Results of tools on their way to an upstream: each with its call, whole, and in a form that it takes.
import { describe, expect, it } from 'vitest'
import type { Part } from '../../src/canonical/part.ts'
import { type Json, isArray } from '../../src/wire/json.ts'
import { type Id, IDS, PAIRS, from as fromClient, to as toProvider } from './protocols.ts'
import { asked, assistant, call, result, results, text, user } from './said.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const PDF = 'JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSPj4Kc3RyZWFtCg=='
const image: Part = { type: 'image', source: { kind: 'base64', data: PNG, mediaType: 'image/png' } }
const pdf: Part = {
  type: 'file',
  filename: 'a.pdf',
  source: { kind: 'base64', data: PDF, mediaType: 'application/pdf' },
}

function withMedia(media: Part): readonly Part[] {
  return [{ type: 'tool-result', callId: 'callaaaa1', content: [text('Seen:'), media] }]
}

function history(media: Part) {
  return [
    user(text('look')),
    assistant(call('callaaaa1', 'shot', {})),
    results(...withMedia(media)),
  ]
}

/** Strings of a body that are words for the model, not media. */
function wordsIn(value: Json | undefined, key = ''): readonly string[] {
  if (typeof value === 'string')
    return key === 'text' || key === 'output' || key === 'content' ? [value] : []
  if (isArray(value)) return value.flatMap((item) => wordsIn(item, key))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => wordsIn(inner, name))
}

describe.each(['anthropic-messages', 'openai-responses', 'gemini'] as const)(
  'a picture in a result, from a client of %s',
  (from) => {
    it.each(fromClient(from))(
      'is seen by $to, and no byte of it is read out [PB-045]',
      async ({ to }) => {
        const told = await board.ask({ from, to, body: asked(from, { turns: history(image) }) })
        expect(told.status).toBe(200)
        expect(JSON.stringify(told.sent[0])).toContain(PNG)
        expect(wordsIn(told.sent[0]).join()).not.toContain(PNG)
        expect(wordsIn(told.sent[0]).join()).toContain('Seen:')
        if (to !== 'openai-chat' && to !== 'mistral-chat') return
        const messages = dig(told.sent[0], 'messages')
        expect(
          isArray(messages) && messages.slice(-2).map((message) => dig(message, 'role')),
        ).toEqual(['tool', 'user'])
      },
    )
  },
)

describe('a document in a result', () => {
  it.each(['gemini', 'openai-chat', 'openai-responses', 'mistral-chat'] as const)(
    'is a document for %s, never text [PB-047]',
    async (to) => {
      const body = asked('anthropic-messages', { turns: history(pdf) })
      const told = await board.ask({ from: 'anthropic-messages', to, body })
      expect(told.status).toBe(200)
      expect(JSON.stringify(told.sent[0])).toContain(PDF)
      expect(wordsIn(told.sent[0]).join()).not.toContain(PDF)
    },
  )

  it('is refused where the provider reads none, before any call [PB-047]', async () => {
    const body = asked('anthropic-messages', { turns: history(pdf) })
    const told = await board.ask({ from: 'anthropic-messages', to: 'ollama', body })
    expect([told.status, told.sent]).toEqual([400, []])
    expect(told.text).toContain('file would be dropped')
  })
})

describe.each([1, 2, 5])('%i results', (count) => {
  const ids = Array.from({ length: count }, (_, at) => `callaaaa${at}`)
  const turns = [
    user(text('go')),
    assistant(...ids.map((id) => call(id, 'f', { id }))),
    ...ids.toReversed().map((id) => results(result(id, `of ${id}`))),
  ]
  const clients: readonly Id[] = ['openai-chat', 'openai-responses', 'mistral-chat']

  it.each(clients)(
    'from a client of %s are one message, first in it and in the order of the calls [PB-048]',
    async (from) => {
      for (const also of [[], [user(text('and?'))]]) {
        const body = asked(from, { turns: [...turns, ...also] })
        const claude = await board.ask({ from, to: 'anthropic-messages', body })
        const messages = dig(claude.sent[0], 'messages')
        expect(isArray(messages) && messages).toHaveLength(3)
        const blocks = dig(messages, '2.content')
        expect(
          isArray(blocks) && blocks.map((block) => dig(block, 'tool_use_id') ?? dig(block, 'text')),
        ).toEqual([...ids.toReversed(), ...also.map(() => 'and?')])
        const gemini = await board.ask({ from, to: 'gemini', body })
        const parts = dig(gemini.sent[0], 'contents.2.parts')
        expect(
          isArray(parts) &&
            parts.map((part) => dig(part, 'functionResponse.response.output') ?? dig(part, 'text')),
        ).toEqual([...ids.map((id) => `of ${id}`), ...also.map(() => 'and?')])
      }
    },
  )
})

/** Ids of calls and of results as they stand in a body, in order. */
function idsIn(id: Id, body: Json | undefined): readonly (readonly Json[])[] {
  const text = JSON.stringify(body)
  const found = (pattern: RegExp): readonly Json[] =>
    [...text.matchAll(pattern)].map((match) => match[1] ?? '')
  if (id === 'anthropic-messages')
    return [found(/"type":"tool_use","id":"([^"]*)"/g), found(/"tool_use_id":"([^"]*)"/g)]
  if (id === 'openai-responses')
    return [
      found(/"type":"function_call","call_id":"([^"]*)"|"call_id":"([^"]*)","name"/g),
      found(/"type":"function_call_output","call_id":"([^"]*)"/g),
    ]
  return [
    found(/"id":"([^"]*)","type":"function"|"id":"([^"]*)","function"/g),
    found(/"tool_call_id":"([^"]*)"/g),
  ]
}

const LEGAL: Readonly<Partial<Record<Id, RegExp>>> = {
  'openai-chat': /^.{1,40}$/,
  'openai-responses': /^.{1,64}$/,
  'anthropic-messages': /^[a-zA-Z0-9_-]+$/,
  'mistral-chat': /^[A-Za-z0-9]{9}$/,
}

describe.each(PAIRS.filter(({ from, to }) => LEGAL[to] !== undefined && from !== 'ollama'))(
  'ids from a client of $from',
  ({ from, to }) => {
    it('are legal for $to, the same for call and result, and as they were where they already are [PB-049]', async () => {
      const long = `portkey-${'0123456789abcdef'.repeat(8)}`
      const odd = 'call|1.x:y z'
      const turns = [
        user(text('go')),
        assistant(call(long, 'f', {}), call(odd, 'f', {}), call('abcDEF123', 'f', {})),
        results(result(long, '1')),
        results(result(odd, '2')),
        results(result('abcDEF123', '3')),
      ]
      const body = asked(from, { turns })
      const [told, again] = [
        await board.ask({ from, to, body }),
        await board.ask({ from, to, body }),
      ]
      const [calls = [], answers = []] = idsIn(to, told.sent[0])
      expect(answers).toHaveLength(3)
      expect(new Set(answers).size).toBe(3)
      for (const id of answers) expect(id).toMatch(LEGAL[to] ?? /^$/)
      if (calls.every((id) => id !== '')) expect(calls).toEqual(answers)
      expect(answers[2]).toBe('abcDEF123')
      expect(told.sent).toEqual(again.sent)
    })
  },
)

describe('a session that was interrupted', () => {
  const cut = [
    user(text('go')),
    assistant(call('callaaaa1', 'f', {}), call('callbbbb2', 'g', {})),
    results(result('callbbbb2', 'b')),
    user(text('stop')),
    results(result('callaaaa1', 'late')),
    results(result('callzzzz9', 'of nothing')),
    user(text('on')),
    assistant(call('callcccc3', 'h', {})),
    user(text('again')),
  ]
  const clients: readonly Id[] = ['openai-chat', 'openai-responses', 'mistral-chat']

  it.each(clients.flatMap((from) => fromClient(from)))(
    'goes on for $from before $to: every call with one result right behind it, and what is made up is told [PB-051]',
    async ({ from, to }) => {
      const told = await board.ask({ from, to, body: asked(from, { turns: cut }) })
      expect(told.status).toBe(200)
      const { sent, headers } = told
      const all = JSON.stringify(sent[0])
      for (const words of ['late', 'of nothing', 'stop', 'on', 'again'])
        expect(all).toContain(words)
      if (to === 'ollama') return
      expect(headers.get('x-patchbay-notes')).toMatch(/tool_result/)
      const [, answers = []] = to === 'gemini' ? [[], []] : idsIn(to, sent[0])
      if (to !== 'gemini')
        expect(new Set(answers)).toEqual(new Set(['callaaaa1', 'callbbbb2', 'callcccc3']))
      if (to === 'anthropic-messages') {
        const second = dig(sent[0], 'messages.2.content')
        expect(isArray(second) && second.slice(0, 2).map((one) => dig(one, 'type'))).toEqual([
          'tool_result',
          'tool_result',
        ])
      }
      if (to === 'gemini') {
        expect(dig(sent[0], 'contents.2.parts.0.functionResponse.response')).toEqual({
          output: 'late',
        })
        expect(dig(sent[0], 'contents.2.parts.1.functionResponse.response')).toEqual({
          output: 'b',
        })
      }
    },
  )

  it.each(toProvider('anthropic-messages'))(
    'counts the last of two results of one call, for $from [PB-051]',
    async ({ from }) => {
      if (from === 'gemini' || from === 'ollama') return
      const turns = [
        user(text('go')),
        assistant(call('callaaaa1', 'f', {})),
        results(result('callaaaa1', 'interrupted')),
        results(result('callaaaa1', 'real')),
        user(text('on')),
      ]
      const told = await board.ask({ from, to: 'anthropic-messages', body: asked(from, { turns }) })
      expect(JSON.stringify(dig(told.sent[0], 'messages.2.content.0'))).toContain('real')
      expect(JSON.stringify(dig(told.sent[0], 'messages.2.content.1.type'))).toContain('text')
    },
  )
})

describe('a result without an id', () => {
  const messages = [
    { role: 'user', content: 'go' },
    {
      role: 'assistant',
      content: '',
      tool_calls: [
        { function: { name: 'f', arguments: {} } },
        { function: { name: 'g', arguments: {} } },
      ],
    },
    { role: 'tool', content: 'of g', tool_name: 'g' },
    { role: 'tool', content: 'of f' },
  ]

  it.each(fromClient('ollama').filter(({ to }) => LEGAL[to] !== undefined))(
    'finds its call by name, else by order, before $to [PB-052]',
    async ({ to }) => {
      const told = await board.ask({ from: 'ollama', to, body: { messages } })
      expect(told.status).toBe(200)
      const [, answers = []] = idsIn(to, told.sent[0])
      expect(new Set(answers).size).toBe(2)
      expect(JSON.stringify(told.sent[0])).not.toMatch(/undefined|"tool_call_id":null/)
      const all = JSON.stringify(told.sent[0])
      const idOf = (name: string): string | undefined =>
        new RegExp(`"(?:id|call_id)":"([^"]*)"[^}]*"name":"${name}"`).exec(all)?.[1]
      const of = (words: string): string | undefined =>
        new RegExp(
          `"(?:tool_use_id|tool_call_id|call_id)":"([^"]*)"[^}]*(?:\\[\\{[^}]*)?"${words}"`,
        ).exec(all)?.[1] ?? new RegExp(`"${words}"[^}]*"tool_call_id":"([^"]*)"`).exec(all)?.[1]
      expect(of('of g')).toBe(idOf('g'))
      expect(of('of f')).toBe(idOf('f'))
    },
  )

  it.each(IDS.filter((id) => id === 'anthropic-messages' || id === 'openai-responses'))(
    'is matched or refused by name before %s, never sent without [PB-052]',
    async (to) => {
      const told = await board.ask({
        from: 'openai-chat',
        to,
        body: {
          messages: [
            { role: 'user', content: 'go' },
            {
              role: 'assistant',
              content: null,
              tool_calls: [
                { id: 'callaaaa1', type: 'function', function: { name: 'f', arguments: '{}' } },
              ],
            },
            { role: 'tool', content: 'of f' },
          ],
        },
      })
      expect(told.status).toBe(200)
      expect(idsIn(to, told.sent[0])[1]).toEqual(['callaaaa1'])
    },
  )
})
