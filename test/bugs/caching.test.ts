// Marks of what a provider may keep: they arrive where they were set, or are told to be lost.
import { describe, expect, it } from 'vitest'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([{ providerType: 'openrouter', name: 'openrouter' }])
const MARK = { type: 'ephemeral', ttl: '1h' } as const
const marked = { type: 'text', text: 'Long.', cache_control: MARK }

describe('marks for the cache', () => {
  const body = {
    system: [marked],
    tools: [{ name: 'f', input_schema: { type: 'object' }, cache_control: MARK }],
    messages: [
      { role: 'user', content: [marked] },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {}, cache_control: MARK }],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok', cache_control: MARK },
        ],
      },
    ],
  }

  it('of an Anthropic client reach Anthropic as they are [PB-084]', async () => {
    const told = await board.ask({ from: 'anthropic-messages', to: 'anthropic-messages', body })
    expect(told.sent[0]).toMatchObject(body)
  })

  it('of a Chat client reach Anthropic: on instructions, parts, tools [PB-084]', async () => {
    const told = await board.ask({
      from: 'openai-chat',
      to: 'anthropic-messages',
      body: {
        messages: [
          { role: 'system', content: [marked] },
          { role: 'user', content: [marked] },
        ],
        tools: [
          {
            type: 'function',
            function: { name: 'f', parameters: { type: 'object' } },
            cache_control: MARK,
          },
        ],
      },
    })
    expect(dig(told.sent[0], 'system.0')).toMatchObject({ text: 'Long.', cache_control: MARK })
    expect(dig(told.sent[0], 'messages.0.content.0.cache_control')).toEqual(MARK)
    expect(dig(told.sent[0], 'tools.0.cache_control')).toEqual(MARK)
  })

  it('go to a host that passes them on [PB-084]', async () => {
    const told = await board.ask({ from: 'anthropic-messages', to: 'openrouter', body })
    expect(JSON.stringify(told.sent[0])).toContain('cache_control')
  })

  it.each(['openai-chat', 'openai-responses', 'gemini', 'mistral-chat', 'ollama'])(
    'do not go to %s, and that is told [PB-084]',
    async (to) => {
      // The strict policy tells of advice that is lost.
      const headers = { 'x-patchbay-policy': 'strict' }
      const told = await board.ask({ from: 'anthropic-messages', to, body, headers })
      expect(told.status).toBe(200)
      expect(JSON.stringify(told.sent[0])).not.toContain('cache_control')
      expect(told.headers.get('x-patchbay-notes')).toMatch(/cache/)
    },
  )
})
