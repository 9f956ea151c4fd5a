// Messages on their way to an upstream: roles, places, empty text, and pieces that only some protocols know.
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/wire/json.ts'
import { isArray, isObject } from '../../src/wire/json.ts'
import { type Id, IDS, from as fromClient, to as toProvider } from './protocols.ts'
import { asked, assistant, call, result, results, said, text, user } from './said.ts'
import { type Told, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  { providerType: 'groq', name: 'groq' },
  { providerType: 'custom', name: 'strict', settings: { flags: { nullContent: false } } },
])

const PATCH = '*** Begin Patch\n*** Update File: a "b" \\ c.ts\n+const x = `🌍`\n*** End Patch\n'
const GRAMMAR = 'start: "*** Begin Patch" line+'
const APPLY = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files.',
  format: { type: 'grammar', syntax: 'lark', definition: GRAMMAR },
}
const HISTORY: readonly JsonObject[] = [
  { role: 'user', content: 'Patch it.' },
  { type: 'custom_tool_call', call_id: 'callaaaa1', name: 'apply_patch', input: PATCH },
  { type: 'custom_tool_call_output', call_id: 'callaaaa1', output: 'Done.' },
  { role: 'user', content: 'Once more.' },
]

describe.each(['groq', 'anthropic-messages', 'gemini', 'mistral-chat', 'ollama'])(
  'a Responses client with free-text tools, before %s',
  (to) => {
    const spoken: Id = to === 'groq' ? 'openai-chat' : (IDS.find((id) => id === to) ?? 'ollama')

    it.each(['whole', 'stream'] as const)(
      'gets its call with the text as it was said, %s [PB-035]',
      async (shape) => {
        const parts = [call('callbbbb2', 'apply_patch', { input: PATCH })]
        const told = await board.ask({
          from: 'openai-responses',
          to,
          stream: shape === 'stream',
          body: { input: [...HISTORY], tools: [APPLY] },
          reply: said(spoken, { parts }, shape),
        })
        expect(told.status).toBe(200)
        const sent = JSON.stringify(told.sent[0])
        expect(sent).toContain(JSON.stringify(GRAMMAR).slice(1, -1))
        expect(sent).toContain(JSON.stringify(PATCH).slice(1, -1).slice(0, 15))
        expect(told.heard.candidates[0]?.parts).toMatchObject([
          { kind: 'custom', name: 'apply_patch', arguments: { text: PATCH } },
        ])
        if (shape === 'whole') {
          expect(dig(told.json, 'output.0')).toMatchObject({
            type: 'custom_tool_call',
            input: PATCH,
          })
        } else {
          const events = told.frames.map(({ event }) => event)
          expect(events).toContain('response.custom_tool_call_input.delta')
          expect(events).toContain('response.custom_tool_call_input.done')
        }
      },
    )
  },
)

describe('instructions in the middle of a conversation', () => {
  const before = [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { role: 'system', content: 'The date has changed.' },
    { role: 'user', content: 'c' },
  ]
  const after = [
    ...before,
    { role: 'assistant', content: 'd' },
    { role: 'system', content: 'Later.' },
    { role: 'user', content: 'e' },
  ]

  it.each([
    ['anthropic-messages', 'messages', 'system'],
    ['gemini', 'contents', 'systemInstruction'],
  ] as const)(
    'stay where they are for %s, so that what came before keeps its words [PB-036]',
    async (to, list, top) => {
      const first = await board.ask({ from: 'openai-chat', to, body: { messages: before } })
      const second = await board.ask({ from: 'openai-chat', to, body: { messages: after } })
      const messages = (told: Told): readonly Json[] => {
        const found = dig(told.sent[0], list)
        return isArray(found) ? found : []
      }
      expect(dig(second.sent[0], top)).toEqual(dig(first.sent[0], top))
      expect(JSON.stringify(dig(first.sent[0], top))).not.toContain('date')
      expect(messages(second).slice(0, messages(first).length)).toEqual(messages(first))
      expect(JSON.stringify(messages(first).slice(2))).toMatch(/date has changed.*"c"/)
      expect(first.headers.get('x-patchbay-notes')).toContain('system_position')
    },
  )
})

/** Each message's role, and the text in it. */
function outline(body: Json | undefined): readonly string[] {
  const list = dig(body, 'messages') ?? dig(body, 'contents') ?? dig(body, 'input')
  if (!isArray(list)) return []
  return list.map((message) => `${String(dig(message, 'role'))}: ${wordsIn(message).join('|')}`)
}

