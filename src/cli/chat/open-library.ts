// Answers in this process, when no Patchbay runs.
import type { ConnectionOptions } from '../connection.ts'
import { FETCH_SIZES, fetchEmbedded, needsEmbedded } from '../embedded.ts'
import { openManager } from '../library.ts'
import { type Terminal, say } from '../terminal.ts'
import { LibraryPartner } from './library-partner.ts'
import type { Partner } from './partner.ts'

export async function openLibrary(
  terminal: Terminal,
  options: ConnectionOptions,
): Promise<Partner> {
  const { config, manager, directory, close } = await openManager(terminal, options)
  return new LibraryPartner({
    manager,
    resolve: async (asked, signal) => {
      const { target } = await directory.resolve(asked, {
        kind: 'admin',
        keyId: 'command',
        role: 'owner',
      })
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
