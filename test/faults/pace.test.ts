// Faults of pace: more than a client reads, more frames than there is time for, no end, and an upstream that does not hear.
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../../src/canonical/errors.ts'
import { failureCause } from '../../src/exchange/failure-cause.ts'
import { type Bench, openBench } from './bench.ts'
import { begin } from './client.ts'
import type { Script } from './fault.ts'
import { until } from './invariants.ts'
import { heldBytes } from './memory.ts'

let bench: Bench | undefined

afterEach(async () => {
  await bench?.close()
  bench = undefined
})

async function open(setup: Parameters<typeof openBench>[0] = {}): Promise<Bench> {
  bench = await openBench(setup)
  return bench
}

function piece(content: string): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }]
  const body = { id: 'x', object: 'chat.completion.chunk', created: 0, model: 'm', choices }
  return `data: ${JSON.stringify(body)}\n\n`
}

describe('F084 very many very small frames', () => {
  const FRAMES = 100_000

  it('F084 all come, and another client is served meanwhile', async () => {
    const opened = await open({ provider: { timeout: 20 } })
    const burst = piece('x').repeat(1000)
    opened.broken.script(() =>
      Array.from(
        { length: FRAMES / 1000 },
        () => ({ at: { frame: 2 }, do: 'event', text: burst }) as const,
      ),
    )
    const asked = {
      dialect: 'anthropic-messages',
      model: 'broken-openai-chat/m',
      streamed: true,
      text: 'x',
    }
    const state = { isOver: false }
    const flood = opened.ask(asked).finally(() => {
      state.isOver = true
    })
    const waits: number[] = []
    while (!state.isOver) {
      const start = performance.now()
      const seen = await opened.ask({ dialect: 'openai-chat', model: 'sound-openai-chat/m' })
      expect(seen.status).toBe(200)
      waits.push(performance.now() - start)
    }
    const { text, isWhole } = await flood
    expect([isWhole, text.replaceAll(/[^x]/g, '').length]).toEqual([true, FRAMES])
    expect(waits.length).toBeGreaterThan(3)
  }, 60_000)
})

describe('F085 a client that reads slowly', () => {
  it('F085 holds its provider back, and nothing piles up in between', async () => {
    const opened = await open({ provider: { timeout: 20 } })
    const burst = piece('x'.repeat(60_000))
    const total = 100 * 1024 * 1024
    opened.broken.script(() =>
      Array.from(
        { length: total / burst.length },
        () => ({ at: { frame: 2 }, do: 'event', text: burst }) as const,
      ),
    )
    const { url, clientKey: key } = opened.gateway
    for (const dialect of ['openai-chat', 'anthropic-messages']) {
      const before = await heldBytes()
      const answer = await begin(
        { url, key },
        { dialect, model: 'broken-openai-chat/m', text: 'x', streamed: true },
      )
      answer.pause()
      const call = opened.broken.calls.at(-1)
      let last = -1
      // Until the provider cannot send any more.
      await until(() => {
        const isStill = call !== undefined && call.bytes > 0 && call.bytes === last
        last = call?.bytes ?? -1
        return isStill && isSettled(last)
      })
      expect(call?.bytes).toBeLessThan(32 * 1024 * 1024)
      expect((await heldBytes()) - before).toBeLessThan(1024 * 1024)
      answer.destroy()
      await until(() => call?.aborted === true)
    }
  }, 60_000)
})

let stillFor = 0
let stillAt = -1

/** The same for two hundred turns of the event loop. */
function isSettled(bytes: number): boolean {
  stillFor = bytes === stillAt ? stillFor + 1 : 0
  stillAt = bytes
  return stillFor > 200
}

describe('F086 an upstream that goes on after the client has gone', () => {
  it.each(['openai-chat', 'anthropic-messages'])(
    'F086 has its connection closed within 50 ms (%s)',
    async (dialect) => {
      const opened = await open({ provider: { timeout: 20 } })
      const drip: Script = [{ at: { frame: 2 }, do: 'drip', text: piece('x'), everyMs: 1 }]
      opened.broken.script(() => drip)
      const { url, clientKey: key } = opened.gateway
      const waits: number[] = []
      for (let count = 0; count < 5; count += 1) {
        const asked = { dialect, model: 'broken-openai-chat/m', text: 'x', streamed: true }
        const answer = await begin({ url, key }, asked)
        await once(answer, 'data')
        const call = opened.broken.calls.at(-1)
        const gone = performance.now()
        answer.destroy()
        await until(() => call?.aborted === true)
        waits.push(performance.now() - gone)
      }
      // Of five, so that a busy machine does not decide.
      expect(waits.toSorted((a, b) => a - b)[2]).toBeLessThan(50)
      await until(() => opened.happenings.filter(({ type }) => type === 'call-ended').length === 5)
      const ends = opened.happenings.filter((one) => one.type === 'call-ended')
      expect(new Set(ends.map(({ outcome }) => outcome))).toEqual(new Set(['abandoned']))
    },
  )
})

