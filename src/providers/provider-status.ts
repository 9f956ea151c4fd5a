// How a provider stands: what it is, what its last checks said, and what it has done.
import { compact } from '../canonical/compact.ts'
import type { BaseProvider, Locality } from './base-provider.ts'
import type { HealthReport } from './health.ts'
import type { ProviderLimits, ProviderStats } from './tracker.ts'

/** What is found out by asking. */
export interface Probed {
  health?: HealthReport
  listError?: string
}

export interface ProviderStatus {
  readonly name: string
  readonly type: string
  readonly locality: Locality
  readonly enabled: boolean
  readonly disabledReason?: string
  readonly isDefault: boolean
  readonly defaultModel?: string
  /** Of the last check; absent before the first. */
  readonly health?: HealthReport
  /** Why the last model listing failed. */
  readonly listError?: string
  readonly stats: ProviderStats
  /** What it last said of its limits. */
  readonly limits?: ProviderLimits
}

export function statusOf(
  { provider, health, listError }: Probed & { readonly provider: BaseProvider },
  { isDefault }: { readonly isDefault: boolean },
): ProviderStatus {
  const { name, locality, enabled, disabledReason, config, tracker } = provider
  return compact({
    name,
    type: config.providerType,
    locality,
    enabled,
    disabledReason,
    isDefault,
    defaultModel: config.defaultModel,
    health,
    listError,
    stats: tracker.stats(),
    limits: tracker.limits(),
  })
}
