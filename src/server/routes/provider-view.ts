// How the admin API shows a provider: everything but its key.
import { compact } from '../../canonical/compact.ts'
import type { HealthReport } from '../../providers/health.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { ProviderStatus } from '../../providers/provider-status.ts'
import type { BaseProvider } from '../../providers/base-provider.ts'
import type { Sources } from '../registry/sources.ts'
import { toSecret } from '../../vault/secret.ts'
import type { JsonObject } from '../../wire/json.ts'
import { credentialsView } from './credentials.ts'
import { limitsView } from './limits-view.ts'

export function providerView(
  provider: BaseProvider,
  { manager, sources }: { readonly manager: ProviderManager; readonly sources: Sources },
): JsonObject {
  const { config } = provider
  const source = sources.ofProvider(provider.name)
  return compact({
    name: provider.name,
    provider_type: config.providerType,
    locality: provider.locality,
    enabled: provider.enabled,
    disabled_reason: provider.disabledReason,
    is_default: provider.name === manager.defaultName,
    source,
    persisted: source === 'api' && !sources.isKept(provider.name) ? false : undefined,
    has_key: provider.credentials?.set !== undefined || toSecret(config.apiKey) !== undefined,
    credentials: credentialsView(manager, provider.name),
    base_url: config.baseUrl,
    models: config.models,
    default_model: config.defaultModel,
    rate_limit: config.rateLimit,
    timeout: config.timeout,
  })
}

export function healthView(report: HealthReport): JsonObject {
  return compact({
    healthy: report.healthy,
    reason: report.reason,
    latency_ms: report.latencyMs,
    checked_at: new Date(report.checkedAtMs).toISOString(),
    since: report.sinceMs === undefined ? undefined : new Date(report.sinceMs).toISOString(),
    key: report.key,
  })
}

export function statusView(status: ProviderStatus): JsonObject {
  const { stats, health } = status
  return compact({
    name: status.name,
    provider_type: status.type,
    locality: status.locality,
    enabled: status.enabled,
    disabled_reason: status.disabledReason,
    is_default: status.isDefault,
    default_model: status.defaultModel,
    health: health === undefined ? undefined : healthView(health),
    list_error: status.listError,
    limits: limitsView(status),
    stats: compact({
      requests: stats.requests,
      errors: stats.errors,
      in_flight: stats.inFlight,
      last_latency_ms: stats.lastLatencyMs,
      average_latency_ms: stats.averageLatencyMs,
      last_first_event_ms: stats.lastFirstEventMs,
      input_tokens: stats.inputTokens,
      output_tokens: stats.outputTokens,
    }),
  })
}
