// Faults of the head of an answer: none, no HTTP, too many words for one thing, another address.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, PATIENCE, openBench } from './bench.ts'
import { failsEverywhere, savedEverywhere } from './everywhere.ts'
import { GOOD, raw, refusal } from './fault.ts'
import { until } from './invariants.ts'

let bench: Bench

beforeEach(async () => {
  bench = await openBench()
})

afterEach(async () => {
  await bench.close()
})

describe('F016 silence after the request', () => {
  beforeEach(async () => {
    await bench.close()
    bench = await openBench({ brokenProvider: { timeout: PATIENCE } })
  })

  it('F016 is a 504 when the time for the first word is over', async () => {
    const start = performance.now()
    await failsEverywhere(bench, [{ at: 'head', do: 'stall' }], {
      status: 504,
      code: 'upstream_timeout',
      cause: 'ttft_timeout',
      class: 'uncertain',
      attempts: 1,
    })
    const each = (performance.now() - start) / 24
    expect(each).toBeGreaterThan(PATIENCE * 1000 - 10)
    expect(each).toBeLessThan(PATIENCE * 1000 + 500)
    await until(() => bench.broken.calls.every(({ aborted }) => aborted))
  })

  it('F016 is seen by no client where another target is sound', async () => {
    await savedEverywhere(bench, [{ at: 'head', do: 'stall' }])
  })
})

const BODY = JSON.stringify({ error: { message: 'x' } })

describe('F020 bytes that no head may hold', () => {
  it.each([
    ['a bare line feed', 'HTTP/1.1 200 OK\ncontent-length: 2\n\n{}'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nx-odd: a\0b\r\ncontent-length: 2\r\n\r\n{}'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nx-odd: a\r\n b\r\ncontent-length: 2\r\n\r\n{}'],
    ['__proto__', 'HTTP/1.1 500 No\r\n__proto__: polluted\r\ncontent-length: 2\r\n\r\n{}'],
  ])('F020 %s harms nobody', async (_what, bytes) => {
    bench.broken.script(() => raw(bytes))
    for (const streamed of [false, true]) {
      const seen = await bench.ask({ dialect: 'openai-chat', streamed })
      expect(seen.status).toBe(502)
      expect(JSON.stringify(seen.headers)).not.toContain('polluted')
    }
    expect(Reflect.ownKeys(Object.prototype)).not.toContain('polluted')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    const next = await bench.ask({ dialect: 'openai-chat', model: 'sound-openai-chat/m' })
    expect(next.status).toBe(200)
  })

  it('F020 what is no HTTP at all is a 502 of its own cause', async () => {
    await failsEverywhere(bench, raw('HTTP/1.1 200 OK\r\nbad header\0: x\r\n\r\n'), {
      status: 502,
      code: 'upstream_protocol',
      cause: 'protocol',
      class: 'uncertain',
      attempts: 1,
    })
  })
})

const OLD = 'HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n'
const WHOLE = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  created: 0,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
})
const OLD_STREAM = 'HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n'

function delta(content: string, finish: string | null): string {
  const chunk = {
    id: 'x',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'm',
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  }
  return `data: ${JSON.stringify(chunk)}\n\n`
}

describe('F021 an answer that ends with its connection', () => {
  const CLIENTS = ['openai-chat', 'anthropic-messages', 'ollama'] as const

  it.each(CLIENTS)('F021 is taken where it is whole (%s)', async (dialect) => {
    const model = 'broken-openai-chat/m'
    bench.broken.script(() => raw(OLD + WHOLE))
    const whole = await bench.ask({ dialect, model, text: 'x' })
    expect([whole.status, whole.text]).toEqual([200, 'Hi'])
    bench.broken.script(() => raw(`${OLD_STREAM}${delta('Hi', null)}${delta('', 'stop')}`))
    const stream = await bench.ask({ dialect, model, text: 'x', streamed: true })
    expect([stream.status, stream.text, stream.isWhole]).toEqual([200, 'Hi', true])
  })

  it.each(CLIENTS)('F021 is never whole where it was cut (%s)', async (dialect) => {
    const model = 'broken-openai-chat/m'
    for (const cut of [1, 40, WHOLE.length - 1]) {
      bench.broken.script(() => raw(OLD + WHOLE.slice(0, cut)))
      const whole = await bench.ask({ dialect, model: `${model}${cut}`, text: 'x' })
      expect([cut, whole.status]).toEqual([cut, 502])
    }
    bench.broken.script(() => raw(OLD_STREAM + delta('Hi', null)))
    const stream = await bench.ask({ dialect, model, text: 'x', streamed: true })
    expect([stream.status, stream.text, stream.isWhole]).toEqual([200, 'Hi', false])
    expect(stream.error).toBeDefined()
    const ended = bench.happenings.filter((one) => one.type === 'call-ended')
    expect(ended.map(({ outcome }) => outcome)).not.toContain('succeeded')
  })
})

describe('F025 an answer that points elsewhere', () => {
  it.each([301, 302, 303, 307, 308])('F025 %i is refused and not followed', async (status) => {
    const places = [
      `${bench.broken.url('openai-chat')}/chat/completions`,
      `${bench.sound.url('openai-chat')}/chat/completions`,
      'http://169.254.169.254/latest/meta-data',
      `${bench.gateway.url}/api/providers`,
    ]
    for (const location of places) {
      const before = bench.broken.calls.length
      bench.broken.script(() => refusal(status, 'Moved.', [`location: ${location}`]))
      const seen = await bench.ask({ dialect: 'openai-chat' })
      expect([seen.status, seen.headers['x-patchbay-error']]).toEqual([
        502,
        'upstream_redirect_refused',
      ])
      expect(seen.body + JSON.stringify(seen.headers)).not.toContain(location)
      expect(bench.broken.calls.length).toBe(before + 1)
    }
    expect([bench.sound.calls.length, bench.sound.connections]).toEqual([0, 0])
  })

  it('F025 is refused for every client, with a cause of its own', async () => {
    const script = refusal(302, 'Moved.', ['location: http://169.254.169.254/'])
    await failsEverywhere(bench, script, {
      status: 502,
      code: 'upstream_redirect_refused',
      cause: 'redirect',
      class: 'unfit',
      attempts: 1,
    })
  })
})

describe('F027 two lengths for one answer', () => {
  it('F027 is a 502, and the connection is not used again', async () => {
    const head = 'content-type: application/json\r\ncontent-length: 2\r\ntransfer-encoding: chunked'
    const smuggled = `HTTP/1.1 500 No\r\n${head}\r\n\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`
    await failsEverywhere(
      bench,
      [
        { at: 'head', do: 'garbage', bytes: smuggled },
        { at: 'head', do: 'stall' },
      ],
      {
        status: 502,
        code: 'upstream_protocol',
        cause: 'protocol',
        class: 'uncertain',
        attempts: 1,
      },
    )
    expect(bench.broken.connections).toBe(24)
    bench.broken.script(() => GOOD)
    const next = await bench.ask({ dialect: 'openai-chat' })
    expect(next.status).toBe(200)
  })
})

describe('F028 less than was promised', () => {
  const SHORT = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n'

  it('F028 is a 502, never a 200', async () => {
    await failsEverywhere(bench, raw(`${SHORT}{"id":"${'x'.repeat(390)}`), {
      status: 502,
      code: 'upstream_truncated',
      cause: 'truncated',
      class: 'uncertain',
      attempts: 1,
    })
  })

  it('F028 is seen by no client where another target is sound', async () => {
    await savedEverywhere(bench, raw(`${SHORT}{"id":"${'x'.repeat(390)}`))
  })
})
