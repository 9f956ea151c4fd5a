// What a config comes to: reach, locality, clocks, headers, and what is refused.
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/errors.ts'
import type { Reach } from '../transport/transport.ts'
import type { Locality } from './base-provider.ts'
import { Secret } from '../vault/secret.ts'
import { catalogRow } from './catalog.ts'
import type { CatalogRow } from './catalog-row.ts'
import { type Connection, authHeader, connectionOf } from './connection.ts'
import { customRow } from './custom.ts'
import type { ConfigSource, ProviderConfig } from './provider-config.ts'

const KEY = 'sk-canary-0123456789'

function rowOf(config: ProviderConfig): CatalogRow {
  return catalogRow(config.providerType) ?? customRow(config)
}

function connect(
  providerType: string,
  more: Partial<ProviderConfig> = {},
  source: ConfigSource = 'operator',
): Connection {
  const config = { providerType, name: 'p', ...more }
  return connectionOf(config, rowOf(config), { source })
}

interface Expected {
  readonly by?: ConfigSource
  readonly reach?: Reach
  readonly locality?: Locality
}

describe('where a provider is', () => {
  it.each<[string, Partial<ProviderConfig>, Expected]>([
    ['openai', {}, { reach: 'public', locality: 'cloud' }],
    ['openai', {}, { by: 'remote', reach: 'public', locality: 'cloud' }],
    ['openai', { baseUrl: 'https://api.openai.com/v2' }, { reach: 'public' }],
    ['openai', { baseUrl: 'http://127.0.0.1:9/v1' }, { reach: 'private' }],
    ['custom', { baseUrl: 'https://10.0.0.5/v1' }, { reach: 'private' }],
    ['custom', { baseUrl: 'https://models.lan/v1' }, { reach: 'private' }],
    ['custom', { baseUrl: 'https://models/v1' }, { reach: 'private' }],
    // Whoever speaks for its name is somebody else: it may not lead inside.
    ['custom', { baseUrl: 'https://h.example:8443/v1' }, { reach: 'public' }],
    ['ollama', {}, { reach: 'private', locality: 'local' }],
    ['ollama', {}, { by: 'remote', reach: 'private', locality: 'local' }],
    ['ollama', { baseUrl: 'http://10.0.0.5:11434' }, { locality: 'local' }],
    ['ollama', { baseUrl: 'https://ollama.com', apiKey: KEY }, { locality: 'cloud' }],
    ['custom', { baseUrl: 'https://h.example/v1' }, { by: 'remote', reach: 'public' }],
    ['custom', { baseUrl: 'https://h.example/v1' }, { locality: 'cloud' }],
    ['custom', { baseUrl: 'http://localhost:1/v1' }, { locality: 'local' }],
    // A server on this machine that wants a key may well be a door to a paid one.
    ['custom', { baseUrl: 'http://localhost:1/v1', apiKey: KEY }, { locality: 'cloud' }],
  ])('%s with %j is %j', (type, more, { by = 'operator', ...expected }) => {
    const { reach, locality } = connect(type, more, by)
    expect({ reach: reach(), locality }).toMatchObject(expected)
  })

  it('is local or not as the operator says, whatever an API caller says', () => {
    const baseUrl = 'https://h.example/v1'
    expect(connect('custom', { baseUrl, settings: { local: true } }).locality).toBe('local')
    expect(connect('ollama', { settings: { local: false } }).locality).toBe('cloud')
    expect(connect('custom', { baseUrl, settings: { local: true } }, 'remote').locality).toBe(
      'cloud',
    )
  })
})

