// A server that is told to stop in the middle of 200 streams: each of them ends whole or says why it does not, and the process ends well.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ObjectReader } from '../../src/wire/json.ts'
import { DONE, chunk } from '../bugs/chunks.ts'
import { type Id, IDS } from '../bugs/protocols.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { RawClient, head } from '../raw-client.ts'
import { type Running, start } from '../run-patchbay.ts'
import { requestIn } from './asks.ts'
import { HALF } from './half-answer.ts'

const STREAMS = 200

let cwd: string
let upstream: FakeUpstream
let server: Running | undefined
const clients: Asking[] = []

interface Asking {
  readonly id: Id
  readonly client: RawClient
}

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'patchbay-drain-'))
  upstream = await openUpstream()
  upstream.answer(() => HALF)
})

afterEach(async () => {
  for (const { client } of clients.splice(0)) client.socket.destroy()
  server?.signal('SIGKILL')
  await server?.ended
  server = undefined
  await upstream.close()
  await rm(cwd, { recursive: true })
})

/** The server as a process of its own; gives its URL. */
async function serve(drain: string): Promise<string> {
  await writeFile(
    join(cwd, 'patchbay.yaml'),
    [
      `server: { drain: ${drain} }`,
      `providers: [{ name: house, type: custom, base_url: "${upstream.url}/v1", models: [m], settings: { local: true } }]`,
    ].join('\n'),
  )
  const argv = ['serve', '--port', '0', '--no-detect', '--no-fetch', '--json', '--log', 'json']
  server = start(argv, { cwd, env: { PATCHBAY_HOME: join(cwd, 'data') } })
  const banner = ObjectReader.of(JSON.parse(await server.printed('stdout', /\n/)), '')
  return banner.string('url')
}

/** So many streams of all six protocols that have begun and do not end. */
async function streams(url: string, count: number): Promise<readonly Asking[]> {
  const asking = Array.from({ length: count }, (_, at): Asking => {
    const id = IDS[at % IDS.length] ?? 'openai-chat'
    const client = RawClient.at(url)
    client.send(requestIn(id, { model: 'house/m', shape: 'stream' }))
    return { id, client }
  })
  clients.push(...asking)
  await Promise.all(asking.map(({ client }) => client.until(/half/)))
  return asking
}

/** What a whole stream of each protocol ends with. */
const ENDS: Readonly<Record<Id, RegExp>> = {
  'openai-chat': /data: \[DONE\]\n\n\r\n0\r\n/,
  'openai-responses': /"type":"response\.completed"/,
  'anthropic-messages': /event: message_stop/,
  gemini: /"finishReason":"STOP"/,
  'mistral-chat': /"finish_reason":"stop"[^]*\[DONE\]/,
  ollama: /"done":true/,
}

const STOPPING = /Patchbay is stopping/

describe('F125 SIGTERM with 200 open streams', () => {
  it('ends each whole or with an error in its protocol, refuses new ones, and exits with 0', async () => {
    const url = await serve('{ wait: 3, deadline: 8 }')
    const asking = await streams(url, STREAMS)
    server?.signal('SIGTERM')
    await server?.printed('stderr', /Stopping/)

    // It says at once that it is not ready, and still takes calls of who has not heard.
    const ready = RawClient.at(url).send(head('GET', [], '/readyz'))
    expect(await ready.until(/draining/)).toMatch(/^HTTP\/1\.1 503 [^]*connection: close/i)
    const late = await streams(url, 1)

    // Every other stream is let end by its provider, in the order in which they came there.
    const all = [...asking, ...late]
    const asked = upstream.requests.filter(({ method }) => method === 'POST')
    expect(asked).toHaveLength(all.length)
    for (const [at, request] of asked.entries()) {
      if (at % 2 === 1) continue
      request.write(`data: ${JSON.stringify(chunk({}, 'stop'))}\n\n${DONE}`)
      request.end()
    }
    await Promise.all(all.map(({ client }) => client.closed))
    const { code, stderr } = (await server?.ended) ?? { code: -1, stderr: '' }
    expect(code).toBe(0)
    expect(stderr).not.toMatch(/unhandled|uncaught/i)

    const whole = all.filter(({ id, client }) => ENDS[id].test(client.text))
    const told = all.filter(({ client }) => STOPPING.test(client.text))
    expect(whole).toHaveLength(Math.ceil(all.length / 2))
    expect(told).toHaveLength(Math.floor(all.length / 2))
    expect(told.filter((one) => whole.includes(one))).toEqual([])
    // A proper end of the HTTP body: the last word has arrived, nothing was cut.
    expect(all.filter(({ client }) => !client.text.endsWith('\r\n0\r\n\r\n'))).toEqual([])
    const refused = RawClient.at(url)
    await refused.closed
    expect(refused.text).toBe('')
  })
})

describe('F126 a second signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s cuts at once, in words, and still exits with 0',
    async (again) => {
      const url = await serve('{ wait: 600, deadline: 700 }')
      const asking = await streams(url, 12)
      server?.signal('SIGTERM')
      await server?.printed('stderr', /Stopping/)
      server?.signal(again)
      await Promise.all(asking.map(({ client }) => client.closed))
      expect(asking.filter(({ client }) => !STOPPING.test(client.text))).toEqual([])
      expect(await server?.ended).toMatchObject({ code: 0 })
    },
  )
})

it('a server on loopback without calls stops at once', async () => {
  const url = await serve('{}')
  expect(url).toContain('127.0.0.1')
  server?.signal('SIGTERM')
  expect(await server?.ended).toMatchObject({ code: 0 })
})
