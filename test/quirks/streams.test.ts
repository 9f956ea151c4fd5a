// What each client's stream reader insists on, whatever protocol the upstream speaks (clients README §1, "What each needs from a stream").
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/canonical/errors.ts'
import { faultsOfStream } from '../../src/dialects/mistral-chat/strict-client.contract.ts'
import { type Json, isArray, isObject } from '../../src/wire/json.ts'
import { type Id, IDS } from '../bugs/protocols.ts'
import { PONG, begun, call, said } from '../bugs/said.ts'
import { PING } from './ask.ts'
import { type Told, datas, dig, useSwitchboard } from '../bugs/switchboard.ts'

const board = useSwitchboard()

function ask(from: Id, to: Id, more: Partial<Parameters<typeof board.ask>[0]> = {}): Promise<Told> {
  return board.ask({ from, to, body: PING[from], stream: true, ...more })
}

const broken = new GatewayError('upstream', 'It broke.', { origin: 'upstream' })

describe.each(IDS)('a stream from an upstream of %s', (to) => {
  const called = said(to, { parts: [call('callaaaa1', 'f', { p: 1 })] }, 'stream')
  const failing = begun(to, ['half'], { error: broken })

  it('of chat chunks has the role first, a finish for the one choice, and [DONE] last', async () => {
    const told = await ask('openai-chat', to)
    const [first, ...rest] = datas(told)
    expect(dig(first, 'choices.0.delta.role')).toBe('assistant')
    const finishes = [first, ...rest].map((one) => dig(one ?? null, 'choices.0.finish_reason'))
    expect(finishes.filter((one) => typeof one === 'string')).toEqual(['stop'])
    expect(told.frames.at(-1)?.data).toBe('[DONE]')
  })

  it('of chat chunks that fails says so in a data line with an error, under no event name', async () => {
    const told = await ask('openai-chat', to, { reply: failing })
    const last = told.frames.findLast(({ data }) => data !== '[DONE]')
    expect(last?.event).toBeUndefined()
    expect(JSON.parse(last?.data ?? '')).toMatchObject({
      error: { message: expect.stringContaining('It broke.') },
    })
  })

  it('of Responses events opens with response.created, counts, and ends with the whole response', async () => {
    const told = await ask('openai-responses', to)
    const events = datas(told)
    expect(dig(events[0], 'type')).toBe('response.created')
    expect(events.map((one) => dig(one, 'sequence_number'))).toEqual(events.map((_, at) => at))
    expect(told.frames.map(({ event }) => event)).toEqual(events.map((one) => dig(one, 'type')))
    const names = events.map((one) => dig(one, 'type'))
    expect(names).toEqual(
      expect.arrayContaining([
        'response.output_item.added',
        'response.content_part.added',
        'response.output_item.done',
      ]),
    )
    const last = events.at(-1)
    expect(dig(last, 'type')).toBe('response.completed')
    expect(dig(last, 'response.output.0')).toMatchObject({
      type: 'message',
      id: expect.any(String),
      content: [{ type: 'output_text', text: 'pong' }],
    })
  })

  it('of Messages events names every event, ends in message_stop, and has usage in message_delta', async () => {
    const told = await ask('anthropic-messages', to)
    const events = datas(told)
    expect(told.frames.map(({ event }) => event)).toEqual(events.map((one) => dig(one, 'type')))
    expect(told.frames.at(-1)?.event).toBe('message_stop')
    const delta = events.find((one) => dig(one, 'type') === 'message_delta')
    expect(dig(delta, 'usage.output_tokens')).toEqual(expect.any(Number))
  })

  it('of Messages events that fails is an event: error, after which Claude Code asks again', async () => {
    const told = await ask('anthropic-messages', to, { reply: failing })
    expect(told.frames.at(-1)).toMatchObject({ event: 'error' })
    expect(datas(told).at(-1)).toMatchObject({
      type: 'error',
      error: { type: expect.any(String), message: expect.any(String) },
    })
    expect(told.text).not.toContain('message_stop')
  })

  it('of Gemini chunks has no [DONE] and no event names, and a finishReason once', async () => {
    const told = await ask('gemini', to)
    expect(told.text).not.toMatch(/\[DONE\]|^event:/m)
    const finishes = datas(told).map((one) => dig(one, 'candidates.0.finishReason'))
    expect(finishes.filter((one) => one !== undefined)).toEqual(['STOP'])
  })

  it('of Gemini chunks that fails says so in a data line without an event name', async () => {
    const told = await ask('gemini', to, { reply: failing })
    expect(told.frames.at(-1)?.event).toBeUndefined()
    expect(datas(told).at(-1)).toEqual({
      error: expect.objectContaining({
        code: expect.any(Number),
        message: expect.any(String),
        status: expect.any(String),
      }),
    })
  })

  it.each(['text', 'calls'] as const)(
    'of Mistral chunks is taken by its strict parser: %s',
    async (what) => {
      const told = await ask('mistral-chat', to, {
        reply: what === 'text' ? said(to, PONG, 'stream') : called,
      })
      const chunks = datas(told)
      expect(faultsOfStream(told.frames)).toEqual([])
      const names = chunks.flatMap((chunk) =>
        choicesOf(chunk).flatMap((choice) => dig(choice, 'delta.tool_calls') ?? []),
      )
      expect(names.map((one) => dig(one, 'function.name'))).toEqual(what === 'text' ? [] : ['f'])
    },
  )

  it('of Ollama lines ends in a line that is done', async () => {
    const told = await ask('ollama', to)
    const lines = datas(told)
    expect(lines.map((line) => dig(line, 'done'))).toEqual(
      lines.map((_, at) => at === lines.length - 1),
    )
    expect(dig(lines.at(-1), 'done_reason')).toBe('stop')
  })

  it('of Ollama lines that fails says so as a string', async () => {
    const told = await ask('ollama', to, { reply: failing })
    expect(datas(told).at(-1)).toEqual({ error: expect.any(String) })
  })

  it('of Ollama is what a client gets that says nothing of streams', async () => {
    const { url, key, upstream } = board.open()
    upstream.answer(() => said(to, PONG, 'stream'))
    const model = `${to}/${to === 'anthropic-messages' ? 'claude-sonnet-4-5' : 'model-x'}`
    const response = await fetch(`${url}/api/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model, ...PING.ollama }),
    })
    expect(response.headers.get('content-type')).toMatch(/^application\/x-ndjson/)
    expect((await response.text()).trim().split('\n').at(-1)).toContain('"done":true')
  })
})

function choicesOf(chunk: Json): readonly Json[] {
  const choices = isObject(chunk) ? chunk['choices'] : undefined
  return isArray(choices) ? choices : []
}
