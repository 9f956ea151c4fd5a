// Faults within a stream: ends that are none, frames that are none, failures that are told, and more than anybody can hold.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import OpenAI from 'openai'
import { GatewayError } from '../../src/canonical/errors.ts'
import { encodeStream } from '../../src/dialects/dialect.contract.ts'
import { dialectById, dialects } from '../../src/dialects/registry.ts'
import { failureCause } from '../../src/exchange/failure-cause.ts'
import { failureClass } from '../../src/resilience/failure-class.ts'
import { writeFrame } from '../../src/wire/framing.ts'
import { type Bench, PATIENCE, openBench } from './bench.ts'
import { PLACES, statusFor } from './everywhere.ts'
import type { Script } from './fault.ts'
import { until } from './invariants.ts'
import { heldBytes } from './memory.ts'

let bench: Bench

beforeEach(async () => {
  bench = await openBench()
})

afterEach(async () => {
  await bench.close()
})

const STREAMS = PLACES.filter(({ streamed }) => streamed)

/** Frames that say something, in every protocol. */
const SOME = 6

interface Broken {
  readonly script: (dialect: string) => Script
  readonly cause: string
  /** Whether a client of the upstream's own protocol gets the provider's bytes, whatever is in them. */
  readonly passes?: true
}

/** The break is told within the stream, after what had come, and nothing of it looks like an end. */
async function breaksEverywhere({ script, cause, passes }: Broken): Promise<void> {
  for (const { client, upstream } of STREAMS) {
    if (passes === true && client === upstream) continue
    bench.broken.script(() => script(upstream))
    const before = bench.happenings.length
    const model = `broken-${upstream}/m${before}`
    const seen = await bench.ask({ dialect: client, model, streamed: true })
    const { status, isWhole } = seen
    expect({ client, upstream, status, isWhole }).toEqual({
      client,
      upstream,
      status: 200,
      isWhole: false,
    })
    expect([client, upstream, seen.error]).toEqual([client, upstream, expect.any(GatewayError)])
    expect([client, upstream, seen.text]).toEqual([client, upstream, expect.stringMatching(/\.0 /)])
    expect(seen.body).not.toMatch(
      /"finish_?[rR]eason":\s*"(?:stop|STOP)"|"stop_reason":\s*"end_turn"|"done":true/,
    )
    const failures = bench.happenings
      .slice(before)
      .flatMap((one) =>
        one.type === 'attempt-failed' ? [[one.when, failureCause(one.error)]] : [],
      )
    expect([client, upstream, failures]).toEqual([client, upstream, [['in-answer', cause]]])
    const ends = bench.happenings.slice(before).filter((one) => one.type === 'call-ended')
    expect(ends.map(({ outcome }) => outcome)).toEqual(['failed'])
  }
}

describe('F072 an end that is none', () => {
  const cut: Script = [{ at: 'end', do: 'keep', frames: (_frame, at) => at < SOME }]

  it('F072 is an error in the stream, in every protocol', async () => {
    await breaksEverywhere({ script: () => cut, cause: 'truncated' })
  })

  it('F072 is thrown by the vendor’s own client', async () => {
    bench.broken.script(() => cut)
    const client = new OpenAI({
      baseURL: `${bench.gateway.url}/v1`,
      apiKey: bench.gateway.clientKey,
      maxRetries: 0,
    })
    const stream = await client.chat.completions.create({
      model: 'broken-anthropic-messages/m',
      messages: [{ role: 'user', content: 'This is call number 1.' }],
      stream: true,
    })
    let text = ''
    const read = async (): Promise<void> => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    }
    await expect(read()).rejects.toThrow(/broke off/)
    expect(text).toMatch(/^1\.0 /)
  })
})

const PINGS: Readonly<Record<string, string>> = {
  'anthropic-messages': 'event: ping\ndata: {"type":"ping"}\n\n',
  ollama: '\n',
}

function pinging(dialect: string): Script {
  const text = PINGS[dialect] ?? ': ping\n\n'
  return [{ at: { frame: 0 }, do: 'drip', text, everyMs: 20 }]
}

