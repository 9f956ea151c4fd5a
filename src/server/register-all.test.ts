// The providers a server starts with, in which order, and which of them is the default.
import { describe, expect, it } from 'vitest'
import type { PatchbayConfig } from '../config/schema.ts'
import { GatewayError } from '../canonical/errors.ts'
import { ProviderManager } from '../providers/manager.ts'
import type { ProviderConfig } from '../providers/provider-config.ts'
import type { Transport } from '../transport/transport.ts'
import { type RegisterAllOptions, registerAll } from './register-all.ts'

/** Nothing can be reached: what is found is found in the environment. */
const nowhere: Transport = {
  send: async () => {
    throw new GatewayError('upstream', 'Unreachable.')
  },
  close: async () => undefined,
}

function config(more: Partial<PatchbayConfig> = {}): PatchbayConfig {
  return {
    server: { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], open: false },
    auth: { anonymous: 'local' },
    providers: [],
    aliases: {},
    plugins: [],
    dataDir: '/nowhere',
    limits: { maxBodyBytes: 1 },
    responseStore: { enabled: false, ttl: 1, maxEntries: 1, maxBytes: 1 },
    baseDir: '/nowhere',
    ...more,
  }
}

interface Started {
  readonly names: readonly string[]
  readonly found: readonly string[]
  readonly defaultName: string | undefined
}

async function start(options: Partial<RegisterAllOptions> = {}): Promise<Started> {
  const manager = new ProviderManager({ transport: nowhere })
  const found = await registerAll(manager, {
    config: config(),
    env: {},
    transport: nowhere,
    ...options,
  })
  return {
    names: manager.listProviders().map((provider) => provider.name),
    found: found.map((entry) => entry.config.name),
    defaultName: manager.defaultName,
  }
}

const box: ProviderConfig = {
  providerType: 'custom',
  name: 'box',
  baseUrl: 'http://127.0.0.1:9/v1',
}

describe('a start', () => {
  it('has what is configured, and nothing else unless it is to look', async () => {
    const started = await start({
      config: config({ providers: [box] }),
      env: { OPENAI_API_KEY: 'sk-x' },
    })
    expect(started).toEqual({ names: ['box'], found: [], defaultName: 'box' })
  })

  it('that looks around has what it finds, and the embedded model last', async () => {
    const started = await start({ env: { OPENAI_API_KEY: 'sk-x' }, detect: true })
    expect(started).toEqual({
      names: ['openai', 'local'],
      found: ['openai'],
      defaultName: 'openai',
    })
  })

  it('that finds nothing has the embedded model as its default', async () => {
    expect(await start({ detect: true })).toMatchObject({ names: ['local'], defaultName: 'local' })
  })

  it('keeps what is configured over what is found under the same name', async () => {
    const own = { ...box, name: 'openai' }
    const started = await start({
      config: config({ providers: [own, { ...box, name: 'local' }] }),
      env: { OPENAI_API_KEY: 'sk-x' },
      detect: true,
    })
    expect(started.names).toEqual(['openai', 'local'])
    expect(started.found).toEqual([])
  })

  it('has the default that the configuration names', async () => {
    const started = await start({
      config: config({ providers: [box], defaultProvider: 'local' }),
      detect: true,
    })
    expect(started.defaultName).toBe('local')
  })

  it('fails where the configuration names a default that is not there', async () => {
    await expect(start({ config: config({ defaultProvider: 'nobody' }) })).rejects.toMatchObject({
      code: 'provider_not_found',
    })
  })

  it('fails where a plugin cannot be loaded', async () => {
    await expect(start({ config: config({ plugins: ['./missing.js'] }) })).rejects.toBeInstanceOf(
      GatewayError,
    )
  })
})
