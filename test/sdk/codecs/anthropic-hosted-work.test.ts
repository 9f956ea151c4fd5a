// The official SDK as the reader of what we write: work of other vendors' tools, put together from a stream.
import Anthropic from '@anthropic-ai/sdk'
import { expect, it } from 'vitest'
import { explode } from '../../../src/canonical/explode.ts'
import type { HostedWork } from '../../../src/canonical/hosted-work.ts'
import type { ChatResponse } from '../../../src/canonical/response.ts'
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/dialect.ts'
import { emptyRequest, encodeStream } from '../../../src/dialects/dialect.contract.ts'
import { writeFrame } from '../../../src/wire/framing.ts'

const ENCODING = {
  request: emptyRequest('anthropic-messages'),
  requestId: 'req_1',
  now: () => 0,
}

const WORKS: readonly HostedWork[] = [
  {
    tool: 'web-search',
    phase: 'both',
    queries: ['a', 'b'],
    sources: [{ url: 'https://a.example', title: 'A' }, { url: 'https://b.example' }],
  },
  { tool: 'code-execution', phase: 'both', code: '1+1', output: '2' },
  { tool: 'web-fetch', phase: 'both', url: 'https://a.example' },
]

const origin = { dialect: 'alpha', provider: 'p' }
const ANSWER: ChatResponse = {
  origin,
  model: 'm',
  candidates: [
    {
      index: 0,
      parts: WORKS.map((hosted) => ({ type: 'opaque', origin, what: 'w', native: {}, hosted })),
      finish: { reason: 'stop' },
    },
  ],
  usage: { input: { total: 1 }, output: { total: 1 } },
}

it('is put together by the official SDK as the whole answer has it', async () => {
  const frames = encodeStream(anthropicMessages, [...explode(ANSWER)], ENCODING)
  const client = new Anthropic({
    apiKey: 'test',
    maxRetries: 0,
    fetch: async () =>
      new Response(frames.map((frame) => writeFrame('sse', frame)).join(''), {
        headers: { 'content-type': 'text/event-stream' },
      }),
  })
  const stream = client.messages.stream({ model: 'm', max_tokens: 9, messages: [] })
  const { content, stop_reason } = await stream.finalMessage()
  const whole = anthropicMessages.response.encode(ANSWER, ENCODING)
  expect(whole.value.body).toMatchObject({
    content: JSON.parse(JSON.stringify(content)),
    stop_reason,
  })
  expect(content).toHaveLength(6)
})