describe('F074 signs of life and never a word', () => {
  beforeEach(async () => {
    await bench.close()
    bench = await openBench({ brokenProvider: { timeout: PATIENCE } })
  })

  it('F074 count as silence: a 504 when the time for the first word is over', async () => {
    for (const { client, upstream } of STREAMS) {
      bench.broken.script(() => pinging(upstream))
      const start = performance.now()
      const seen = await bench.ask({
        dialect: client,
        model: `broken-${upstream}/m${client}`,
        streamed: true,
      })
      expect([client, upstream, seen.status]).toEqual([client, upstream, 504])
      expect(performance.now() - start).toBeLessThan(PATIENCE * 1000 + 1500)
    }
    const failures = bench.happenings.flatMap((one) =>
      one.type === 'attempt-failed' ? [one.error] : [],
    )
    expect(new Set(failures.map(failureCause))).toEqual(new Set(['ttft_timeout']))
    expect(new Set(failures.map(failureClass))).toEqual(new Set(['uncertain']))
    await until(() => bench.broken.calls.every(({ aborted }) => aborted))
  })

  it('F074 are followed by one coherent stream of another target', async () => {
    for (const { id } of dialects) {
      bench.broken.script(() => pinging(id))
      const seen = await bench.ask({ dialect: id, model: `route-${id}`, streamed: true })
      expect([id, seen.status, seen.isWhole]).toEqual([id, 200, true])
      expect(seen.text).toMatch(/\.11 $/)
    }
  })
})

describe('F075 a stream in slices', () => {
  beforeEach(async () => {
    await bench.close()
    bench = await openBench({ provider: { timeout: 10 } })
  })

  it('F075 of one byte says the same as in one piece, to every client', async () => {
    for (const { client, upstream } of STREAMS) {
      const text = 'This is call number 75.'
      const asked = { dialect: client, model: `broken-${upstream}/m`, streamed: true, text }
      bench.broken.script(() => [])
      const whole = await bench.ask(asked)
      bench.broken.script(() => [{ at: 'head', do: 'slice', bytes: 1 }])
      const sliced = await bench.ask(asked)
      expect([client, upstream, sliced.body.replaceAll(VARIES, '')]).toEqual([
        client,
        upstream,
        whole.body.replaceAll(VARIES, ''),
      ])
    }
  })

  it('F075 of any size says the same', async () => {
    const text = 'This is call number 75.'
    const asked = { dialect: 'anthropic-messages', model: 'broken-ollama/m', streamed: true, text }
    const whole = await bench.ask(asked)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (bytes) => {
        bench.broken.script(() => [{ at: 'head', do: 'slice', bytes }])
        const sliced = await bench.ask(asked)
        expect(sliced.body.replaceAll(VARIES, '')).toBe(whole.body.replaceAll(VARIES, ''))
      }),
      { numRuns: 30 },
    )
  })
})

/** Ids of requests, and what is made of them, and times. */
const VARIES =
  /(?:req_|resp_|msg_|chatcmpl-|up-)[\w-]+|"created(?:_at)?":[^,}]+|"completed_at":[^,}]+|"total_duration":\d+/g

describe('F076 a frame that is no JSON', () => {
  it('F076 is told in the stream once there were words', async () => {
    await breaksEverywhere({
      script: (dialect) => {
        const text = dialectById(dialect)?.framing === 'ndjson' ? '{oops\n' : 'data: {oops\n\n'
        return [{ at: { frame: SOME }, do: 'event', text }]
      },
      cause: 'parse',
      passes: true,
    })
  })
})

/** A failure in the protocol's own words within its stream. */
function inBand(id: string, kind: 'overloaded' | 'internal'): string {
  const dialect = dialectById(id)
  if (dialect === undefined) return ''
  const error = new GatewayError(kind, 'Said upstream.', { origin: 'upstream' })
  const context = {
    request: {
      origin: { dialect: id },
      model: 'm',
      turns: [],
      sampling: {},
      stream: { enabled: true },
    },
    requestId: 'up-1',
    now: () => 0,
  }
  const frames = encodeStream(dialect, [{ type: 'error', error }], context)
  return frames
    .filter(({ data }) => /Said upstream/.test(data))
    .map((frame) => writeFrame(dialect.framing, frame))
    .join('')
}