describe('F090 a stream without an end', () => {
  it.each(['openai-chat', 'anthropic-messages', 'gemini', 'ollama'])(
    'F090 ends in a failure within it when the time for the whole is over (%s)',
    async (dialect) => {
      const opened = await open({ provider: { timeout: 20, settings: { totalTimeout: 0.5 } } })
      opened.broken.script(() => [{ at: { frame: 2 }, do: 'drip', text: piece('x'), everyMs: 20 }])
      const start = performance.now()
      const asked = { dialect, model: 'broken-openai-chat/m', streamed: true, text: 'x' }
      const seen = await opened.ask(asked)
      expect(performance.now() - start).toBeGreaterThan(490)
      expect(performance.now() - start).toBeLessThan(2500)
      expect([seen.status, seen.isWhole, seen.error]).toEqual([
        200,
        false,
        expect.any(GatewayError),
      ])
      const failures = opened.happenings.flatMap((one) =>
        one.type === 'attempt-failed' ? [one.error] : [],
      )
      expect(failures.map(failureCause)).toEqual(['total_timeout'])
      expect(failures.map(({ code }) => code)).toEqual(['deadline_exceeded'])
    },
  )
})

const CALL = [
  {
    choices: [
      {
        index: 0,
        delta: {
          role: 'assistant',
          tool_calls: [
            {
              index: 0,
              id: 'call_1',
              type: 'function',
              function: { name: 'weather', arguments: '' },
            },
          ],
        },
        finish_reason: null,
      },
    ],
  },
  {
    choices: [
      {
        index: 0,
        delta: { tool_calls: [{ index: 0, function: { arguments: '{"city":"Par' } }] },
        finish_reason: null,
      },
    ],
  },
].map(
  (body) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 0, model: 'm', ...body })}\n\n`,
)

describe('F088 a cut in the middle of a call’s arguments', () => {
  const TOOL = {
    name: 'weather',
    description: 'x',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  }
  const TOOLS: Readonly<Record<string, { readonly tools: Parameters<typeof JSON.stringify>[0] }>> =
    {
      'openai-chat': { tools: [{ type: 'function', function: TOOL }] },
      'openai-responses': { tools: [{ type: 'function', ...TOOL }] },
      'anthropic-messages': { tools: [{ name: 'weather', input_schema: TOOL.parameters }] },
      gemini: { tools: [{ functionDeclarations: [TOOL] }] },
      'mistral-chat': { tools: [{ type: 'function', function: TOOL }] },
      ollama: { tools: [{ type: 'function', function: TOOL }] },
    }

  it.each(
    Object.keys(TOOLS).flatMap(
      (dialect) =>
        [
          [dialect, 'reset'],
          [dialect, 'fin'],
        ] as const,
    ),
  )('F088 is a failure for %s (%s), and no call that could be made', async (dialect, ending) => {
    const opened = await open()
    opened.broken.script(() => [
      {
        at: 'head',
        do: 'garbage',
        bytes: `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${CALL.join('')}`,
      },
      { at: 'head', do: ending },
    ])
    const seen = await opened.ask({
      dialect,
      model: 'route-openai-chat',
      streamed: true,
      text: 'x',
      extra: JSON.parse(JSON.stringify(TOOLS[dialect])),
    })
    expect([seen.status, seen.isWhole, seen.error]).toEqual([200, false, expect.any(GatewayError)])
    expect(seen.body).not.toMatch(
      /"finish_reason":\s*"tool_calls"|"stop_reason":\s*"tool_use"|"done":true|"finishReason"|response\.completed/,
    )
    expect(seen.body).not.toMatch(/"functionCall"|\{"city":"Par"\}/)
    expect(opened.sound.calls).toEqual([])
  })
})
