// Chooses who explains: the Patchbay that runs at the address, else the library in this process.
import { Connection, type ConnectionOptions, isNamed } from '../connection.ts'
import { type Terminal, say } from '../terminal.ts'
import type { Explainer } from './explainer.ts'

/** A server that was named must answer; one that was not may be absent. The admin's token shows most. */
export async function openExplainer(
  terminal: Terminal,
  options: ConnectionOptions,
): Promise<Explainer> {
  const connection = await Connection.open(terminal, options, 'admin')
  if (isNamed(terminal, options) || (await connection.isPatchbay())) {
    return {
      explain: async (body) => connection.json({ method: 'POST', path: '/api/explain', body }),
      close: async () => {},
    }
  }
  say(terminal, `No Patchbay runs at ${connection.url}; explaining in this process.`)
  const { openLibraryExplainer } = await import('./library-explainer.ts')
  return openLibraryExplainer(terminal, options)
}