describe('clocks', () => {
  it('have defaults, longer where models load first, and for answers that come as a whole', () => {
    expect(connect('openai').patience).toEqual({
      whole: { connectMs: 6000, firstByteMs: 300_000, idleMs: 60_000, totalMs: 900_000 },
      stream: { connectMs: 6000, firstByteMs: 30_000, idleMs: 60_000, totalMs: 2 ** 31 - 1 },
      contentMs: 60_000,
    })
    expect(connect('ollama').patience).toMatchObject({
      stream: { connectMs: 3000, firstByteMs: 300_000, idleMs: 300_000 },
      contentMs: 300_000,
    })
    expect(connect('anthropic').patience.stream.idleMs).toBe(30_000)
  })

  it('are in seconds in the config, and one is short for four', () => {
    const settings = { connectTimeout: 0.5, tlsTimeout: 0.25, contentTimeout: 7, totalTimeout: 30 }
    expect(connect('openai', { timeout: 2, settings }).patience).toEqual({
      whole: { connectMs: 750, firstByteMs: 2000, idleMs: 2000, totalMs: 30_000 },
      stream: { connectMs: 750, firstByteMs: 2000, idleMs: 2000, totalMs: 30_000 },
      contentMs: 7000,
    })
  })

  it('are as for all providers where the config does not say', () => {
    const config = { providerType: 'openai', name: 'p', settings: { idleTimeout: 9 } }
    const timeouts = { firstByte: 4, idle: 5, total: 6 }
    const { patience } = connectionOf(config, rowOf(config), { source: 'operator', timeouts })
    expect(patience.stream).toEqual({
      connectMs: 6000,
      firstByteMs: 4000,
      idleMs: 9000,
      totalMs: 6000,
    })
  })
})

describe('headers', () => {
  it('are lower case', () => {
    const settings = { headers: { 'X-Team': 'blue' } }
    expect(connect('openai', { settings }).headers).toEqual({ 'x-team': 'blue' })
  })

  it('carry the key as the host takes it', () => {
    const key = new Secret(KEY)
    expect(authHeader(key, 'bearer')).toEqual({ authorization: `Bearer ${KEY}` })
    expect(authHeader(key, 'x-api-key')).toEqual({ 'x-api-key': KEY })
    expect(authHeader(key, 'x-goog-api-key')).toEqual({ 'x-goog-api-key': KEY })
    expect(authHeader(key, 'api-key')).toEqual({ 'api-key': KEY })
  })
})

describe('a proxy on this machine', () => {
  it('is reached by plain http, and is not free for that', () => {
    const { reach, locality } = connect('litellm', {})
    expect({ reach: reach(), locality }).toEqual({ reach: 'private', locality: 'cloud' })
  })
})

describe('an address that only the config can say', () => {
  it('is asked for with an example of it', () => {
    expect(() => connect('azure', { apiKey: KEY })).toThrow('https://my-resource.openai.azure.com')
  })
})

describe('a config that cannot work', () => {
  it.each<[string, Partial<ProviderConfig>, string]>([
    ['custom', {}, 'baseUrl'],
    ['custom', { baseUrl: ' ' }, 'baseUrl'],
    ['custom', { baseUrl: 'nonsense' }, 'baseUrl'],
    ['custom', { baseUrl: 'https://h.example', settings: { dialect: 'nope' } }, 'settings.dialect'],
    ['openai', { timeout: 0 }, 'timeout'],
    ['openai', { timeout: Number.NaN }, 'timeout'],
    ['openai', { settings: { totalTimeout: -1 } }, 'totalTimeout'],
    ['openai', { settings: { headers: { 'a b': 'c' } } }, 'settings.headers'],
    ['openai', { settings: { headers: { a: 'b\r\nc: d' } } }, 'settings.headers'],
    ['openai', { settings: { headers: { Host: 'evil.example' } } }, 'settings.headers'],
    ['openai', { settings: { query: { 'api-key': 'x' } } }, 'settings.query'],
    ['openai', { apiKey: KEY, settings: { query: { q: KEY } } }, 'settings.query'],
    ['openai', { settings: { query: { q: 'a\r\nb' } } }, 'settings.query'],
    ['azure', { apiKey: KEY }, 'baseUrl'],
  ])('of type %s with %j is refused by its field %s', (type, more, param) => {
    try {
      connect(type, more)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError)
      expect(error).toMatchObject({ kind: 'invalid_request', param })
    }
  })
})
