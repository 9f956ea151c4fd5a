// Chooses who answers: the Patchbay that runs at the address, else the library in this process.
import { Connection, type ConnectionOptions, isNamed } from '../connection.ts'
import { type Terminal, say } from '../terminal.ts'
import type { Partner } from './partner.ts'
import { RemotePartner } from './remote-partner.ts'

/** A server that was named must answer; one that was not may be absent. */
export async function openPartner(
  terminal: Terminal,
  options: ConnectionOptions,
): Promise<Partner> {
  const connection = await Connection.open(terminal, options, 'chat')
  if (isNamed(terminal, options) || (await connection.isPatchbay()))
    return new RemotePartner(connection)
  say(
    terminal,
    `No Patchbay runs at ${connection.url}; answering in this process. (To start one: patchbay serve)`,
  )
  const { openLibrary } = await import('./open-library.ts')
  return openLibrary(terminal, options)
}
