// What is known of models without asking anybody decides who can serve a request.
import { expect, it } from 'vitest'
import type { ModelCard } from '../canonical/model-card.ts'
import { ScriptedProvider } from '../providers/scripted-provider.ts'
import { ProviderManager } from './library.ts'

/** Its configuration names its model, and its list says what that can. */
class Listed extends ScriptedProvider {
  override get rememberedModels(): readonly ModelCard[] {
    return [{ id: 'm', capabilities: ['vision'], contextTokens: 100 }]
  }
}

const TOOLS = [{ kind: 'function', name: 'look', parameters: { type: 'object' } }] as const

it('is what a list has said, where a configuration only names the model', async () => {
  const manager = new ProviderManager({
    routes: [{ name: 'smart', strategy: 'auto', targets: [{ model: 'a/m' }, { model: 'b/m' }] }],
  })
  const blind = new Listed({ name: 'a', models: ['m'] })
  manager.registerProvider(blind)
  manager.registerProvider(new ScriptedProvider({ name: 'b', models: ['m'] }))
  expect((await manager.chat('Hi', { model: 'smart' })).provider).toBe('a')
  expect((await manager.chat('Hi', { model: 'smart', tools: TOOLS })).provider).toBe('b')
  expect((await manager.chat('long '.repeat(500), { model: 'smart' })).provider).toBe('b')
  expect(blind.calls).toHaveLength(1)
  await manager.closeAll()
})
