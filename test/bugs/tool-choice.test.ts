// Which tools a model may or must use, and what becomes of tools that only their own vendor can run.
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/wire/json.ts'
import { IDS, from as fromClient } from './protocols.ts'
import { dig, useSwitchboard } from './switchboard.ts'

const board = useSwitchboard()
const messages = [{ role: 'user', content: 'go' }]
const F = {
  type: 'function',
  function: { name: 'f', parameters: { type: 'object', properties: { p: { type: 'string' } } } },
}

async function sentToAnthropic(body: JsonObject) {
  const told = await board.ask({
    from: 'openai-chat',
    to: 'anthropic-messages',
    body: { messages, tools: [F], ...body },
  })
  return dig(told.sent[0], 'tool_choice')
}

describe('one call at a time, on Anthropic', () => {
  it('leaves the choice to the model [PB-055]', async () => {
    expect(await sentToAnthropic({ parallel_tool_calls: false })).toEqual({
      type: 'auto',
      disable_parallel_tool_use: true,
    })
    expect(await sentToAnthropic({ parallel_tool_calls: true })).toBeUndefined()
    expect(await sentToAnthropic({})).toBeUndefined()
  })

  it('goes with a forced call, and stands inside the choice [PB-055]', async () => {
    expect(await sentToAnthropic({ parallel_tool_calls: false, tool_choice: 'required' })).toEqual({
      type: 'any',
      disable_parallel_tool_use: true,
    })
    const named = { type: 'function', function: { name: 'f' } }
    expect(await sentToAnthropic({ parallel_tool_calls: false, tool_choice: named })).toEqual({
      type: 'tool',
      name: 'f',
      disable_parallel_tool_use: true,
    })
  })
})

describe.each(fromClient('anthropic-messages'))("a vendor's own tool, before $to", ({ to }) => {
  const tools = [
    { type: 'computer_20250124', name: 'computer', display_width_px: 1, display_height_px: 1 },
    { name: 'f', input_schema: { type: 'object' } },
  ]

  it('is refused by its name, before any call [PB-056]', async () => {
    const told = await board.ask({ from: 'anthropic-messages', to, body: { messages, tools } })
    expect([told.status, told.sent]).toEqual([400, []])
    expect(told.text).toMatch(/computer.*would be dropped/)
    expect(told.text).toContain(to)
  })

  it('is left out with a note where its client allows that, and no choice names it [PB-056]', async () => {
    const told = await board.ask({
      from: 'anthropic-messages',
      to,
      body: { messages, tools, tool_choice: { type: 'tool', name: 'computer' } },
      headers: { 'x-patchbay-policy': 'lenient' },
    })
    expect(told.status).toBe(200)
    expect(told.headers.get('x-patchbay-notes')).toMatch(/dropped.*computer/)
    expect(JSON.stringify(told.sent[0])).not.toContain('computer')
  })
})

describe.each(IDS.filter((id) => id !== 'openai-chat'))('no tools, before %s', (to) => {
  it.each([
    ['an empty list', { tools: [], tool_choice: 'auto', parallel_tool_calls: false }],
    ['null', { tools: null, tool_choice: null }],
  ])('%s is no field at all [PB-057]', async (_, fields) => {
    const told = await board.ask({
      from: 'openai-chat',
      to,
      body: { messages, stop: [], metadata: {}, ...fields },
    })
    expect(told.status).toBe(200)
    const sent = JSON.stringify(told.sent[0])
    expect(sent).not.toMatch(
      /"(?:tools|tool_choice|toolConfig|parallel_tool_calls|stop|stop_sequences|stopSequences|metadata)":/,
    )
  })

  it.each([
    ['any', 'required'],
    ['one', { type: 'function', function: { name: 'f' } }],
  ])('are refused where %s must be used [PB-057]', async (_, choice) => {
    const told = await board.ask({
      from: 'openai-chat',
      to,
      body: { messages, tools: [], tool_choice: choice },
    })
    expect([told.status, told.sent]).toEqual([400, []])
    expect(dig(told.json, 'error.param')).toBe('tool_choice')
  })
})

describe('more tools than the provider takes', () => {
  it('are all sent, and its refusal is told, once [PB-057]', async () => {
    const tools = Array.from({ length: 129 }, (_, at) => ({
      name: `f${at}`,
      input_schema: { type: 'object' },
    }))
    const message =
      "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 129 instead."
    const reply = {
      status: 400,
      chunks: [
        JSON.stringify({
          error: {
            message,
            type: 'invalid_request_error',
            param: 'tools',
            code: 'array_above_max_length',
          },
        }),
      ],
    }
    const told = await board.ask({
      from: 'anthropic-messages',
      to: 'openai-chat',
      body: { messages, tools },
      reply,
    })
    expect(told.sent).toHaveLength(1)
    expect(dig(told.sent[0], 'tools.128.function.name')).toBe('f128')
    expect([told.status, dig(told.json, 'error.message')]).toEqual([
      400,
      expect.stringContaining('128'),
    ])
  })
})
