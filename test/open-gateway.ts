// A gateway for tests: on a free loopback port, with a data folder of its own, closed by the test.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compact } from '../src/canonical/compact.ts'
import { DEFAULT_RESPONSE_STORE } from '../src/config/merge.ts'
import type { PatchbayConfig } from '../src/config/schema.ts'
import type { Tell } from '../src/exchange/happening.ts'
import type { BaseProvider } from '../src/providers/base-provider.ts'
import type { ProviderConfig } from '../src/providers/provider-config.ts'
import { type Gateway, type GatewayOptions, createGateway } from '../src/server/gateway.ts'
import type { After } from '../src/server/message.ts'
import { Secret } from '../src/vault/secret.ts'

export interface OpenGateway {
  readonly gateway: Gateway
  /** Without a slash at the end. */
  readonly url: string
  /** Of the admin, where that has an address of its own. */
  readonly adminUrl?: string
  readonly adminToken: string
  readonly clientKey: string
  close(): Promise<void>
}

export interface GatewaySetup {
  /** In order; the first is the default. */
  readonly providers?: readonly (ProviderConfig | BaseProvider)[]
  readonly config?: Partial<PatchbayConfig>
  /** Kept when given; else a temporary one that goes with the gateway. */
  readonly dataDir?: string
  /** As in GatewayOptions. */
  readonly drainMs?: number
  readonly now?: () => number
  readonly after?: After
  readonly hear?: Tell
  /** Default: attempts follow each other at once. */
  readonly pause?: GatewayOptions['pause']
  readonly random?: GatewayOptions['random']
  /** Default: empty. */
  readonly env?: GatewayOptions['env']
  readonly resolver?: GatewayOptions['resolver']
  readonly mayInit?: GatewayOptions['mayInit']
  /** Default: that of the source as it is. */
  readonly createGateway?: typeof createGateway
}

/** A provider of the user's own, with the one model `m`: a fake upstream, or whatever else is at the URL. */
export function localHost(name: string, { url }: { readonly url: string }): ProviderConfig {
  return {
    providerType: 'custom',
    name,
    baseUrl: `${url}/v1`,
    models: ['m'],
    settings: { local: true },
  }
}

export async function openGateway(setup: GatewaySetup = {}): Promise<OpenGateway> {
  const temporary = setup.dataDir === undefined
  const dataDir = setup.dataDir ?? mkdtempSync(join(tmpdir(), 'patchbay-gateway-'))
  const config: PatchbayConfig = {
    server: { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], open: false },
    auth: { anonymous: 'local' },
    providers: [],
    aliases: {},
    plugins: [],
    dataDir,
    limits: { maxBodyBytes: 32 * 1024 * 1024 },
    responseStore: DEFAULT_RESPONSE_STORE,
    // Who counts what an upstream is asked is not to be surprised.
    health: { probes: false, checkKeys: false },
    // What is remembered goes with the gateway, unless a test says where to keep it.
    store: { url: new Secret('memory:') },
    baseDir: dataDir,
    ...setup.config,
  }
  const { drainMs, now, after, pause = atOnce, random, resolver, hear, mayInit } = setup
  const readConfig = async (): Promise<PatchbayConfig> => config
  const ours = { drainMs, now, after, pause, random, resolver, hear, readConfig, mayInit }
  const given = compact(ours)
  const { env = {} } = setup
  const create = setup.createGateway ?? createGateway
  const gateway = await create({ config, env, detect: false, ...given })
  for (const provider of setup.providers ?? []) gateway.manager.registerProvider(provider)
  const { url, adminUrl } = await gateway.listen()
  return {
    gateway,
    url: url.replace(/\/$/, ''),
    ...compact({ adminUrl }),
    adminToken: gateway.firstRun.adminToken ?? '',
    clientKey: gateway.firstRun.clientKey ?? '',
    close: async () => {
      await gateway.close()
      if (temporary) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function atOnce(): Promise<void> {}
