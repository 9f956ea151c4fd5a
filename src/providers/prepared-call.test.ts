// What passes as the client said it: as the model's family has it, unless the config says otherwise.
import { describe, expect, it } from 'vitest'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import type { Protocol } from './catalog-row.ts'
import { ModelProfiles } from './model-profiles.ts'
import { prepareCall } from './prepared-call.ts'

const PATH = '/v1/chat/completions'

const PROTOCOL: Protocol = {
  dialect: openaiChat,
  families: [{ pattern: /^odd/, passThrough: false }],
}

function passes(model: string, passThrough?: boolean): boolean {
  const body = { model, messages: [{ role: 'user', content: 'Hi' }] }
  const exchange: ChatExchange = {
    operation: 'chat',
    id: 'x',
    request: openaiChat.request.decode({ method: 'POST', path: PATH, headers: {}, body }),
    source: { dialect: openaiChat.id, path: PATH, body, text: JSON.stringify(body) },
    target: { provider: 'host', model },
    policy: 'default',
    signal: new AbortController().signal,
  }
  const profiles = new ModelProfiles({
    name: 'host',
    wholeByStream: false,
    passThrough,
    flags: {},
  })
  const { passage } = prepareCall(exchange, PROTOCOL, profiles)
  return passage !== undefined
}

describe("a client's own text", () => {
  it('passes, but not to models on whose spelling clients break', () => {
    expect([passes('even'), passes('odd-1')]).toEqual([true, false])
  })

  it('passes or not as the config says, whatever is known of the model', () => {
    expect([passes('even', false), passes('odd-1', true)]).toEqual([false, true])
  })
})
