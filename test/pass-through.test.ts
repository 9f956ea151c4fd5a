// The same protocol on both sides: the bytes pass through a real gateway, both ways, and are metered beside.
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProviderStats } from '../src/providers/tracker.ts'
import { CANARY_KEY, settled } from './server-fakes.ts'
import {
  type FakeUpstream,
  type ScriptedReply,
  type SeenRequest,
  openUpstream,
} from './fake-upstream.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'

const QUESTION = '[ {"role":"user","content":"h\\u0069 \u00e9","x":{"a":1,"a":1.50}} ]'

const LONG = 'x'.repeat(64 * 1024)

/** What a protocol says, spelled as no printer of ours would. */
interface Protocol {
  readonly id: string
  readonly path: string
  /** Below the upstream's root. */
  readonly base: string
  readonly body: (model: string, stream: boolean) => string
  readonly type: string
  readonly whole: string
  readonly stream: readonly string[]
  /** How many of these frames it takes until the answer has begun. */
  readonly begun: number
  /** A long frame that may come anywhere once the answer has begun. */
  readonly filler: string
  /** An error as a frame of a stream; it quotes the key. */
  readonly errorFrame: string
  readonly saysError: RegExp
}

const protocols: readonly Protocol[] = [
  {
    id: 'openai-chat',
    path: '/v1/chat/completions',
    base: '/v1',
    body: (model, stream) =>
      `{ "n_new":12345678901234567890,\r\n"model" : "${model}",${stream ? '"stream":true,"stream_options":{"include_usage" : true},' : ''}"temperature":1.0e0,"messages":${QUESTION}}\n`,
    type: 'text/event-stream; charset=x',
    whole:
      '{ "id":"c", "object":"chat.completion","created":1, "model":"tiny","n":12345678901234567890,"choices":[{"index":0,"message":{"role":"assistant","content":"h\\u0069"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}\n',
    stream: [
      ': waking up\r\n\r\n',
      'data:{"id" : "c","n":12345678901234567890,"choices":[{"index":0,"delta":{"content":"\u00e9"}}]}\r\n\r\n',
      'id: 7\ndata: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}\n\n',
      'data: {"id":"c","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}\n\n',
      'data: [DONE]\n\n',
    ],
    begun: 2,
    filler: `: ${LONG}\n\n`,
    errorFrame: `data: {"error":{"message":"${CANARY_KEY} is tired"}}\n\n`,
    saysError: /data: \{"error":\{[^\n]*\n\ndata: \[DONE\]\n\n$/,
  },
  {
    id: 'anthropic-messages',
    path: '/v1/messages',
    base: '',
    body: (model, stream) =>
      `{ "x_new":12345678901234567890,\r\n"model" : "${model}","stream":${stream},"max_tokens":1e2,"messages":${QUESTION}}\n`,
    type: 'text/event-stream; charset=x',
    whole:
      '{ "id":"m", "type":"message","role":"assistant","model":"tiny","n":12345678901234567890,"content":[{"type":"text","text":"h\\u0069"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":3}}\n',
    stream: [
      'event: message_start\r\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"tiny","n":12345678901234567890,"content":[],"usage":{"input_tokens":7,"output_tokens":1}}}\r\n\r\n',
      ': a comment\n\nevent: ping\ndata: {"type": "ping"}\n\n',
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
      'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\u00e9"}}\n\n',
      'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
      'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}\n\n',
      'event: message_stop\ndata: {"type":"message_stop" }\n\n',
    ],
    begun: 4,
    filler: `: ${LONG}\n\n`,
    errorFrame: `event: error\ndata: {"type":"error","error":{"type":"api_error","message":"${CANARY_KEY} is tired"}}\n\n`,
    saysError: /event: error\ndata: \{[^\n]*\n\n$/,
  },
  {
    id: 'ollama',
    path: '/api/chat',
    base: '',
    body: (model, stream) =>
      `{ "x_new":12345678901234567890,\r\n"model" : "${model}","stream":${stream},"options":{"num_ctx":4096.0},"messages":${QUESTION}}\n`,
    type: 'application/x-ndjson',
    whole:
      '{ "model":"tiny","created_at":"2026-01-01T00:00:00Z","n":12345678901234567890,"message":{"role":"assistant","content":"h\\u0069"},"done":true,"done_reason":"stop","prompt_eval_count":7,"eval_count":3}\n',
    stream: [
      '{ "model":"tiny","created_at":"2026-01-01T00:00:00Z","n":12345678901234567890,"message":{"role":"assistant","content":"\u00e9"},"done":false}\r\n\n',
      '{"model":"tiny","created_at":"2026-01-01T00:00:01Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":7,"eval_count":3}\n',
    ],
    begun: 1,
    filler: `{"message":{"role":"assistant","content":"${LONG}"},"done":false}\n`,
    errorFrame: `{"error":"${CANARY_KEY} is tired"}\n`,
    saysError: /\{"error":"[^\n]*\n$/,
  },
]

let upstream: FakeUpstream
let open: OpenGateway

beforeEach(async () => {
  upstream = await openUpstream()
  open = await openGateway()
})
afterEach(async () => {
  await upstream.close()
  await open.close()
})

function register(protocol: Protocol, settings: { readonly wholeByStream?: boolean } = {}): void {
  open.gateway.manager.registerProvider({
    providerType: 'custom',
    name: 'up',
    baseUrl: upstream.url + protocol.base,
    apiKey: CANARY_KEY,
    models: ['tiny'],
    settings: { dialect: protocol.id, ...settings },
  })
}

function stats(): ProviderStats {
  return open.gateway.manager.getProvider('up').tracker.stats()
}

/** Every chat is answered so; lists of models are empty. */
function answerWith(reply: ScriptedReply): void {
  upstream.answer(({ method }) => (method === 'POST' ? reply : { chunks: ['{"data":[]}'] }))
}

function asked(): SeenRequest | undefined {
  return upstream.requests.findLast(({ method }) => method === 'POST')
}

async function nextChat(): Promise<SeenRequest> {
  for (;;) {
    const seen = await upstream.nextRequest()
    if (seen.method === 'POST') return seen
  }
}

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly lane: string | null
  readonly text: string
}

async function ask(path: string, body: string, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(`${open.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${open.clientKey}` },
    body,
    ...(signal === undefined ? {} : { signal }),
  })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    lane: response.headers.get('x-patchbay-lane'),
    text: await response.text(),
  }
}

