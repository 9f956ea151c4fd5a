// The library as a server would have it, without the server: configured providers, then what is found.
import { compact } from '../canonical/compact.ts'
import { loadConfig } from '../config/load.ts'
import type { PatchbayConfig } from '../config/schema.ts'
import { readNewerList } from '../prices/newer-list.ts'
import { ProviderManager } from '../pipeline/library.ts'
import { realAfter } from '../server/message.ts'
import { ModelDirectory } from '../server/model-directory.ts'
import { registerAll } from '../server/register-all.ts'
import { createTransport } from '../transport/http-transport.ts'
import type { ConnectionOptions } from './connection.ts'
import type { Terminal } from './terminal.ts'

export interface OpenManager {
  readonly config: PatchbayConfig
  readonly manager: ProviderManager
  readonly directory: ModelDirectory
  readonly close: () => Promise<void>
}

export async function openManager(
  terminal: Terminal,
  options: ConnectionOptions,
): Promise<OpenManager> {
  const { env, cwd } = terminal
  const { config: file } = options
  const config = await loadConfig({ env, cwd, ...compact({ file }) })
  const { dataDir, prices, aliases, routes, limits } = config
  const newerPrices = await readNewerList(config)
  const transport = createTransport()
  const manager = new ProviderManager({
    dataDir,
    transport,
    ...compact({ prices, newerPrices, routes }),
    ...compact({ limits: limits.rules, outputReserve: limits.outputReserve }),
  })
  const close = async (): Promise<void> => {
    await manager.closeAll()
    await transport.close()
  }
  try {
    await registerAll(manager, { config, env, transport, detect: true })
  } catch (thrown) {
    await close()
    throw thrown
  }
  const directory = new ModelDirectory({
    manager,
    aliases,
    routes: manager.routes,
    now: Date.now,
    after: realAfter,
  })
  return { config, manager, directory, close }
}
