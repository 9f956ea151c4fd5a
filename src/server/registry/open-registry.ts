// What is registered while a server runs, from its store, its vault and its configuration.
import type { After } from '../../canonical/after.ts'
import { compact } from '../../canonical/compact.ts'
import type { ProviderManager } from '../../pipeline/library.ts'
import type { WatchedDocuments } from '../../store/documents/watched-documents.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Generations } from '../generations.ts'
import type { Application } from '../message.ts'
import type { InForce } from '../reload.ts'
import { Registrar } from './registrar.ts'
import { Registry } from './registry.ts'
import { secretRoutes } from '../routes/admin-secrets.ts'
import type { Route } from '../route.ts'
import { Rotation } from './rotation.ts'
import { Sources } from './sources.ts'

export interface OpenRegistryOptions {
  readonly documents: WatchedDocuments
  readonly manager: ProviderManager
  readonly inForce: InForce
  readonly vault?: Vault
  readonly now: () => number
  readonly after: After
  /** How many processes answer at this address, where it is not one. */
  readonly processes?: number
}

export interface OpenedRegistry {
  readonly registry: Registry
  readonly registrar: Registrar
  readonly sources: Sources
  readonly rotation: Rotation
  readonly routes: readonly Route[]
  /** Puts what is stored in force; gives the default that was chosen while it ran. */
  readonly registerStored: () => string | undefined
  /** From now on calls hold on to what they began with. */
  readonly holdBy: (generations: Generations<Application>) => void
  /** Hears of nothing more. */
  readonly close: () => void
}

export async function openRegistry(options: OpenRegistryOptions): Promise<OpenedRegistry> {
  const { documents, manager, inForce, now, after } = options
  let generations: Generations<Application> | undefined
  const given = compact({ vault: options.vault })
  const several = compact({ processes: options.processes })
  const config = (): InForce['config'] => inForce.config
  const registry = new Registry({
    documents,
    manager,
    config,
    newerPrices: () => inForce.newerPrices,
    ...given,
    retire: (close) => {
      if (generations === undefined) void close()
      else generations.renew(() => void close())
    },
    failed,
  })
  await registry.open()
  const rotation = new Rotation({ registry, manager, documents, now, after, failed, ...given })
  const callOff = options.vault?.onChange(() => rotation.resume())
  rotation.resume()
  return {
    registry,
    rotation,
    routes: secretRoutes({ rotation, ...given }),
    close: () => {
      callOff?.()
      rotation.close()
      registry.close()
    },
    registrar: new Registrar({ registry, documents, manager, config, ...given, ...several }),
    sources: new Sources(registry),
    registerStored: () => {
      void registry.apply()()
      return registry.defaultName
    },
    holdBy: (those) => {
      generations = those
    },
  }
}

function failed(thrown: unknown): void {
  process.emitWarning(`A stored change is not in force: ${String(thrown)}`)
}