function streaming(protocol: Protocol, more: ScriptedReply = {}): ScriptedReply {
  return { headers: { 'content-type': protocol.type }, chunks: protocol.stream, ...more }
}

interface Dialled {
  readonly client: ClientRequest
  /** Paused until somebody reads it. */
  readonly answer: IncomingMessage
}

/** A client that reads as slowly as it likes, and may hang up. */
async function dial(path: string, body: string): Promise<Dialled> {
  const headers = { authorization: `Bearer ${open.clientKey}` }
  const client = httpRequest(`${open.url}${path}`, { method: 'POST', headers })
  client.on('error', () => undefined)
  client.end(body)
  const [answer]: IncomingMessage[] = await once(client, 'response')
  if (answer === undefined) throw new Error('no answer')
  answer.on('error', () => undefined)
  return { client, answer }
}

const METERED = { requests: 1, errors: 0, inFlight: 0, inputTokens: 7, outputTokens: 3 }

describe.each(protocols)('$id on both sides', (protocol) => {
  const { path, body, type, whole, stream, begun, filler, errorFrame, saysError } = protocol
  const wholeStream = stream.join('')

  beforeEach(() => register(protocol))

  it('passes a whole answer byte for byte both ways, and meters it', async () => {
    answerWith({ headers: { 'content-type': 'application/json; x=1' }, chunks: [whole] })
    const answer = await ask(path, body('tiny', false))
    expect(asked()?.text).toBe(body('tiny', false))
    expect(answer).toEqual({
      status: 200,
      type: 'application/json; x=1',
      lane: 'bytes',
      text: whole,
    })
    expect(stats()).toMatchObject(METERED)
  })

  it('passes a stream byte for byte both ways, and meters it', async () => {
    answerWith(streaming(protocol))
    const answer = await ask(path, body('tiny', true))
    expect(asked()?.text).toBe(body('tiny', true))
    expect(answer).toEqual({ status: 200, type, lane: 'bytes', text: wholeStream })
    expect(stats()).toMatchObject(METERED)
  })

  it('passes a stream that comes byte by byte', async () => {
    answerWith(
      streaming(protocol, {
        chunks: [...Buffer.from(wholeStream)].map((byte) => Uint8Array.of(byte)),
      }),
    )
    expect((await ask(path, body('tiny', true))).text).toBe(wholeStream)
    expect(stats()).toMatchObject(METERED)
  })

  it('changes the name of the model and no other character of the request', async () => {
    answerWith({ chunks: [whole] })
    const answer = await ask(path, body('up/tiny', false))
    expect(asked()?.text).toBe(body('tiny', false))
    expect(answer).toMatchObject({ lane: 'patch', text: whole })
  })

  it('sends a large text on in the bytes that it came in, but for the name of the model', async () => {
    for (const model of ['tiny', 'up/tiny']) {
      answerWith({ chunks: [whole] })
      const { text } = await ask(path, body(model, false).replaceAll('\u00e9', LONG))
      expect(asked()?.text).toBe(body('tiny', false).replaceAll('\u00e9', LONG))
      expect(text).toBe(whole)
    }
  })

  it.each(['cut', 'reset', 'end'] as const)(
    'says in its own words that a stream broke off (%s)',
    async (ending) => {
      const chunks = stream.slice(0, begun)
      answerWith(streaming(protocol, { chunks, ending }))
      const { status, text } = await ask(path, body('tiny', true))
      expect(status).toBe(200)
      expect(text.startsWith(chunks.join(''))).toBe(true)
      expect(text.slice(chunks.join('').length)).toMatch(saysError)
      expect(stats()).toMatchObject({ errors: 1, inFlight: 0 })
    },
  )

  it('answers an error right behind the opening with a real status', async () => {
    answerWith(streaming(protocol, { chunks: [...stream.slice(0, begun - 1), errorFrame] }))
    const { status, text } = await ask(path, body('tiny', true))
    expect(status).toBeGreaterThanOrEqual(500)
    expect(text).not.toContain(CANARY_KEY)
  })

  it('drops half a frame before it says so', async () => {
    const before = stream.slice(0, begun)
    const half = (stream[begun] ?? '').slice(0, -12)
    answerWith(streaming(protocol, { chunks: [...before, half], ending: 'cut' }))
    const { text } = await ask(path, body('tiny', true))
    expect(text).not.toContain(half.slice(-20))
    expect(text).toMatch(saysError)
  })

  it('tells an error in the middle of a stream without the key that it quotes', async () => {
    const chunks = [...stream.slice(0, begun), errorFrame]
    answerWith(streaming(protocol, { chunks }))
    const { text } = await ask(path, body('tiny', true))
    expect(text.startsWith(stream[0] ?? '')).toBe(true)
    expect(text).toMatch(saysError)
    expect(text).toContain('is tired')
    expect(text).not.toContain(CANARY_KEY)
    expect(stats().errors).toBe(1)
  })

  it('answers an error that comes first with a status', async () => {
    answerWith(streaming(protocol, { chunks: [errorFrame] }))
    const answer = await ask(path, body('tiny', true))
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.text).not.toContain(CANARY_KEY)
  })

  it('tells a refusal of our own key as our failure, whatever the upstream wrote', async () => {
    const chunks = [
      `{"error":{"type":"authentication_error","message":"bad key ${CANARY_KEY}"},"host":"10.0.0.7"}`,
    ]
    answerWith({ status: 401, chunks })
    const answer = await ask(path, body('tiny', false))
    expect(answer.status).toBe(502)
    expect(answer.lane).toBeNull()
    expect(answer.text).not.toMatch(new RegExp(`${CANARY_KEY}|10\\.0\\.0\\.7`))
  })

  it('answers a failure under a success status, and a body that is no JSON, with an error', async () => {
    for (const text of [
      '{"error":{"message":"no","type":"api_error"}}',
      '<html>nginx at 10.0.0.7</html>',
    ]) {
      answerWith({ chunks: [text] })
      const answer = await ask(path, body('tiny', false))
      expect(answer.status).toBeGreaterThanOrEqual(500)
      expect(answer.text).not.toContain('10.0.0.7')
    }
  })

  it('passes an answer that our decoder cannot read', async () => {
    const odd = '{"what":"is this?"}'
    answerWith({ chunks: [odd] })
    expect(await ask(path, body('tiny', false))).toMatchObject({ status: 200, text: odd })
  })

  it('passes no media type that a browser would show', async () => {
    const headers = { 'content-type': 'image/svg+xml' }
    answerWith({ headers, chunks: [whole] })
    expect((await ask(path, body('tiny', false))).type).toBe('application/json')
    answerWith(streaming(protocol, { headers }))
    const { type: shown, text } = await ask(path, body('tiny', true))
    expect([shown?.split(';')[0], text]).toEqual([type.split(';')[0], wholeStream])
  })

  it('closes the upstream when the client leaves', async () => {
    answerWith(streaming(protocol, { chunks: stream.slice(0, begun), ending: 'stall' }))
    const { client, answer } = await dial(path, body('tiny', true))
    await once(answer, 'data')
    client.destroy()
    await (
      await nextChat()
    ).closed
  })

  it('takes no more from the upstream than a slow reader takes from us', async () => {
    const filling = Array.from({ length: 1000 }, () => filler)
    const chunks = [...stream.slice(0, begun), ...filling, ...stream.slice(begun)]
    answerWith(streaming(protocol, { chunks }))
    const { answer } = await dial(path, body('tiny', true))
    const seen = await nextChat()
    for (let tick = 0; tick < 500; tick += 1) await settled()
    expect(seen.unsent).toBeGreaterThan(16 * 1024 * 1024)
    let bytes = 0
    for await (const chunk of answer) bytes += Buffer.byteLength(chunk)
    expect(bytes).toBe(Buffer.byteLength(chunks.join('')))
    expect(stats()).toMatchObject(METERED)
  })
})

