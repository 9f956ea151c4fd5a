// Answers used again: in the shape that the new request asks for, and only for a request that is the same in every field.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Json } from '../../src/wire/json.ts'
import { type FakeUpstream, openUpstream } from '../fake-upstream.ts'
import { type OpenGateway, localHost, openGateway } from '../open-gateway.ts'
import { asAsked, contentChunk, stream } from '../openai-replies.ts'

type Body = Readonly<Record<string, Json>>

let upstream: FakeUpstream
let gateway: OpenGateway

beforeEach(async () => {
  upstream = await openUpstream()
  upstream.answer(({ json }) => asAsked(json, ['Half ', 'and whole.']))
  gateway = await openGateway({ providers: [localHost('home', upstream)] })
})

afterEach(async () => {
  await gateway.close()
  await upstream.close()
})

interface Answer {
  readonly cache: string | null
  readonly type: string
  readonly cost: string | null
  readonly text: string
}

async function ask(body: Body = {}, path: string = '/v1/chat/completions'): Promise<Answer> {
  const answer = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-patchbay-cache': 'use' },
    body: JSON.stringify({ model: 'home/m', messages: [{ role: 'user', content: 'Hi' }], ...body }),
  })
  const told = answer.headers
  return {
    cache: told.get('x-patchbay-cache'),
    type: told.get('content-type')?.split(';')[0] ?? '',
    cost: told.get('x-patchbay-cost'),
    text: await answer.text(),
  }
}

const STREAMED = { stream: true, stream_options: { include_usage: true } } as const

it('a kept answer comes in the shape that is asked for now, whichever it was asked in before [PB-086]', async () => {
  await ask()
  const streamed = await ask(STREAMED)
  expect([streamed.cache, streamed.type]).toEqual(['hit', 'text/event-stream'])
  expect(streamed.text).toContain('[DONE]')
  expect(streamed.text).not.toContain('"error"')
  await ask({ ...STREAMED, seed: 2 })
  const whole = await ask({ seed: 2 })
  expect([whole.cache, whole.type, whole.cost]).toEqual(['hit', 'application/json', '0'])
  expect(whole.text).toContain('"content":"Half and whole."')
  expect(upstream.requests).toHaveLength(2)
})

it('a stream that broke is kept for nobody [PB-086]', async () => {
  upstream.reply(stream([contentChunk('Half')], 'reset'))
  expect((await ask(STREAMED)).text).toContain('"error"')
  expect((await ask(STREAMED)).cache).toBe('miss')
})

const TOOL = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } }

it.each<Body>([
  { max_tokens: 16 },
  { tools: [TOOL] },
  { tools: [TOOL], tool_choice: 'required' },
  { response_format: { type: 'json_object' } },
  { stop: ['.'] },
  { seed: 1 },
  { temperature: 0 },
  { reasoning_effort: 'low' },
  { user: 'bob' },
  { model: 'home/other' },
  { messages: [{ role: 'user', content: 'Hi ' }] },
])('a call that differs in one field gets an answer of its own [PB-087]: %j', async (field) => {
  await ask()
  expect((await ask(field)).cache).not.toBe('hit')
  expect((await ask()).cache).toBe('hit')
})