describe('F077 a failure that is told in the stream', () => {
  it('F077 after words is told in the client’s own protocol', async () => {
    await breaksEverywhere({
      script: (dialect) => [
        { at: { frame: SOME }, do: 'event', text: inBand(dialect, 'internal') },
      ],
      cause: 'in_band_error',
    })
  })

  it('F077 before words is a status, and an overload is an overload', async () => {
    for (const { client, upstream } of STREAMS) {
      bench.broken.script(() => [
        { at: { frame: 0 }, do: 'event', text: inBand(upstream, 'overloaded') },
      ])
      const seen = await bench.ask({
        dialect: client,
        model: `broken-${upstream}/m${client}`,
        streamed: true,
      })
      expect([client, upstream, seen.status]).toEqual([
        client,
        upstream,
        // Ollama's failures have words alone, and those say nothing of a kind.
        upstream === 'ollama' ? 502 : statusFor(client, 503),
      ])
    }
    const failures = bench.happenings.flatMap((one) =>
      one.type === 'attempt-failed' ? [one.error] : [],
    )
    expect(new Set(failures.map(failureCause))).toEqual(new Set(['in_band_error']))
    expect(new Set(failures.map(failureClass))).toEqual(new Set(['throttled', 'uncertain']))
  })

  it('F077 before words is seen by no client where another target is sound', async () => {
    for (const { id } of dialects) {
      bench.broken.script(() => [{ at: { frame: 0 }, do: 'event', text: inBand(id, 'internal') }])
      const seen = await bench.ask({ dialect: id, model: `route-${id}`, streamed: true })
      expect([id, seen.status, seen.isWhole]).toEqual([id, 200, true])
    }
  })
})

describe('F078 a line without an end', () => {
  beforeEach(async () => {
    await bench.close()
    bench = await openBench({ provider: { timeout: 10 } })
  })

  it('F078 is a failure within the stream at the longest line there may be, and memory stays flat', async () => {
    bench.broken.script(() => [
      { at: { frame: SOME }, do: 'event', text: 'data: ' },
      { at: { frame: SOME }, do: 'bomb', count: 64 * 1024 * 1024 },
    ])
    const before = await heldBytes()
    const asked = { dialect: 'anthropic-messages', model: 'broken-openai-chat/m', streamed: true }
    const seen = await bench.ask(asked)
    expect([seen.status, seen.isWhole, seen.error]).toEqual([200, false, expect.any(GatewayError)])
    const failures = bench.happenings.flatMap((one) =>
      one.type === 'attempt-failed' ? [one.error] : [],
    )
    expect(failures.map(failureCause)).toEqual(['too_large'])
    expect((await heldBytes()) - before).toBeLessThan(4 * 1024 * 1024)
    await until(() => bench.broken.calls.every(({ aborted }) => aborted))
    expect(bench.broken.calls[0]?.bytes).toBeLessThan(32 * 1024 * 1024)
  })

  it('F078 before words is a 502', async () => {
    bench.broken.script(() => [
      { at: { frame: 0 }, do: 'event', text: 'data: ' },
      { at: { frame: 0 }, do: 'bomb', count: 64 * 1024 * 1024 },
    ])
    const asked = { dialect: 'anthropic-messages', model: 'broken-openai-chat/m', streamed: true }
    expect((await bench.ask(asked)).status).toBe(502)
  })
})

const SPOKEN = ['openai-chat', 'anthropic-messages', 'gemini', 'mistral-chat', 'ollama']

/** No word of the good answer's. */
function saysNothing(frame: string): boolean {
  return !/\d+\.\d+ /.test(frame)
}

