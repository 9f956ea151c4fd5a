// The classes of the package: limits are enforced without being asked for.
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { EchoProvider } from '../../test/echo-provider.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Middleware } from '../exchange/exchange.ts'
import * as patchbay from '../index.ts'
import * as dialects from '../dialects.ts'
import type { Route } from '../routing/route.ts'
import { ScriptedProvider } from '../testing.ts'
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

describe('routes of the library', () => {
  const DOWN = new GatewayError('overloaded', 'No room.', { origin: 'upstream' })
  const SMART: Route = { name: 'smart', targets: [{ model: 'a/m' }, { model: 'b/m' }] }

  function managerWith(route: Route): ProviderManager {
    const manager = new ProviderManager({ routes: [route], pause: async () => undefined })
    manager.registerProvider(new ScriptedProvider({ name: 'a', replies: [DOWN] }))
    manager.registerProvider(new ScriptedProvider({ name: 'b', replies: ['From b.'] }))
    return manager
  }

  it('are models of calls that name no provider; the answer says who gave it, after how many attempts', async () => {
    const manager = managerWith(SMART)
    expect(await manager.chat('Hi', { model: 'smart' })).toMatchObject({
      content: 'From b.',
      provider: 'b',
      attempts: 2,
    })
    expect(await new LLMProvider({ manager }).chat('Hi', { model: 'smart' })).toMatchObject({
      provider: 'b',
    })
    const events = manager.stream('Hi', { model: 'smart' })
    expect((await Array.fromAsync(events)).at(-1)).toMatchObject({ type: 'response-end' })
  })

  it('are for counts and vectors too', async () => {
    const manager = new ProviderManager({ routes: [SMART] })
    manager.registerProvider(new EchoProvider({ providerType: 'echo', name: 'b' }))
    expect(await manager.countTokens('Hi there', { model: 'smart' })).toMatchObject({
      exact: false,
    })
    manager.registerProvider(new ScriptedProvider({ name: 'a' }))
    expect(await manager.embed('Hi', { model: 'smart' })).toMatchObject({
      provider: 'a',
      attempts: 1,
    })
  })

  it('are explained with the order, and with those that cannot be used', async () => {
    const targets = [{ model: 'gone/m' }, { model: 'b/m' }, { model: 'a/m' }]
    const { target, route } = await managerWith({ name: 'smart', targets }).explain('Hi', {
      model: 'smart',
    })
    expect(target).toEqual({ provider: 'b', model: 'm' })
    expect(route?.order.map((one) => one.target.provider)).toEqual(['b', 'a'])
    expect(route?.left).toMatchObject([{ model: 'gone/m' }])
  })

  it('may not share their name with a provider', () => {
    const manager = managerWith(SMART)
    const taken = expect.objectContaining({ kind: 'conflict', code: 'name_taken' })
    expect(() => manager.routes.set({ ...SMART, name: 'a' })).toThrowError(taken)
    expect(() => manager.registerProvider(slow('smart'))).toThrowError(taken)
  })

  it('can be selected', async () => {
    const llm = new LLMProvider({ manager: managerWith(SMART) })
    expect(llm.selectModel('smart')).toBe(true)
    expect(await llm.chat('Hi')).toMatchObject({ provider: 'b' })
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
      'Happenings',
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
