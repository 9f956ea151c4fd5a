// Providers that a user brings.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../test/context.ts'
import { ProviderManager } from './manager.ts'
import { loadProviderPlugin, moduleUrl } from './plugins.ts'

const BASE = join(import.meta.dirname, '../../test/plugins')

async function load(
  specifier: string,
  resolvePackage?: (name: string) => string,
): Promise<{ readonly types: readonly string[]; readonly manager: ProviderManager }> {
  const manager = new ProviderManager()
  const resolve = resolvePackage === undefined ? {} : { resolvePackage }
  const types = await loadProviderPlugin(specifier, { manager, baseDir: BASE, ...resolve })
  return { types, manager }
}

describe('loadProviderPlugin', () => {
  it('registers every provider class of a module, by its type or its name', async () => {
    const { types, manager } = await load('./parrot-plugin.ts')
    expect(types.toSorted()).toEqual(['grey-owl', 'parrot'])
    manager.registerProvider({ providerType: 'parrot', name: 'polly' })
    await expect(manager.chat('hi')).resolves.toMatchObject({
      provider: 'polly',
      content: 'parrot heard hi',
    })
  })

  it('registers a factory under the type beside it', async () => {
    const { types, manager } = await load('./factory-plugin.ts')
    expect(types).toEqual(['made'])
    manager.registerProvider({ providerType: 'made', name: 'hand' })
    await expect(manager.chat('hi')).resolves.toMatchObject({ content: 'operator heard hi' })
  })

  it('takes an absolute path', async () => {
    const { types } = await load(join(BASE, 'factory-plugin.ts'))
    expect(types).toEqual(['made'])
  })

  it('takes a package name, found the way the caller finds packages', async () => {
    const { types } = await load('my-birds', (name) => {
      expect(name).toBe('my-birds')
      return `file://${join(BASE, 'parrot-plugin.ts')}`
    })
    expect(types).toHaveLength(2)
  })

  it.each([
    ['./missing-plugin.ts', /could not be loaded/],
    ['no-such-package-anywhere', /could not be loaded/],
    ['./failing-plugin.ts', /could not be loaded: no feathers/],
    ['./empty-plugin.ts', /exports no provider/],
  ])('says what is wrong with %s', async (specifier, message) => {
    const failure = await failureOf(load(specifier))
    expect(failure).toMatchObject({
      kind: 'invalid_request',
      code: 'invalid_plugin',
      message: expect.stringMatching(message),
    })
    expect(String(failure)).toContain(specifier)
  })
})

describe('moduleUrl', () => {
  it.each([
    ['./a.js', '/home/me', 'file:///home/me/a.js'],
    ['../a.js', '/home/me', 'file:///home/a.js'],
    ['/opt/a b#c?.js', '/home/me', 'file:///opt/a%20b%23c%3F.js'],
    ['./a.js', '/home/my #1', 'file:///home/my%20%231/a.js'],
    ['.\\a.js', 'C:\\Users\\me', 'file:///C:/Users/me/a.js'],
    ['C:\\plugins\\a.js', 'C:\\Users\\me', 'file:///C:/plugins/a.js'],
    ['file:///x/a.js', '/home/me', 'file:///x/a.js'],
    ['birds', '/home/me', 'birds'],
    ['@me/birds', '/home/me', '@me/birds'],
  ])('of %s in %s is %s', (specifier, baseDir, url) => {
    expect(moduleUrl(specifier, { baseDir })).toBe(url)
  })
})