describe('F081 an answer that says nothing', () => {
  it('F081 is an answer, and no other target is asked', async () => {
    bench.broken.script(() => [{ at: 'head', do: 'keep', frames: saysNothing }])
    for (const upstream of SPOKEN) {
      for (const { id } of dialects) {
        const seen = await bench.ask({ dialect: id, model: `broken-${upstream}/m`, streamed: true })
        const { status, isWhole, text, headers } = seen
        const told = { id, upstream, status, isWhole, text, tried: headers['x-patchbay-attempts'] }
        expect(told).toEqual({ id, upstream, status: 200, isWhole: true, text: '', tried: '1' })
      }
    }
  })
})

/** A chunk of Chat Completions over several lines. */
function chunk(content: string, finish: string | null): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: finish }]
  return JSON.stringify(
    { id: 'x', object: 'chat.completion.chunk', created: 0, model: 'm', choices },
    null,
    1,
  )
}

function dataLines(text: string, eol: string): string {
  return text
    .split('\n')
    .map((line) => `data: ${line}${eol}`)
    .join('')
}

describe('F082 every liberty that the standard of events allows', () => {
  it.each(['anthropic-messages', 'gemini', 'mistral-chat', 'ollama', 'openai-responses'])(
    'F082 says the same to %s',
    async (dialect) => {
      const text =
        `\ufeff: hello\r\rid: 7\rretry: 10\r${dataLines(chunk('He', null), '\r')}\r` +
        `event\r\n:\r\n${dataLines(chunk('ll', null), '\r\n')}\r\n\r\n` +
        `unknown: field\n${dataLines(chunk('o', 'stop'), '\n')}\n` +
        'data: [DONE]'
      const head = ['content-type: text/event-stream']
      for (const bytes of [7, 64, 100_000]) {
        bench.broken.script(() => [
          { at: 'head', do: 'slice', bytes },
          { at: 'head', do: 'status', answer: { status: 200, head, body: text } },
        ])
        const asked = { dialect, model: 'broken-openai-chat/m', streamed: true, text: 'x' }
        const seen = await bench.ask(asked)
        expect([bytes, seen.isWhole, seen.text]).toEqual([bytes, true, 'Hello'])
      }
    },
  )
})

describe('F083 chunks that are none', () => {
  it.each([
    ['a size that is no number', 'ZZ\r\n'],
    ['an extension of a megabyte', `5;${'x'.repeat(1024 * 1024)}`],
  ])('F083 %s is a failure within the stream', async (_what, bytes) => {
    const before = await heldBytes()
    for (const { client, upstream } of STREAMS) {
      bench.broken.script(() => [
        { at: { frame: SOME }, do: 'garbage', bytes },
        { at: { frame: SOME }, do: 'fin' },
      ])
      const asked = { dialect: client, model: `broken-${upstream}/m${client}`, streamed: true }
      const seen = await bench.ask(asked)
      expect([client, upstream, seen.isWhole]).toEqual([client, upstream, false])
    }
    const failures = bench.happenings.flatMap((one) =>
      one.type === 'attempt-failed' ? [one.error] : [],
    )
    expect(failures).toHaveLength(STREAMS.length)
    expect((await heldBytes()) - before).toBeLessThan(4 * 1024 * 1024)
  })

  it('F083 have a cause of their own', async () => {
    await breaksEverywhere({
      script: () => [
        { at: { frame: SOME }, do: 'garbage', bytes: 'ZZ\r\n' },
        { at: { frame: SOME }, do: 'stall' },
      ],
      cause: 'protocol',
    })
  })

  it('F083 trailers of a megabyte are not kept', async () => {
    const before = await heldBytes()
    const bytes = `0\r\nx-t: ${'x'.repeat(1024 * 1024)}\r\n\r\n`
    bench.broken.script(() => [
      { at: { frame: SOME }, do: 'garbage', bytes },
      { at: { frame: SOME }, do: 'stall' },
    ])
    const asked = { dialect: 'anthropic-messages', model: 'broken-openai-chat/m', streamed: true }
    expect((await bench.ask(asked)).isWhole).toBe(false)
    expect((await heldBytes()) - before).toBeLessThan(4 * 1024 * 1024)
  })
})
