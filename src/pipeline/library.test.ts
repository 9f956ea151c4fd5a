// The classes of the package: limits are enforced without being asked for.
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { EchoProvider } from '../../test/echo-provider.ts'
import type { Middleware } from '../exchange/exchange.ts'
import * as patchbay from '../index.ts'
import * as dialects from '../dialects.ts'
import { LLMProvider, ProviderManager } from './library.ts'

function slow(name: string): EchoProvider {
  return new EchoProvider({ providerType: 'echo', name, rateLimit: 1 })
}

describe('ProviderManager', () => {
  it('enforces the rate limit of a provider, and of no other', async () => {
    let nowMs = 0
    const manager = new ProviderManager({ clock: () => nowMs })
    manager.registerProvider(slow('slow'))
    manager.registerProvider(new EchoProvider({ providerType: 'echo', name: 'fast' }))
    await manager.chat('one')
    nowMs = 30_000
    expect(await failureOf(manager.chat('two'))).toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 30_000,
    })
    await manager.chat('two', { provider: 'fast' })
    nowMs = 60_000
    await expect(manager.chat('three')).resolves.toMatchObject({ provider: 'slow' })
  })

  it('puts middleware of the caller outside the pipeline', async () => {
    let passed = 0
    const count: Middleware = (next) => async (exchange) => {
      passed += 1
      return next(exchange)
    }
    for (const middleware of [[count], () => [count]]) {
      const manager = new ProviderManager({ middleware, clock: () => 0 })
      manager.registerProvider(slow('slow'))
      await manager.chat('one')
      expect(await failureOf(manager.chat('two'))).toMatchObject({ kind: 'rate_limit' })
    }
    expect(passed).toBe(4)
  })
})

describe('LLMProvider', () => {
  it('makes a manager with the pipeline when it is given none', async () => {
    const llm = new LLMProvider()
    llm.manager.registerProvider(slow('slow'))
    await llm.chat('one')
    expect(await failureOf(llm.chat('two'))).toMatchObject({ kind: 'rate_limit' })
  })

  it('takes the one it is given', () => {
    const manager = new ProviderManager()
    expect(new LLMProvider({ manager }).manager).toBe(manager)
  })
})

describe('the public entries', () => {
  it('export what is promised', () => {
    expect(Object.keys(patchbay).toSorted()).toEqual([
      'BaseProvider',
      'GatewayError',
      'LLMProvider',
      'ProviderManager',
      'ProviderType',
      'Secret',
      'messageText',
      'textAnswer',
    ])
    expect(patchbay.ProviderManager).toBe(ProviderManager)
    expect(dialects.dialects.length).toBeGreaterThanOrEqual(3)
    for (const { id } of dialects.dialects) expect(dialects.dialectById(id)?.id).toBe(id)
  })
})
