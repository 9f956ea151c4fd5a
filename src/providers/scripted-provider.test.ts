// The provider that follows a script.
import { describe, expect, it } from 'vitest'
import { drain, failureOf } from '../../test/context.ts'
import { GatewayError } from '../canonical/errors.ts'
import { ProviderManager } from './manager.ts'
import { ScriptedProvider, type ScriptedProviderOptions } from './scripted-provider.ts'

function managed(options?: ScriptedProviderOptions): {
  manager: ProviderManager
  scripted: ScriptedProvider
} {
  const manager = new ProviderManager()
  const scripted = new ScriptedProvider(options)
  manager.registerProvider(scripted)
  return { manager, scripted }
}

describe('ScriptedProvider', () => {
  it('says its replies in order, and the last one from then on', async () => {
    const { manager } = managed({ replies: ['one', 'two'] })
    const said = []
    for (let call = 0; call < 3; call += 1) said.push((await manager.chat('go')).content)
    expect(said).toEqual(['one', 'two', 'two'])
  })

  it('repeats the last message without a script', async () => {
    const { manager } = managed()
    const { content, model, provider } = await manager.chat('hello')
    expect({ content, model, provider }).toEqual({
      content: 'hello',
      model: 'scripted',
      provider: 'scripted',
    })
  })

  it('answers with more than text where it is told more', async () => {
    const call = { id: 'c1', name: 'look', arguments: '{}' }
    const { manager } = managed({ replies: [{ content: '', toolCalls: [call], tokensUsed: 5 }] })
    expect(await manager.chat('go')).toMatchObject({
      toolCalls: [call],
      finishReason: 'tool-calls',
      tokensUsed: 5,
    })
  })

  it('throws a failure of the script, also before a stream', async () => {
    const error = new GatewayError('rate_limit', 'Slowly.')
    const { manager } = managed({ replies: [error] })
    expect(await failureOf(manager.chat('go'))).toBe(error)
    expect(await failureOf(drain(manager.stream('go')))).toBe(error)
  })

  it('asks a function what to say', async () => {
    const { manager } = managed({
      replies: [({ messages, model }) => `${model}: ${messages.length}`],
    })
    expect((await manager.chat('go', { model: 'm' })).content).toBe('m: 1')
  })

  it('remembers what it was asked', async () => {
    const { manager, scripted } = managed({ models: ['a', 'b'], name: 'tape' })
    await manager.chat('hello', { temperature: 0.5, systemPrompt: 'be kind' })
    expect(scripted.calls).toMatchObject([
      {
        model: 'a',
        messages: [{ role: 'system' }, { role: 'user', content: 'hello' }],
        options: { temperature: 0.5 },
      },
    ])
    expect(await manager.listAllModels()).toEqual({ tape: ['a', 'b'] })
    expect(await manager.healthCheckAll()).toEqual({ tape: true })
  })
})
