// The library as a server would have it, without the server: configured providers, then what is found.
import { loadConfig } from '../../config/load.ts'
import { ProviderManager } from '../../pipeline/library.ts'
import { realAfter } from '../../server/message.ts'
import { ModelDirectory } from '../../server/model-directory.ts'
import { registerAll } from '../../server/register-all.ts'
import { createTransport } from '../../transport/http-transport.ts'
import type { ConnectionOptions } from '../connection.ts'
import { FETCH_SIZES, fetchEmbedded, needsEmbedded } from '../embedded.ts'
import { type Terminal, say } from '../terminal.ts'
import { LibraryPartner } from './library-partner.ts'
import type { Partner } from './partner.ts'

export async function openLibrary(
  terminal: Terminal,
  options: ConnectionOptions,
): Promise<Partner> {
  const { env, cwd } = terminal
  const { config: file } = options
  const config = await loadConfig({ env, cwd, ...(file === undefined ? {} : { file }) })
  const transport = createTransport()
  const manager = new ProviderManager({ dataDir: config.dataDir, transport })
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
    aliases: config.aliases,
    now: Date.now,
    after: realAfter,
  })
  return new LibraryPartner({
    manager,
    resolve: async (asked, signal) => {
      const target = await directory.resolve(asked, { kind: 'admin', keyId: 'command' })
      const { dataDir } = config
      if (await needsEmbedded(manager.getProvider(target.provider), dataDir)) {
        say(terminal, `The embedded model is fetched once (${FETCH_SIZES}):`)
        await fetchEmbedded(terminal, { dataDir, signal })
      }
      return target
    },
    close,
  })
}
