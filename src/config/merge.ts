// One configuration out of layers: the first that says something wins; the defaults fill the rest.
import { compact } from '../canonical/compact.ts'
import type { ConfigSources } from './config-sources.ts'
import {
  type ConfigLayer,
  type PatchbayConfig,
  type ResponseStoreConfig,
  isLoopbackHost,
} from './schema.ts'

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 8787
const DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024
/** A day: a conversation that was left in the evening can go on in the morning. The size is for a laptop's memory. */
export const DEFAULT_RESPONSE_STORE: ResponseStoreConfig = {
  enabled: true,
  ttl: 86_400,
  maxEntries: 10_000,
  maxBytes: 64 * 1024 * 1024,
}

export interface Surroundings {
  readonly dataDir: string
  readonly baseDir: string
  readonly file?: string
  readonly sources?: ConfigSources
}

/** `layers` from the strongest to the weakest. */
export function mergeLayers(
  layers: readonly ConfigLayer[],
  surroundings: Surroundings,
): PatchbayConfig {
  const pick = <Value>(read: (layer: ConfigLayer) => Value | undefined): Value | undefined =>
    layers.map(read).find((value) => value !== undefined)
  const host = pick((layer) => layer.server?.host) ?? DEFAULT_HOST
  return {
    server: {
      host,
      port: pick((layer) => layer.server?.port) ?? DEFAULT_PORT,
      allowedHosts: pick((layer) => layer.server?.allowedHosts) ?? [],
      allowedOrigins: pick((layer) => layer.server?.allowedOrigins) ?? [],
      open: pick((layer) => layer.server?.open) ?? false,
      ...compact({
        clients: pick((layer) => layer.server?.clients),
        drain: pick((layer) => layer.server?.drain),
        tls: pick((layer) => layer.server?.tls),
        behindProxy: pick((layer) => layer.server?.behindProxy),
        workers: pick((layer) => layer.server?.workers),
        watch: pick((layer) => layer.server?.watch),
      }),
    },
    auth: {
      anonymous: pick((layer) => layer.auth?.anonymous) ?? (isLoopbackHost(host) ? 'local' : 'off'),
    },
    providers: pick((layer) => layer.providers) ?? [],
    aliases: pick((layer) => layer.aliases) ?? {},
    plugins: pick((layer) => layer.plugins) ?? [],
    limits: {
      maxBodyBytes: pick((layer) => layer.limits?.maxBodyBytes) ?? DEFAULT_MAX_BODY_BYTES,
      ...compact({
        rules: pick((layer) => layer.limits?.rules),
        outputReserve: pick((layer) => layer.limits?.outputReserve),
      }),
    },
    responseStore: {
      enabled: pick((layer) => layer.responseStore?.enabled) ?? DEFAULT_RESPONSE_STORE.enabled,
      ttl: pick((layer) => layer.responseStore?.ttl) ?? DEFAULT_RESPONSE_STORE.ttl,
      maxEntries:
        pick((layer) => layer.responseStore?.maxEntries) ?? DEFAULT_RESPONSE_STORE.maxEntries,
      maxBytes: pick((layer) => layer.responseStore?.maxBytes) ?? DEFAULT_RESPONSE_STORE.maxBytes,
      ...compact({ persist: pick((layer) => layer.responseStore?.persist) }),
    },
    dataDir: pick((layer) => layer.dataDir) ?? surroundings.dataDir,
    baseDir: surroundings.baseDir,
    ...compact({
      defaultProvider: pick((layer) => layer.defaultProvider),
      prices: pick((layer) => layer.prices),
      pricesFile: pick((layer) => layer.pricesFile),
      routes: pick((layer) => layer.routes),
      redis: pick((layer) => layer.redis),
      store: pick((layer) => layer.store),
      budgets: pick((layer) => layer.budgets),
      ledger: pick((layer) => layer.ledger),
      keys: pick((layer) => layer.keys),
      vault: mergedVault(layers),
      cache: pick((layer) => layer.cache),
      idempotency: pick((layer) => layer.idempotency),
      metrics: pick((layer) => layer.metrics),
      health: pick((layer) => layer.health),
      streams: pick((layer) => layer.streams),
      alerts: pick((layer) => layer.alerts),
      contents: pick((layer) => layer.contents),
      resilience: pick((layer) => layer.resilience),
      overload: pick((layer) => layer.overload),
      egress: pick((layer) => layer.egress),
      admin: pick((layer) => layer.admin),
      file: surroundings.file,
      sources: surroundings.sources,
    }),
  }
}

/** Each setting from the strongest layer that has it: a flag names the key file, and the file the rest. */
function mergedVault(layers: readonly ConfigLayer[]): ConfigLayer['vault'] {
  const said = layers.flatMap(({ vault }) => Object.entries(vault ?? {})).toReversed()
  return said.length === 0 ? undefined : Object.fromEntries(said)
}
