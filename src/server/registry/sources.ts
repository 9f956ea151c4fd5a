// Where each provider and route of a running Patchbay comes from.
import type { ProviderManager } from '../../pipeline/library.ts'
import type { DetectedProvider } from '../../providers/detect.ts'
import { EMBEDDED } from '../register-all.ts'
import type { Registry } from './registry.ts'
import type { Source } from './source.ts'

export class Sources {
  readonly #registry: Registry
  readonly #found = new Map<string, Extract<Source, 'detected' | 'embedded'>>()
  /** Registered over the API for as long as this process runs. */
  readonly #passing = new Set<string>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** At the start: what was found without being configured, and the model that comes along with it. */
  note(manager: ProviderManager, detected: readonly DetectedProvider[]): void {
    for (const { config } of detected) this.#found.set(config.name, 'detected')
    for (const { name, config } of manager.listProviders()) {
      const isNamed = this.#registry.sourceOf('provider', name) !== undefined
      if (config === EMBEDDED && !isNamed) this.#found.set(name, 'embedded')
    }
  }

  passing(name: string): void {
    this.#passing.add(name)
  }

  ofProvider(name: string): Source {
    const named = this.#registry.sourceOf('provider', name)
    if (named !== undefined) return named
    return this.#passing.has(name) ? 'api' : (this.#found.get(name) ?? 'code')
  }

  ofRoute(name: string): Source {
    return this.#registry.sourceOf('route', name) ?? 'code'
  }

  /** Whether it is there after a restart; of what a program registers only that program knows. */
  isKept(name: string): boolean {
    return this.#registry.sourceOf('provider', name) !== undefined
  }
}
