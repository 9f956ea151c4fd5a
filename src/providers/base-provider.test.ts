// What follows from a plugin's three methods.
import { describe, expect, it } from 'vitest'
import { drain, failureOf } from '../../test/context.ts'
import { EchoProvider, echo } from '../../test/echo-provider.ts'
import { collect } from '../canonical/collect.ts'
import { textOf } from '../canonical/part.ts'
import type { ChatExchange } from '../exchange/exchange.ts'
import { BaseProvider } from './base-provider.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { toChatRequest } from './chat-message.ts'

const HELLO = [{ role: 'user', content: 'hello' }] as const

function exchange(enabled: boolean): ChatExchange {
  return {
    operation: 'chat',
    id: 'id',
    request: {
      ...toChatRequest(HELLO, 'parrot', { systemPrompt: 'be kind' }),
      stream: { enabled },
    },
    target: { provider: 'bird', model: 'parrot' },
    policy: 'default',
    signal: new AbortController().signal,
  }
}

/** A request with one field that only its client's protocol has. */
function withField(name: string, weight: 1 | 3, enabled: boolean): ChatExchange {
  const { request, ...rest } = exchange(enabled)
  const responses = { fields: { [name]: 'resp_1' }, weights: { [name]: weight } }
  return { ...rest, request: { ...request, extensions: { responses } } }
}

class BrokenProvider extends EchoProvider {
  override async chat(): Promise<ChatAnswer> {
    throw new Error('secret internals')
  }

  override async healthCheck(): Promise<boolean> {
    throw new Error('secret internals')
  }
}

describe('a provider with three methods', () => {
  it('answers an exchange whole', async () => {
    const reply = await echo('bird').handle(exchange(false))
    expect(reply).toMatchObject({
      kind: 'whole',
      response: {
        model: 'parrot',
        candidates: [{ parts: [{ type: 'text', text: 'parrot heard hello' }] }],
        usage: { total: 5 },
      },
    })
  })

  it('answers an exchange as a stream in one burst', async () => {
    const reply = await echo('bird').handle(exchange(true))
    expect(reply.kind).toBe('stream')
    if (reply.kind !== 'stream') return
    const events = (await drain(reply.events)).flat()
    expect(events.at(-1)).toMatchObject({ type: 'response-end' })
    const { candidates } = collect({ origin: { dialect: 'library' }, model: '' }, events)
    expect(textOf(candidates[0]?.parts ?? [])).toBe('parrot heard hello')
  })

  it("notes what only the client's protocol has a word for, and refuses what carries the question", async () => {
    for (const enabled of [false, true]) {
      const reply = await echo('bird').handle(withField('label', 1, enabled))
      expect(reply.notes).toMatchObject([{ action: 'dropped', feature: 'label', weight: 1 }])
      const state = withField('previous_response_id', 3, enabled)
      expect(await failureOf(echo('bird').handle(state))).toMatchObject({
        code: 'translation_refused',
        param: 'previous_response_id',
      })
    }
  })

  it('streams when asked directly', async () => {
    const events = await drain(echo('bird').stream(HELLO, 'parrot'))
    expect(events.map((event) => event.type)).toEqual([
      'response-start',
      'part-start',
      'part-end',
      'candidate-end',
      'usage-update',
      'response-end',
    ])
  })

  it('gets messages in its own words, the system prompt among them', async () => {
    const bird = echo('bird')
    await bird.handle(exchange(false))
    expect(bird.asked).toEqual([
      [
        { role: 'system', content: 'be kind' },
        { role: 'user', content: 'hello' },
      ],
    ])
  })

  it('describes its models by their names and chooses the first', async () => {
    await expect(echo('bird').describeModels()).resolves.toEqual([{ id: 'parrot' }])
    await expect(echo('bird').resolveModel()).resolves.toBe('parrot')
  })

  it('reports its health without ever throwing', async () => {
    await expect(echo('bird').checkHealth()).resolves.toMatchObject({ healthy: true })
    const broken = new BrokenProvider({ providerType: 'echo', name: 'broken' })
    const report = await broken.checkHealth()
    expect(report.healthy).toBe(false)
    expect(report.reason).not.toContain('secret internals')
  })

  it('fails as an internal error that keeps its text inside', async () => {
    const broken = new BrokenProvider({ providerType: 'echo', name: 'broken' })
    for (const enabled of [true, false]) {
      const failure = await failureOf(broken.handle(exchange(enabled)))
      expect(failure).toMatchObject({ kind: 'internal' })
      expect(String(failure)).not.toContain('secret internals')
    }
    expect(broken.tracker.stats()).toMatchObject({ requests: 2, errors: 2, inFlight: 0 })
  })

  it('refuses when disabled, and says how to enable it', async () => {
    const bird = new EchoProvider({ providerType: 'echo', name: 'bird', enabled: false })
    expect(await failureOf(bird.handle(exchange(false)))).toMatchObject({
      kind: 'permission',
      code: 'provider_disabled',
      message: expect.stringContaining('enableProvider("bird")'),
    })
    expect(bird.asked).toEqual([])
  })

  it('is cloud unless its config says that it is local', () => {
    expect(echo('bird').locality).toBe('cloud')
    const config = { providerType: 'echo', name: 'bird', settings: { local: true } }
    expect(new EchoProvider(config).locality).toBe('local')
  })

  it('holds its key as a secret', () => {
    const bird = new EchoProvider({ providerType: 'echo', name: 'bird', apiKey: 'sk-canary-1' })
    expect(JSON.stringify(bird.config)).not.toContain('canary')
    expect(bird).toBeInstanceOf(BaseProvider)
  })
})
