// Why a model name means what it means: a rule each, and the aliases on the way.
import { describe, expect, it } from 'vitest'
import { reasonOf } from './reason.ts'
import { type ModelSnapshot, type ResolutionRule, resolved } from './resolve.ts'

const snapshot: ModelSnapshot = {
  providers: [
    { name: 'work', enabled: true, models: ['gpt-5-mini', 'shared'], defaultModel: 'gpt-5-mini' },
    { name: 'box', enabled: true, models: ['qwen3', 'shared'] },
  ],
  aliases: { quick: 'fast', fast: 'work/gpt-5-mini', same: 'shared' },
  defaultProvider: 'work',
}
const [work, box] = snapshot.providers
const { models: _, ...unlisted } = work ?? { name: '', enabled: false }

describe('the reason of a target', () => {
  it.each<[string, ResolutionRule, string]>([
    ['box/qwen3', 'provider/model', '"box/qwen3" names the provider "box" and its model.'],
    ['box', 'provider', '"box" is a provider, so its default model is meant.'],
    [
      '',
      'default',
      'no model is named, so the default model of the default provider "work" is meant.',
    ],
    ['qwen3', 'only-owner', '"qwen3" is a model that only "box" lists.'],
    [
      'shared',
      'default-owner',
      'several providers list "shared", the default provider "work" among them.',
    ],
    [
      'same',
      'default-owner',
      '"same" is an alias of "shared"; several providers list "shared", the default provider "work" among them.',
    ],
    [
      'quick',
      'provider/model',
      '"quick" is an alias of "fast"; "fast" is an alias of "work/gpt-5-mini"; "work/gpt-5-mini" names the provider "work" and its model.',
    ],
  ])('of "%s" is the rule %s', (name, rule, reason) => {
    const resolution = resolved(name, snapshot)
    expect(resolution.rule).toBe(rule)
    expect(reasonOf(resolution)).toBe(reason)
  })

  it('says that nobody lists a model and the default provider could not be asked', () => {
    const providers = [unlisted, ...(box === undefined ? [] : [box])]
    const resolution = resolved('new', { ...snapshot, providers })
    expect(resolution).toMatchObject({
      rule: 'unlisted',
      target: { provider: 'work', model: 'new' },
    })
    expect(reasonOf(resolution)).toBe(
      'nobody lists "new", and the list of the default provider "work" is not known.',
    )
  })

  it('that stands for a route says so', () => {
    const target = { provider: 'box', model: 'qwen3' }
    expect(reasonOf({ target, rule: 'route', names: ['best', 'smart'] })).toBe(
      '"best" is an alias of "smart"; "smart" is a route, and its target at "box" comes first.',
    )
  })
})
