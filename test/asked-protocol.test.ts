// A provider with several protocols behind a gateway: which one was asked, as the client is told.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../src/wire/json.ts'
import { type FakeUpstream, type ScriptedReply, openUpstream } from './fake-upstream.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { completion, json } from './openai-replies.ts'

let upstream: FakeUpstream
let gateway: OpenGateway

beforeAll(async () => {
  upstream = await openUpstream()
  upstream.answer(({ path }) => answerAt(path))
  const both = ['openai-chat', 'anthropic-messages']
  gateway = await openGateway({
    providers: [
      {
        providerType: 'custom',
        name: 'both',
        baseUrl: `${upstream.url}/v1`,
        models: ['m'],
        settings: { dialects: both },
      },
      { providerType: 'custom', name: 'one', baseUrl: `${upstream.url}/v1`, models: ['m'] },
    ],
  })
})

afterAll(async () => {
  await gateway.close()
  await upstream.close()
})

function answerAt(path: string): ScriptedReply {
  if (path === '/v1/chat/completions') return completion('Hi!')
  return json({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Hi!' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  })
}

async function protocolOf(path: string, body: Json): Promise<string | null> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': gateway.clientKey },
    body: JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return response.headers.get('x-patchbay-protocol')
}

const messages = [{ role: 'user', content: 'Hi' }]
const document = {
  type: 'document',
  source: { type: 'text', media_type: 'text/plain', data: 'x' },
}

describe('x-patchbay-protocol', () => {
  it.each([
    ['/v1/chat/completions', { messages }, 'openai-chat;reason=untouched'],
    ['/v1/messages', { messages, max_tokens: 9 }, 'anthropic-messages;reason=untouched'],
    ['/ollama/api/chat', { messages, stream: false }, 'openai-chat;reason=preferred'],
    ['/v1/responses', { input: 'Hi', store: false }, 'openai-chat;reason=preferred'],
  ])('of a request at %s says what it was asked in', async (path, fields, expected) => {
    expect(await protocolOf(path, { model: 'both/m', ...fields })).toBe(expected)
  })

  it('says that there is only one', async () => {
    const fields = { max_tokens: 9, messages: [{ role: 'user', content: [document] }] }
    expect(await protocolOf('/v1/messages', { model: 'one/m', ...fields })).toBe(
      'openai-chat;reason=only',
    )
  })

  it('is the protocol that keeps what the other would lose', async () => {
    const source = { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0xLjc=' } }
    const tools = [{ functionDeclarations: [{ name: 'look' }] }]
    const contents = [{ role: 'user', parts: [source, { text: 'Hi' }] }]
    const config = { topK: 5 }
    const path = '/v1beta/models/both%2Fm:generateContent'
    expect(await protocolOf(path, { contents, tools, generationConfig: config })).toBe(
      'anthropic-messages;reason=least-loss',
    )
  })
})
