// How streams end: an end is told only where the upstream has told one, and a failure is told as one.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/canonical/errors.ts'
import { judge } from '../../src/dialects/anthropic-messages/message-automaton.arbitrary.ts'
import { chunk } from './chunks.ts'
import { IDS, PAIRS, from as fromClient } from './protocols.ts'
import { asked, begun, sse, text, user } from './said.ts'
import { datas, dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard([
  { providerType: 'custom', name: 'translated', settings: { passThrough: false } },
])

describe.each(PAIRS)('$from, answered by $to', ({ from, to }) => {
  const body = asked(from, { turns: [user(text('go'))] })

  it.each(['end', 'cut', 'reset'] as const)(
    'hears of a failure where half an answer came, with no word of its end (%s) [PB-023]',
    async (ending) => {
      const reply = begun(to, ['half ', 'an answer'], { ending })
      const told = await board.ask({ from, to, stream: true, body, reply })
      expect(told.status).toBe(200)
      const { error, candidates } = told.heard
      expect(candidates[0]?.parts).toMatchObject([{ text: 'half an answer' }])
      expect(error).toBeInstanceOf(GatewayError)
      expect(candidates[0]?.finish).toBeUndefined()
      expect(told.text).not.toMatch(/"(?:end_turn|STOP|message_stop|response\.completed)"/)
      expect(told.text).not.toMatch(/"done":true|"finish_reason":"/)
    },
  )

  it('gets a status where the upstream failed before its first word [PB-023]', async () => {
    const told = await board.ask({ from, to, stream: true, body, reply: begun(to, []) })
    expect(told.status).toBe(502)
    expect(told.heard.error?.message).toMatch(/ended|broke off/)
  })
})

describe('a provider whose streams break', () => {
  it('is counted as failed [PB-023]', async () => {
    const { manager } = board.open().opened.gateway
    const errors = (): number =>
      manager.getStatus().providers.find(({ name }) => name === 'gemini')?.stats.errors ?? 0
    const before = errors()
    const body = asked('ollama', { turns: [user(text('go'))] })
    const reply = begun('gemini', ['half'], { ending: 'reset' })
    await board.ask({ from: 'ollama', to: 'gemini', stream: true, body, reply })
    expect(errors()).toBe(before + 1)
  })
})

describe.each(fromClient('anthropic-messages'))(
  'an Anthropic client, answered by $to',
  ({ to }) => {
    const body = { messages: [{ role: 'user', content: 'go' }] }

    it.each([
      ['rate_limit', 'rate_limit_error', 429],
      ['overloaded', 'overloaded_error', 529],
      ['upstream', 'api_error', 502],
    ] as const)(
      'hears of %s in the open stream, and of no end [PB-027]',
      async (kind, type, status) => {
        const error = new GatewayError(kind, 'It went wrong upstream.')
        const from = 'anthropic-messages'
        const late = await board.ask({
          from,
          to,
          stream: true,
          body,
          reply: begun(to, ['half'], { error }),
        })
        expect(judge(late.frames)).toMatchObject({ wrong: undefined, end: 'error' })
        expect(late.text).not.toMatch(/message_stop|end_turn/)
        const early = await board.ask({
          from,
          to,
          stream: true,
          body,
          reply: begun(to, [], { error }),
        })
        // Gemini's errors in a stream have a status of their own for each kind; Ollama's are words alone.
        if (to !== 'ollama') {
          expect(dig(datas(late).at(-1), 'error.type')).toBe(type)
          expect([early.status, dig(early.json, 'error.type')]).toEqual([status, type])
        } else expect(early.status).toBeGreaterThanOrEqual(500)
      },
    )
  },
)

describe('a stream of chunks that ends without [DONE]', () => {
  const reply = sse(chunk({ content: 'Hello' }), chunk({}, 'stop'))
  it.each(IDS)('is whole for %s [PB-028]', async (from) => {
    const body = asked(from, { turns: [user(text('go'))] })
    const told = await board.ask({ from, to: 'openai-chat', stream: true, body, reply })
    const { candidates, error } = told.heard
    expect([error, candidates[0]?.finish?.reason]).toEqual([undefined, 'stop'])
  })

  it('ends in [DONE] for a client of the same protocol when it is translated [PB-028]', async () => {
    const body = { messages: [{ role: 'user', content: 'go' }] }
    const from = 'openai-chat'
    const told = await board.ask({ from, to: 'translated', stream: true, body, reply })
    expect(told.text).toMatch(/data: \[DONE\]\n\n$/)
  })

  it('is whole though the connection breaks behind its finish [PB-028]', async () => {
    const from = 'anthropic-messages'
    const body = { messages: [{ role: 'user', content: 'go' }] }
    const broken = { ...reply, ending: 'reset' as const }
    const told = await board.ask({ from, to: 'openai-chat', stream: true, body, reply: broken })
    expect(judge(told.frames)).toMatchObject({ wrong: undefined, end: 'stop' })
  })
})
