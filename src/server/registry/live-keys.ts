// Keys that change while their provider runs on: it keeps its place, its calls and its counts, and the next call has the new key.
import type { ProviderManager } from '../../pipeline/library.ts'
import { keysOf } from './provider-keys.ts'
import type { CredentialConfig, ProviderConfig } from '../../providers/provider-config.ts'
import { isSame } from '../../vault/same.ts'
import { type Secret, toSecret } from '../../vault/secret.ts'

interface Live {
  /** As the provider was built. */
  readonly built: ProviderConfig
  /** As it stands now. */
  now: ProviderConfig
}

export class LiveKeys {
  readonly #manager: ProviderManager
  #live: ReadonlyMap<string, Live> = new Map()
  #next: ReadonlyMap<string, Live> = new Map()

  constructor(manager: ProviderManager) {
    this.#manager = manager
  }

  /** Of those of which only keys have changed what they were built from: the manager then leaves them as they are. */
  asBuilt(wanted: readonly ProviderConfig[]): readonly ProviderConfig[] {
    const next = wanted.map((config): [string, Live] => {
      const live = this.#live.get(config.name)
      const stays = live !== undefined && this.#differsInKeysAlone(live.now, config)
      return [
        config.name,
        stays ? { built: live.built, now: live.now } : { built: config, now: config },
      ]
    })
    this.#next = new Map(next)
    return next.map(([, { built }]) => built)
  }

  /** Once the manager has taken them: gives their keys to those that stayed. */
  applied(wanted: readonly ProviderConfig[]): void {
    this.#live = this.#next
    for (const config of wanted) {
      const live = this.#live.get(config.name)
      if (live === undefined || isSame(live.now, config)) continue
      for (const { label, key } of this.#changed(config)) {
        this.#manager.replaceCredential(config.name, { label, key })
      }
      live.now = config
    }
  }

  /** Labels, weights and everything else are the same, and it has labels at all. */
  #differsInKeysAlone(before: ProviderConfig, config: ProviderConfig): boolean {
    if (this.#manager.findProvider(config.name)?.credentials === undefined) return false
    return isSame(masked(before), masked(config))
  }

  #changed(config: ProviderConfig): readonly { readonly label: string; readonly key: Secret }[] {
    const provider = this.#manager.findProvider(config.name)
    const draft = this.#manager.draftProvider(config, { source: 'remote' })
    return keysOf(draft).filter(
      ({ label, key }) => provider?.credentials?.key(label)?.reveal() !== key.reveal(),
    )
  }
}

/** With nothing in the place of each key. */
function masked(config: ProviderConfig): unknown {
  const { apiKey, apiKeys, ...rest } = config
  const names = (apiKeys ?? []).map(({ name, weight }: CredentialConfig) => [name, weight])
  return { ...rest, single: toSecret(apiKey) !== undefined, names }
}
