// Stored answers through the whole server: what is kept of streams that break, what passes untouched, where errors point.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeUpstream, type ScriptedReply, openUpstream } from '../../test/fake-upstream.ts'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'
import { settled } from '../../test/server-fakes.ts'
import { type Json, type JsonObject, isObject, parseJson } from '../wire/json.ts'

const DELTA = `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","output_index":0,"content_index":0,"item_id":"msg_1","delta":"one \\u00e9","n":12345678901234567890}\n\n`

let upstream: FakeUpstream
let open: OpenGateway

beforeEach(async () => {
  upstream = await openUpstream()
  open = await openGateway()
  for (const [name, dialect] of Object.entries({ same: 'openai-responses', chat: 'openai-chat' })) {
    open.gateway.manager.registerProvider({
      providerType: 'custom',
      name,
      baseUrl: `${upstream.url}/v1`,
      models: ['tiny'],
      settings: { dialect },
    })
  }
})
afterEach(async () => {
  await upstream.close()
  await open.close()
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

async function ask(path: string, body?: string, method = 'POST'): Promise<Answer> {
  const response = await fetch(`${open.url}${path}`, {
    method: body === undefined ? method.replace('POST', 'GET') : method,
    headers: { authorization: `Bearer ${open.clientKey}` },
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

async function create(body: JsonObject): Promise<Answer> {
  return ask('/v1/responses', JSON.stringify(body))
}

function answerWith(reply: ScriptedReply): void {
  upstream.answer(({ method }) => (method === 'POST' ? reply : { chunks: ['{"data":[]}'] }))
}

function sent(): { readonly text: string; readonly json: Json | undefined } {
  const seen = upstream.requests.findLast(({ method }) => method === 'POST')
  return { text: seen?.text ?? '', json: seen?.json }
}

function idIn(text: string): string {
  return /"id":\s*"(resp_req_[0-9a-f]+)"/.exec(text)?.[1] ?? ''
}

function errorIn({ text }: Answer): JsonObject {
  const body = parseJson(text)
  const error = isObject(body) ? body['error'] : undefined
  return isObject(error) ? error : {}
}

function frame(type: string, response: string): string {
  return `event: ${type}\ndata: { "type":"${type}" , "response":${response} }\n\n`
}

const OUTPUT = `[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"one é","annotations":[]}]}]`

function theirs(status: string, output: string): string {
  return `{ "id":"resp_theirs","object":"response","created_at":1.50,"model":"tiny","status":"${status}","output":${output},"store":false,"x_new":12345678901234567890,"usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10} }`
}

const STREAM = {
  headers: { 'content-type': 'text/event-stream' },
  chunks: [
    frame('response.created', theirs('in_progress', '[]')),
    `event: response.output_item.added\ndata: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"msg_1","role":"assistant","content":[]}}\n\n`,
    DELTA,
    frame('response.completed', theirs('completed', OUTPUT)),
  ],
}

describe('a stored answer of a provider of the same protocol', () => {
  it('keeps its own characters but for what it says of being stored', async () => {
    answerWith({ chunks: [theirs('completed', OUTPUT)] })
    const body = '{ "input":"h\\u0069", "n_new":12345678901234567890,"model" : "same/tiny" }'
    const answer = await ask('/v1/responses', body)
    expect(answer.headers.get('x-patchbay-lane')).toBe('patch')
    expect(sent().text).toBe(
      '{"store":false, "input":"h\\u0069", "n_new":12345678901234567890,"model" : "tiny" }',
    )
    const id = idIn(answer.text)
    expect(answer.text).toBe(
      theirs('completed', OUTPUT)
        .replace('resp_theirs', id)
        .replace('"store":false', '"store":true')
        .replace('{ "id"', '{"previous_response_id":null, "id"'),
    )
    expect((await ask(`/v1/responses/${id}`)).text).toBe(answer.text)
  })

  it('keeps the bytes of its stream, and is stored as the stream ended', async () => {
    answerWith(STREAM)
    const { text, headers } = await create({ model: 'same/tiny', input: 'Hi', stream: true })
    expect(headers.get('x-patchbay-lane')).toBe('patch')
    expect(text).toContain(DELTA)
    const id = idIn(text)
    expect(text.split(id)).toHaveLength(3)
    expect(text).not.toContain('resp_theirs')
    expect(text).not.toContain('"store":false')
    const last = text.slice(text.lastIndexOf('"response":') + '"response":'.length, -4)
    expect((await ask(`/v1/responses/${id}`)).text).toBe(last)
    expect(last).toContain('"created_at":1.50')
  })

  it('passes to the byte where nothing is to be stored', async () => {
    answerWith(STREAM)
    const asked = { model: 'tiny', input: 'Hi', store: false, stream: true }
    const { text, headers } = await create(asked)
    expect(headers.get('x-patchbay-lane')).toBe('bytes')
    expect(text).toBe(STREAM.chunks.join(''))
    expect(sent().text).toBe(JSON.stringify(asked))
  })

  it('that is not to be stored still says what it went on from', async () => {
    answerWith({ chunks: [theirs('completed', OUTPUT)] })
    const first = idIn((await create({ model: 'same/tiny', input: 'One' })).text)
    const asked = { model: 'same/tiny', input: 'Two', store: false, previous_response_id: first }
    const { text, headers } = await create(asked)
    expect(parseJson(text)).toMatchObject({
      id: 'resp_theirs',
      store: false,
      previous_response_id: first,
    })
    expect(headers.get('x-patchbay-lane')).toBe('translate')
    expect(sent().json).toEqual({
      model: 'tiny',
      store: false,
      input: [
        { role: 'user', content: 'One' },
        expect.objectContaining({ id: 'msg_1' }),
        { role: 'user', content: 'Two' },
      ],
    })
    expect((await ask('/v1/responses/resp_theirs')).status).toBe(404)
  })
})

describe('a stream that breaks', () => {
  const broken: Readonly<Record<string, ScriptedReply>> = {
    same: { ...STREAM, chunks: STREAM.chunks.slice(0, 3), ending: 'cut' },
    chat: {
      headers: { 'content-type': 'text/event-stream' },
      chunks: ['data: {"id":"c","choices":[{"index":0,"delta":{"content":"one"}}]}\n\n'],
      ending: 'cut',
    },
  }

  it.each(Object.keys(broken))(
    'behind %s is stored as failed: to be looked at, not to be gone on from',
    async (provider) => {
      answerWith(broken[provider] ?? {})
      const { text } = await create({ model: `${provider}/tiny`, input: 'Hi', stream: true })
      const id = idIn(text)
      expect(text).toContain('event: response.failed')
      expect(text.split('event: response.created')).toHaveLength(2)
      expect(text.split('event: error')).toHaveLength(2)
      const found = await ask(`/v1/responses/${id}`)
      expect(parseJson(found.text)).toMatchObject({
        id,
        status: 'failed',
        store: true,
        error: { message: expect.any(String) },
      })
      const next = await create({ model: 'chat/tiny', input: 'And?', previous_response_id: id })
      expect(next.status).toBe(400)
      expect(errorIn(next)).toMatchObject({ param: 'previous_response_id' })
      expect((await ask(`/v1/responses/${id}`, '', 'DELETE')).status).toBe(200)
    },
  )

  it('because its client has left is not stored', async () => {
    answerWith({ ...STREAM, chunks: STREAM.chunks.slice(0, 3), ending: 'stall' })
    const leave = new AbortController()
    const response = await fetch(`${open.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${open.clientKey}` },
      body: JSON.stringify({ model: 'same/tiny', input: 'Hi', stream: true }),
      signal: leave.signal,
    })
    const reader = response.body?.getReader()
    const { value } = (await reader?.read()) ?? {}
    const id = idIn(new TextDecoder().decode(value))
    expect(id).not.toBe('')
    const seen = upstream.requests.findLast(({ method }) => method === 'POST')
    leave.abort()
    await seen?.closed
    await settled()
    expect((await ask(`/v1/responses/${id}`)).status).toBe(404)
  })
})

describe('an answer that failed', () => {
  it('as a whole leaves nothing behind', async () => {
    answerWith({ status: 500, chunks: ['{"error":{"message":"tired"}}'] })
    const answer = await create({ model: 'chat/tiny', input: 'Hi' })
    expect(answer.status).toBeGreaterThanOrEqual(500)
    expect(answer.text).not.toContain('resp_')
  })
})

describe('what is wrong with a request that goes on', () => {
  it('is said of its own places, not of what was said before', async () => {
    answerWith({ chunks: [theirs('completed', OUTPUT)] })
    const first = idIn((await create({ model: 'same/tiny', input: 'One' })).text)
    const input = [
      { role: 'user', content: 'Two' },
      { role: 'nobody', content: 'x' },
    ]
    const answer = await create({ model: 'same/tiny', previous_response_id: first, input })
    expect(answer.status).toBe(400)
    expect(errorIn(answer)).toMatchObject({ param: 'input[1].role' })
  })

  it('is said of a bad store, and of a body that is no object, as ever', async () => {
    expect(errorIn(await create({ model: 'same/tiny', input: 'Hi', store: 'yes' }))).toMatchObject({
      param: 'store',
    })
    expect((await ask('/v1/responses', '[]')).status).toBe(400)
    expect((await ask('/v1/responses', '')).status).toBe(400)
  })
})

describe('notes', () => {
  it('say of thinking that cannot go on that it does not', async () => {
    const thought = '[{"type":"reasoning","id":"rs_1","summary":[]}]'
    answerWith({ chunks: [theirs('completed', thought)] })
    const first = await create({ model: 'same/tiny', input: 'One' })
    expect(first.headers.has('x-patchbay-notes')).toBe(false)
    const asked = { model: 'same/tiny', input: 'Two', previous_response_id: idIn(first.text) }
    expect((await create(asked)).headers.get('x-patchbay-notes')).toBe('dropped=reasoning')
    expect(sent().text).not.toContain('rs_1')
  })

  it('of the translation stand beside the one of the store', async () => {
    answerWith({
      chunks: [
        '{"id":"c","object":"chat.completion","created":1,"model":"tiny","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}',
      ],
    })
    const off = await openGateway({
      config: { responseStore: { enabled: false, ttl: 1, maxEntries: 1, maxBytes: 1 } },
    })
    off.gateway.manager.registerProvider({
      providerType: 'custom',
      name: 'chat',
      baseUrl: `${upstream.url}/v1`,
      models: ['tiny'],
    })
    const response = await fetch(`${off.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${off.clientKey}`, 'x-patchbay-policy': 'strict' },
      body: JSON.stringify({ model: 'chat/tiny', input: 'Hi', truncation: 'auto' }),
    })
    expect(response.headers.get('x-patchbay-notes')).toMatch(/^dropped=truncation;.*dropped=store$/)
    await off.close()
  })
})
