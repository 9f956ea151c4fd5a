// Faults of a whole answer's body: half of it, bombs, bytes that are no text, another shape than was asked for.
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failureCause } from '../../src/exchange/failure-cause.ts'
import { type Bench, openBench } from './bench.ts'
import { PLACES, failsEverywhere, savedEverywhere } from './everywhere.ts'
import { answers, raw } from './fault.ts'

let bench: Bench

beforeEach(async () => {
  bench = await openBench({ provider: { timeout: 5 } })
})

afterEach(async () => {
  await bench.close()
})

describe('F060 half of some JSON', () => {
  it('F060 is a 502', async () => {
    await failsEverywhere(bench, answers('{"id":'), {
      status: 502,
      code: 'upstream_bad_response',
      cause: 'parse',
      class: 'uncertain',
      attempts: 1,
    })
  })

  it('F060 is seen by no client where another target is sound', async () => {
    await savedEverywhere(bench, answers('{"id":'))
  })
})

/** What unpacks to so many megabytes. */
function packed(megabytes: number): Buffer {
  return gzipSync(Buffer.alloc(megabytes * 1024 * 1024, ' '))
}

function encoded(
  encoding: string,
  body: Buffer,
  type: string = 'application/json',
): ReturnType<typeof answers> {
  const head = [`content-type: ${type}`, `content-encoding: ${encoding}`]
  return [{ at: 'head', do: 'status', answer: { status: 200, head, body } }]
}

describe('F062 a bomb of compression', () => {
  it('F062 is given up at a hundred times what came, in the answer and in the stream', async () => {
    const bomb = packed(48)
    expect(bomb.length).toBeLessThan(64 * 1024)
    const before = process.memoryUsage.rss()
    for (const [type, streamed] of [
      ['application/json', false],
      ['text/event-stream', true],
    ] as const) {
      bench.broken.script(() => encoded('gzip', bomb, type))
      const seen = await bench.ask({ dialect: 'openai-chat', streamed })
      expect([seen.status, seen.headers['x-patchbay-error']]).toEqual([502, 'upstream_too_large'])
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024)
    const failures = bench.happenings.flatMap((one) =>
      one.type === 'attempt-failed' ? [one.error] : [],
    )
    expect(new Set(failures.map(failureCause))).toEqual(new Set(['too_large']))
  })

  it('F062 is not asked for: every request says that it wants its answer as it is', async () => {
    await bench.ask({ dialect: 'openai-chat' })
    expect(bench.broken.calls[0]?.request.headers['accept-encoding']).toBe('identity')
  })
})

describe('F063 an answer packed five thousand times', () => {
  it('F063 is a 502 without being unpacked once', async () => {
    const encoding = Array.from({ length: 5000 }, () => 'gzip').join(', ')
    await failsEverywhere(bench, encoded(encoding, gzipSync('{}')), {
      status: 502,
      code: 'upstream_protocol',
      cause: 'protocol',
      class: 'uncertain',
      attempts: 1,
    })
  })
})

const BEFORE = 'Grüße 世界 '

function completion(content: string): string {
  return JSON.stringify({
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  })
}

function chunk(content: string, finish: string | null): Buffer {
  const choices = [{ index: 0, delta: { content }, finish_reason: finish }]
  const body = { id: 'x', object: 'chat.completion.chunk', created: 0, model: 'm', choices }
  return Buffer.from(`data: ${JSON.stringify(body)}\n\n`)
}

describe('F065 bytes that are no UTF-8', () => {
  it.each(['openai-chat', 'anthropic-messages', 'gemini', 'ollama'])(
    'F065 cost %s one character, and nothing before them',
    async (dialect) => {
      const [head = '', tail = ''] = completion(`${BEFORE}|!`).split('|')
      const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(tail)])
      bench.broken.script(() => answers(bytes))
      const model = 'broken-openai-chat/m'
      const seen = await bench.ask({ dialect, model, text: 'x' })
      expect([seen.status, seen.text]).toEqual([200, `${BEFORE}\ufffd!`])
    },
  )

  it.each(['anthropic-messages', 'gemini', 'ollama'])(
    'F065 cost %s no more within a stream that is cut anywhere',
    async (dialect) => {
      const odd = chunk(`${BEFORE}|!`, null)
      odd[odd.indexOf('|')] = 0xff
      const text = Buffer.concat([Buffer.from('\ufeff'), odd, chunk('', 'stop')])
      const head = ['content-type: text/event-stream']
      bench.broken.script(() => [
        { at: 'head', do: 'slice', bytes: 1 },
        { at: 'head', do: 'status', answer: { status: 200, head, body: text } },
      ])
      const model = 'broken-openai-chat/m'
      const seen = await bench.ask({ dialect, model, text: 'x', streamed: true })
      expect([seen.isWhole, seen.text]).toEqual([true, `${BEFORE}\ufffd!`])
    },
  )
})

describe('F070 the other shape', () => {
  it('F070 is what the client asked for all the same', async () => {
    bench.broken.script(() => [{ at: 'head', do: 'other-shape' }])
    for (const { client, upstream, streamed } of PLACES) {
      const model = `broken-${upstream}/m`
      const seen = await bench.ask({ dialect: client, model, streamed })
      const { status, isWhole, error, text } = seen
      expect({ client, upstream, streamed, status, isWhole, error }).toEqual({
        client,
        upstream,
        streamed,
        status: 200,
        isWhole: true,
        error: undefined,
      })
      expect(text).toMatch(/\.11 $/)
    }
  })

  it('F070 without an answer in it is a 502', async () => {
    const html =
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 13\r\n\r\n<html></html>'
    bench.broken.script(() => raw(html))
    for (const streamed of [false, true]) {
      const seen = await bench.ask({ dialect: 'openai-chat', model: 'broken-gemini/m', streamed })
      expect([streamed, seen.status]).toEqual([streamed, 502])
    }
  })
})
