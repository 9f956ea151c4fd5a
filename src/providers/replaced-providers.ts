// Another set of configured providers in the place of the one before: what stayed the same stays the same object.
import { isSame } from '../vault/same.ts'
import type { BaseProvider } from './base-provider.ts'
import type { ConfigSource, ProviderConfig } from './provider-config.ts'

export interface ProviderEntry {
  readonly provider: BaseProvider
  readonly source: ConfigSource
  /** What it was built from; absent where it came as an object. */
  readonly given?: ProviderConfig
}

export interface WantedProvider {
  readonly config: ProviderConfig
  /** Whose word it is. */
  readonly source: ConfigSource
}

export interface Replacement<Entry> {
  /** Those that are configured now, in order, then those that nobody configured. */
  readonly entries: ReadonlyMap<string, Entry>
  /** Nobody finds them any more. */
  readonly retired: readonly BaseProvider[]
}

export interface Replacing<Entry> {
  readonly before: ReadonlyMap<string, Entry>
  /** Names that were configured until now. */
  readonly forget: ReadonlySet<string>
  readonly wanted: readonly WantedProvider[]
  readonly build: (wanted: WantedProvider) => Entry
}

/** Throws what `build` throws; nothing has changed then. */
export function replacedProviders<Entry extends ProviderEntry>(
  replacing: Replacing<Entry>,
): Replacement<Entry> {
  const { before, forget, wanted, build } = replacing
  const entries = new Map<string, Entry>()
  for (const one of wanted) {
    const { config, source } = one
    const known = before.get(config.name)
    const stays = known?.source === source && isSame(known.given, config)
    entries.set(config.name, stays ? known : build(one))
  }
  for (const [name, entry] of before) {
    if (!entries.has(name) && !forget.has(name)) entries.set(name, entry)
  }
  const retired = [...before.values()].filter((entry) => entries.get(entry.provider.name) !== entry)
  return { entries, retired: retired.map(({ provider }) => provider) }
}
