// Who goes on with a begun answer, as each protocol and model declares, and what it is asked then.
import { afterEach, expect, it } from 'vitest'
import type { ChatExchange } from '../src/exchange/exchange.ts'
import { ProviderManager } from '../src/pipeline/library.ts'
import { type FakeUpstream, openUpstream } from './fake-upstream.ts'
import { type OpenGateway, openGateway } from './open-gateway.ts'
import { contentChunk, stream, streamed } from './openai-replies.ts'

const begun = (model: string): ChatExchange => ({
  operation: 'chat',
  id: 'id',
  request: {
    origin: { dialect: 'patchbay' },
    model,
    turns: [
      { role: 'user', parts: [{ type: 'text', text: 'Count' }] },
      { role: 'assistant', parts: [{ type: 'text', text: 'One two' }] },
    ],
    sampling: {},
    stream: { enabled: true },
  },
  target: { provider: 'one', model },
  policy: 'default',
  signal: new AbortController().signal,
})

it.each([
  { dialect: 'anthropic-messages', model: 'claude-sonnet-4-5', does: true },
  { dialect: 'anthropic-messages', model: 'claude-sonnet-4-6', does: false },
  { dialect: 'anthropic-messages', model: 'claude-opus-4-7', does: false },
  { dialect: 'anthropic-messages', model: 'another', does: false },
  { dialect: 'anthropic-messages', model: 'another', flags: { prefill: true }, does: true },
  { dialect: 'mistral-chat', model: 'mistral-large', does: true },
  { dialect: 'ollama', model: 'llama3', does: false },
  { dialect: 'ollama', model: 'llama3', flags: { prefill: true }, does: true },
  { dialect: 'openai-chat', model: 'gpt-5', does: false },
  { dialect: 'openai-responses', model: 'gpt-5', does: false },
  { dialect: 'gemini', model: 'gemini-3', does: false },
])(
  '$dialect with $model and $flags goes on: $does',
  async ({ dialect, model, flags = {}, does }) => {
    const manager = new ProviderManager()
    const settings = { dialect, flags }
    const baseUrl = 'http://127.0.0.1:9/v1'
    manager.registerProvider({ providerType: 'custom', name: 'one', baseUrl, settings })
    expect(manager.getProvider('one').continues(begun(model))).toBe(does)
    await manager.closeAll()
  },
)

let open: OpenGateway
const upstreams: FakeUpstream[] = []
afterEach(async () => {
  await open?.close()
  for (const upstream of upstreams.splice(0)) await upstream.close()
})

it('a text that one provider breaks off is begun for the next one, in the form of its protocol', async () => {
  const [first, second] = [await openUpstream(), await openUpstream()]
  upstreams.push(first, second)
  first.answer(() => stream([contentChunk('One '), contentChunk('two ')], 'cut'))
  second.answer(() => streamed(['three ', 'four.']))
  open = await openGateway({
    providers: [
      {
        providerType: 'custom',
        name: 'first',
        baseUrl: `${first.url}/v1`,
        models: ['m'],
        settings: { local: true },
      },
      {
        providerType: 'custom',
        name: 'second',
        baseUrl: `${second.url}/v1`,
        models: ['m'],
        settings: { dialect: 'mistral-chat', local: true },
      },
    ],
    config: {
      routes: [
        {
          name: 'steady',
          targets: [{ model: 'first/m' }, { model: 'second/m' }],
          onStreamFailure: 'continue',
        },
      ],
    },
  })
  const response = await fetch(`${open.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({
      model: 'steady',
      max_tokens: 100,
      stream: true,
      messages: [{ role: 'user', content: 'Count' }],
    }),
  })
  const text = await response.text()
  const said = [...text.matchAll(/"text_delta","text":"([^"]*)"/g)].map(([, word]) => word)
  expect(said.join('')).toBe('One two three four.')
  expect(text).toContain('event: message_stop')
  expect(second.requests[0]?.json).toMatchObject({
    messages: [
      { role: 'user', content: 'Count' },
      { role: 'assistant', content: 'One two', prefix: true },
    ],
  })
})
