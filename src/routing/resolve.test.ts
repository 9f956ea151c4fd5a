// Which target a model name means: the rules in their order, and what each refusal says.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import {
  type KnownProvider,
  type ModelSnapshot,
  askableNames,
  listsNeeded,
  resolveModel,
  resolveProvider,
} from './resolve.ts'

const local: KnownProvider = {
  name: 'local',
  enabled: true,
  models: ['smollm2-135m'],
  defaultModel: 'smollm2-135m',
}
const box: KnownProvider = {
  name: 'box',
  enabled: true,
  models: ['llama3.2:latest', 'qwen3:4b', 'shared', 'hf.co/org/model:Q4'],
}
const cloud: KnownProvider = {
  name: 'cloud',
  enabled: true,
  models: ['large', 'shared'],
  defaultModel: 'large',
}
const off: KnownProvider = { name: 'off', enabled: false, models: ['secret-model'] }

function snapshot(more: Partial<ModelSnapshot> = {}): ModelSnapshot {
  return {
    providers: [local, box, cloud, off],
    aliases: {},
    defaultProvider: 'local',
    ...more,
  }
}

function withoutList(provider: KnownProvider): KnownProvider {
  const { models: _, ...rest } = provider
  return rest
}

function failure(name: string, given: ModelSnapshot = snapshot()): GatewayError {
  try {
    resolveModel(name, given)
  } catch (error) {
    if (error instanceof GatewayError) return error
  }
  throw new Error(`"${name}" was resolved`)
}

describe('a name with a provider', () => {
  it('is split at the first slash', () => {
    expect(resolveModel('box/hf.co/org/model:Q4', snapshot())).toEqual({
      provider: 'box',
      model: 'hf.co/org/model:Q4',
    })
  })

  it('goes to the provider even when it does not list the model: the provider knows best', () => {
    expect(resolveModel('cloud/brand-new', snapshot())).toEqual({
      provider: 'cloud',
      model: 'brand-new',
    })
  })

  it('takes the spelling that the provider lists', () => {
    expect(resolveModel('box/llama3.2', snapshot()).model).toBe('llama3.2:latest')
    expect(resolveModel('local/smollm2-135m:latest', snapshot()).model).toBe('smollm2-135m')
  })

  it('means the default model when the model is missing', () => {
    expect(resolveModel('cloud/', snapshot())).toEqual({ provider: 'cloud', model: 'large' })
  })

  it('may have blanks around it', () => {
    expect(resolveModel('  cloud/large ', snapshot()).model).toBe('large')
  })
})

describe("a provider's own name", () => {
  it('means its default model', () => {
    expect(resolveModel('local', snapshot())).toEqual({
      provider: 'local',
      model: 'smollm2-135m',
    })
  })

  it('means the same with the tag that some clients add', () => {
    expect(resolveModel('local:latest', snapshot()).provider).toBe('local')
  })

  it('means the first listed model where no default is set', () => {
    expect(resolveModel('box', snapshot()).model).toBe('llama3.2:latest')
  })

  it('is refused where nothing is known of its models', () => {
    const empty = snapshot({ providers: [{ name: 'empty', enabled: true }] })
    expect(failure('empty', empty)).toMatchObject({ code: 'model_not_found', status: 404 })
  })
})

describe('a bare name', () => {
  it('goes to the one provider that lists it', () => {
    expect(resolveModel('qwen3:4b', snapshot())).toEqual({ provider: 'box', model: 'qwen3:4b' })
  })

  it('is the same name with and without ":latest"', () => {
    const expected = { provider: 'box', model: 'llama3.2:latest' }
    expect(resolveModel('llama3.2', snapshot())).toEqual(expected)
    expect(resolveModel('llama3.2:latest', snapshot())).toEqual(expected)
  })

  it('may have slashes when its first segment is no provider', () => {
    expect(resolveModel('hf.co/org/model:Q4', snapshot()).provider).toBe('box')
  })

  it('goes to the default provider when several list it', () => {
    expect(resolveModel('shared', snapshot({ defaultProvider: 'cloud' })).provider).toBe('cloud')
  })

  it('is ambiguous when several list it and none is the default', () => {
    const error = failure('shared')
    expect(error).toMatchObject({ kind: 'not_found', code: 'ambiguous_model', param: 'model' })
    expect(error.message).toContain('"box/shared"')
    expect(error.message).toContain('"cloud/shared"')
  })

  it('goes unlisted to the default provider only when that list could not be had', () => {
    const given = snapshot({ providers: [local, withoutList(cloud)], defaultProvider: 'cloud' })
    expect(resolveModel('anything', given)).toEqual({ provider: 'cloud', model: 'anything' })
    expect(failure('anything', snapshot({ defaultProvider: 'cloud' })).code).toBe('model_not_found')
  })

  it('is not found in a disabled provider', () => {
    expect(failure('secret-model').code).toBe('model_not_found')
  })

  it('gets the nearest names when nobody has it', () => {
    const error = failure('smollm-135m')
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', origin: 'client' })
    expect(error.message).toContain('"local/smollm2-135m"')
  })

  it('is never shown whole when it is monstrous, nor with control characters', () => {
    const { message } = failure(`\u0000\n${'x'.repeat(10_000)}`)
    expect(message.length).toBeLessThan(400)
    expect(message).not.toMatch(/\p{Cc}/u)
  })
})

