// The keys of a provider by their labels.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import { Credentials } from './credentials.ts'
import type { ProviderConfig } from './provider-config.ts'

function of(config: Partial<ProviderConfig>): Credentials {
  return new Credentials({ providerType: 'openai', name: 'work', ...config })
}

describe('Credentials', () => {
  it('calls keys without a name k1, k2 and so on, the single one first', () => {
    const keys = of({
      apiKey: 'sk-a',
      apiKeys: [{ key: 'sk-b' }, { name: 'team', key: 'sk-c', weight: 2 }],
    })
    expect(keys.set).toEqual({
      rotation: 'round-robin',
      credentials: [
        { label: 'k1', weight: 1, generation: 1 },
        { label: 'k2', weight: 1, generation: 1 },
        { label: 'team', weight: 2, generation: 1 },
      ],
    })
    expect(keys.key()?.reveal()).toBe('sk-a')
    expect(keys.key('team')?.reveal()).toBe('sk-c')
  })

  it('has no set where there are no keys', () => {
    expect(of({}).set).toBeUndefined()
    expect(of({ apiKey: ' ' }).key()).toBeUndefined()
  })

  it('uses a replaced key at once, counts it, and still hides the old one', () => {
    const keys = of({ apiKey: 'sk-old' })
    expect(keys.replace({ label: 'k1', key: 'sk-new' })).toEqual({
      label: 'k1',
      weight: 1,
      generation: 2,
    })
    expect(keys.key('k1')?.reveal()).toBe('sk-new')
    expect(keys.secrets).toEqual(['sk-new', 'sk-old'])
  })

  it('goes on with another key where one was removed', () => {
    const keys = of({ apiKeys: [{ key: 'sk-a' }, { key: 'sk-b' }] })
    keys.remove('k1')
    expect(keys.key('k1')?.reveal()).toBe('sk-b')
    expect(() => keys.remove('k1')).toThrow('Known: k2.')
  })

  it.each<[Partial<ProviderConfig>, string]>([
    [{ apiKey: 'two words' }, 'apiKey'],
    [{ apiKey: 'line\nbreak' }, 'apiKey'],
    [{ apiKeys: [{ key: '' }] }, 'apiKeys'],
    [{ apiKeys: [{ name: 'a b', key: 'sk-a' }] }, 'apiKeys'],
    [{ apiKeys: [{ key: 'sk-a', weight: 0 }] }, 'apiKeys'],
    [
      {
        apiKeys: [
          { name: 'a', key: 'sk-a' },
          { name: 'a', key: 'sk-b' },
        ],
      },
      'apiKeys',
    ],
  ])('refuses %j by its field %s and shows no key', (config, param) => {
    try {
      of(config)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError)
      expect(error).toMatchObject({ kind: 'invalid_request', param })
      expect(String(error)).not.toMatch(/sk-|two words/)
    }
  })
})