function wordsIn(value: Json | undefined): readonly string[] {
  if (isArray(value)) return value.flatMap((item) => wordsIn(item))
  if (!isObject(value)) return []
  const { content, parts, text: words } = value
  if (typeof words === 'string') return [words]
  if (typeof content === 'string') return [content]
  return [...wordsIn(content), ...wordsIn(parts)]
}

describe('who speaks after whom', () => {
  const odd = [
    assistant(text('a')),
    assistant(text('b')),
    user(text('c')),
    user(text('d')),
    assistant(text('begun  ')),
  ]

  it.each(['openai-chat', 'mistral-chat', 'ollama'] as const)(
    'a client of %s may say it as it likes, before a model that does not go on with an answer [PB-039]',
    async (from) => {
      const told = await board.ask({
        from,
        to: 'anthropic-messages',
        model: 'claude-opus-4-7',
        body: asked(from, { turns: odd }),
      })
      expect(outline(told.sent[0])).toEqual([
        'user: Continue.',
        'assistant: a|b',
        'user: c',
        'user: d',
        'assistant: begun  ',
        'user: Continue.',
      ])
      const gemini = await board.ask({ from, to: 'gemini', body: asked(from, { turns: odd }) })
      expect(outline(gemini.sent[0])).toEqual([
        'user: Continue.',
        'model: a|b',
        'user: c|d',
        'model: begun  ',
        'user: Continue.',
      ])
    },
  )

  it('an answer that was begun stays the last word for models that go on with it, without blanks at its end [PB-039]', async () => {
    const body = asked('openai-chat', { turns: odd })
    const to = 'anthropic-messages'
    const told = await board.ask({ from: 'openai-chat', to, model: 'claude-sonnet-4-5', body })
    expect(outline(told.sent[0]).at(-1)).toBe('assistant: begun')
    const mistral = await board.ask({ from: 'openai-chat', to: 'mistral-chat', body })
    const last = dig(mistral.sent[0], 'messages')
    expect(isArray(last) && last.at(-1)).toMatchObject({ role: 'assistant', prefix: true })
  })
})

describe.each(toProvider('anthropic-messages'))('empty text from a client of $from', ({ from }) => {
  it('does not reach a provider that refuses it, and what is left of its message does [PB-040]', async () => {
    const turns = [
      user(text('go')),
      assistant(text(''), call('callaaaa1', 'f', {})),
      results(result('callaaaa1', 'ok')),
      assistant(text('  \n')),
      user(text(''), text('on')),
    ]
    const told = await board.ask({ from, to: 'anthropic-messages', body: asked(from, { turns }) })
    const { sent } = told
    expect(JSON.stringify(sent[0])).not.toMatch(/"text":"\s*(?:\\n)?"/)
    expect(dig(sent[0], 'messages.1.content')).toMatchObject([{ type: 'tool_use', name: 'f' }])
    expect(dig(sent[0], 'messages.2.content.0')).toMatchObject({ type: 'tool_result' })
    expect(outline(sent[0]).at(-1)).toMatch(/on$/)
  })
})

describe('an assistant message without text', () => {
  const turns = [
    user(text('go')),
    assistant(call('callaaaa1', 'f', {})),
    results(result('callaaaa1', 'ok')),
  ]

  it.each(toProvider('openai-chat'))(
    'from $from is null beside calls, and empty without [PB-041]',
    async ({ from }) => {
      const told = await board.ask({ from, to: 'openai-chat', body: asked(from, { turns }) })
      const message = dig(told.sent[0], 'messages.1')
      expect(isObject(message) && message['content']).toBeNull()
    },
  )

  it.each(fromClient('openai-chat'))(
    'from $to has null for its content, never nothing [PB-041]',
    async ({ to }) => {
      const body = { messages: [{ role: 'user', content: 'go' }] }
      const parts = [call('callaaaa1', 'f', {})]
      const told = await board.ask({
        from: 'openai-chat',
        to,
        body,
        reply: said(to, { parts }, 'whole'),
      })
      const message = dig(told.json, 'choices.0.message')
      expect(isObject(message) && message['content']).toBeNull()
    },
  )

  it('is empty text for a host that takes no null [PB-041]', async () => {
    const own = asked('anthropic-messages', { turns })
    const told = await board.ask({ from: 'anthropic-messages', to: 'strict', body: own })
    expect(dig(told.sent[0], 'messages.1.content')).toBe('')
    const silent = {
      messages: [
        { role: 'user', content: 'go' },
        { role: 'assistant', content: null },
      ],
    }
    const same = await board.ask({ from: 'openai-chat', to: 'strict', body: silent })
    expect(dig(same.sent[0], 'messages.1.content')).toBe('')
  })
})