const [openai, anthropic, ollama] = protocols

describe('a stream that is metered although the client did not ask', () => {
  it('loses the chunk that this adds, and nothing else', async () => {
    if (openai === undefined) throw new Error('no protocol')
    register(openai)
    answerWith(streaming(openai))
    const text = `{"model":"tiny", "stream" : true,"messages":${QUESTION}}`
    const answer = await ask(openai.path, text)
    expect(asked()?.text).toBe(text.replace('{', '{"stream_options":{"include_usage":true},'))
    expect(answer).toMatchObject({
      lane: 'patch',
      text: openai.stream.filter((frame) => !frame.includes('"choices":[]')).join(''),
    })
    expect(stats()).toMatchObject(METERED)
  })
})

describe('translation', () => {
  it('is what clients of another protocol, and of our own routes, get', async () => {
    if (anthropic === undefined || ollama === undefined) throw new Error('no protocol')
    register(anthropic)
    answerWith({ chunks: [anthropic.whole] })
    expect((await ask(ollama.path, ollama.body('tiny', false))).lane).toBe('translate')
    answerWith({ chunks: [anthropic.whole] })
    expect((await ask('/api/chat/multi', '{"message":"hi","provider":"up"}')).lane).toBe(
      'translate',
    )
  })

  it('serves hosts that answer in another shape than they were asked for', async () => {
    if (openai === undefined) throw new Error('no protocol')
    register(openai)
    answerWith({ chunks: [openai.whole] })
    const { lane, text } = await ask(openai.path, openai.body('tiny', true))
    expect(lane).toBe('translate')
    expect(text).toMatch(/^data: [\s\S]*data: \[DONE\]\n\n$/)
  })

  it('serves hosts that must be asked for a stream', async () => {
    if (openai === undefined) throw new Error('no protocol')
    register(openai, { wholeByStream: true })
    answerWith(streaming(openai))
    const { lane, text } = await ask(openai.path, openai.body('tiny', false))
    expect(lane).toBe('translate')
    expect(JSON.parse(text)).toMatchObject({ object: 'chat.completion' })
  })

  it('keeps the shapes of one protocol apart', async () => {
    if (ollama === undefined) throw new Error('no protocol')
    register(ollama)
    answerWith({
      chunks: ['{"model":"tiny","created_at":"2026-01-01T00:00:00Z","response":"hi","done":true}'],
    })
    const answer = await ask('/api/generate', '{"model":"tiny", "prompt":"hi","stream":false}')
    expect(asked()?.path).toBe('/api/generate')
    expect(answer.lane).toBe('bytes')
  })
})
