// What Claude Code and Anthropic's newest SDK send beyond the common fields (clients README §0.2, §0.5, §6.10).
import { describe, expect, it } from 'vitest'
import { IDS, from as fromClient } from '../bugs/protocols.ts'
import { begun, whole } from '../bugs/said.ts'
import { dig, useSwitchboard } from '../bugs/switchboard.ts'

const board = useSwitchboard()
const from = 'anthropic-messages'
const user = { role: 'user', content: 'say pong' }

describe.each(fromClient(from))('Claude Code before $to', ({ to }) => {
  it('may set its turn with a system message that is empty and has a key more', async () => {
    const messages = [user, { role: 'system', content: [], output_config: { effort: 'low' } }]
    const told = await board.ask({ from, to, body: { messages, max_tokens: 32_000 } })
    expect(told.status).toBe(200)
    expect(JSON.stringify(told.sent[0])).toContain('say pong')
    expect(dig(told.json, 'content.0.text')).toBe('pong')
  })

  it('may say more to the model in a system message between the others', async () => {
    const messages = [
      user,
      { role: 'system', content: [{ type: 'text', text: 'Only this folder.' }] },
    ]
    const told = await board.ask({ from, to, body: { messages } })
    expect(told.status).toBe(200)
    expect(JSON.stringify(told.sent[0])).toContain('Only this folder.')
  })

  it('may give its system as blocks with cache marks, thinking as adaptive, and fields of betas', async () => {
    const told = await board.ask({
      from,
      to,
      stream: true,
      headers: { 'anthropic-beta': 'claude-code-20250219,context-management-2025-06-27' },
      body: {
        messages: [user],
        system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
        thinking: { type: 'adaptive' },
        max_tokens: 64_000,
        context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
        output_config: { effort: 'medium' },
        metadata: { user_id: 'u' },
        tools: [
          { name: 'Read', input_schema: { type: 'object', properties: {} }, defer_loading: true },
        ],
      },
    })
    expect(told.status).toBe(200)
    expect(JSON.stringify(told.sent[0])).toContain('Be brief.')
    expect(told.frames.at(-1)?.event).toBe('message_stop')
  })

  it('asks again without a stream where the first broke, and is answered whole', async () => {
    const body = { messages: [user] }
    const reply = begun(to, ['po'], { ending: 'cut' })
    const broken = await board.ask({ from, to, body, stream: true, reply })
    expect(broken.frames.at(-1)?.event).toBe('error')
    const again = await board.ask({ from, to, body: { ...body, stream: false } })
    expect(dig(again.json, 'content.0.text')).toBe('pong')
  })
})

describe('before Anthropic', () => {
  it('the empty system message and its key pass as they are', async () => {
    const messages = [user, { role: 'system', content: [], output_config: { effort: 'low' } }]
    const told = await board.ask({ from, to: from, body: { messages } })
    expect(dig(told.sent[0], 'messages')).toEqual(messages)
  })

  it('a thread of the tool runner passes as it is', async () => {
    const thread = { type: 'create' }
    const told = await board.ask({ from, to: from, body: { messages: [user], thread } })
    expect(dig(told.sent[0], 'thread')).toEqual(thread)
  })
})

describe('its greeting and its count', () => {
  it('are answered for every provider, with the count of what is there', async () => {
    const { url, key } = board.open()
    const hello = await fetch(`${url}/api/hello`, { method: 'HEAD' })
    expect(hello.status).toBe(200)
    for (const to of IDS.filter((id) => id !== 'anthropic-messages' && id !== 'gemini')) {
      board.open().upstream.answer(() => whole({}, 404))
      const counted = await fetch(`${url}/v1/messages/count_tokens?beta=true`, {
        method: 'POST',
        headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({
          model: `${to}/model-x`,
          messages: [user],
          system: 'word '.repeat(500),
          tools: [
            { name: 'f', description: 'word '.repeat(500), input_schema: { type: 'object' } },
          ],
        }),
      })
      expect([to, counted.status]).toEqual([to, 200])
      const { input_tokens: tokens } = Object(await counted.json())
      expect(tokens).toBeGreaterThan(1000)
    }
  })
})
