// The socket through which the vault of a running server is opened, locked and looked after: for the same user of this machine, never over the network.
import { vaultPlaces } from '../../config/vault-places.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { Tell } from '../../exchange/happening.ts'
import { type LocalServer, listenLocally } from '../../transport/local-socket.ts'
import type { VaultKeeping } from '../../vault/vault.ts'
import { answerDesk } from './vault-desk.ts'

export interface ControlOptions {
  readonly config: PatchbayConfig
  readonly env: Readonly<Record<string, string | undefined>>
  readonly tell: Tell
}

/** Undefined where there is nothing to look after: what is remembered is gone with the process; and on Windows, which has other sockets. */
export async function openControl(
  vault: VaultKeeping,
  { config, env, tell }: ControlOptions,
): Promise<LocalServer | undefined> {
  if (config.store?.url?.reveal() === 'memory:' || process.platform === 'win32') return undefined
  const { socket } = vaultPlaces(config, env)
  return listenLocally(socket, (request) => answerDesk(vault, request, tell))
}