describe('no name at all', () => {
  it("means the default provider's default model", () => {
    expect(resolveModel('', snapshot())).toEqual({ provider: 'local', model: 'smollm2-135m' })
  })

  it('is refused when there is no provider', () => {
    expect(failure('', { providers: [], aliases: {} })).toMatchObject({ code: 'no_provider' })
  })
})

describe('a disabled provider', () => {
  it.each(['off/secret-model', 'off', 'off/'])('is named as such for %j', (name) => {
    const error = failure(name)
    expect(error).toMatchObject({ kind: 'permission', code: 'provider_disabled' })
    expect(error.message).toContain('"off" is disabled')
  })
})

describe('an alias', () => {
  it('comes before everything else', () => {
    const given = snapshot({ aliases: { large: 'box/qwen3:4b' } })
    expect(resolveModel('large', given)).toEqual({ provider: 'box', model: 'qwen3:4b' })
  })

  it('is told of where it leads to nothing', () => {
    const { code, message } = failure('fast', snapshot({ aliases: { fast: 'nowhere/x' } }))
    expect(code).toBe('model_not_found')
    expect(message).toContain('no model "nowhere/x", which the alias "fast" stands for.')
  })

  it('may lead to an alias, a bare name or a provider', () => {
    const aliases = { fast: 'quick', quick: 'local', bare: 'qwen3:4b' }
    expect(resolveModel('fast', snapshot({ aliases })).provider).toBe('local')
    expect(resolveModel('bare', snapshot({ aliases })).provider).toBe('box')
  })

  it('is found under the tag that some clients add', () => {
    const given = snapshot({ aliases: { 'gpt-4': 'local' } })
    expect(resolveModel('gpt-4:latest', given).provider).toBe('local')
  })

  it('that leads back to itself is refused with the way it takes', () => {
    const error = failure('a', snapshot({ aliases: { a: 'b', b: 'a' } }))
    expect(error.code).toBe('alias_cycle')
    expect(error.message).toContain('a -> b -> a')
    expect(failure('self', snapshot({ aliases: { self: 'self' } })).code).toBe('alias_cycle')
  })

  it('is not confused by names that every object has', () => {
    expect(failure('constructor').code).toBe('model_not_found')
    expect(failure('__proto__').code).toBe('model_not_found')
  })
})

describe('listsNeeded', () => {
  it('is nothing for a name that carries its provider', () => {
    expect(listsNeeded('cloud/large', snapshot())).toEqual([])
    expect(listsNeeded('local', snapshot())).toEqual([])
    expect(listsNeeded('', snapshot())).toEqual([])
  })

  it("is the provider's own list where it has no default model", () => {
    expect(listsNeeded('box', snapshot())).toEqual(['box'])
  })

  it('is every enabled provider for a bare name', () => {
    expect(listsNeeded('large', snapshot())).toEqual(['local', 'box', 'cloud'])
  })

  it('names every list that can change the outcome', () => {
    const unlisted = snapshot({
      providers: snapshot().providers.map((provider) => withoutList(provider)),
    })
    const names = fc.constantFrom('cloud/large', 'local', 'large', 'shared', 'box', 'box/x', '')
    fc.assert(
      fc.property(names, (name) => {
        const needed = new Set(listsNeeded(name, unlisted))
        const loaded = snapshot({
          providers: snapshot().providers.map((provider) => {
            return needed.has(provider.name) ? provider : withoutList(provider)
          }),
          defaultProvider: 'cloud',
        })
        const all = snapshot({ defaultProvider: 'cloud' })
        expect(resolveModel(name, loaded)).toEqual(resolveModel(name, all))
      }),
    )
  })
})

describe('resolveProvider', () => {
  it('gives the provider', () => {
    expect(resolveProvider('cloud', snapshot())).toBe(cloud)
  })

  it('lists the known names for one that is not there', () => {
    expect(() => resolveProvider('clod', snapshot())).toThrow('Known: local, box, cloud, off.')
    expect(() => resolveProvider('x', { providers: [], aliases: {} })).toThrow('No provider is')
  })
})

describe('askableNames', () => {
  it('has the models of enabled providers and the aliases', () => {
    const names = askableNames(snapshot({ aliases: { fast: 'local' } }))
    expect(names).toContain('local/smollm2-135m')
    expect(names).toContain('fast')
    expect(names.join()).not.toContain('secret-model')
  })
})
