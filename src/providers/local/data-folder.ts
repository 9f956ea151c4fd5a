// Where Patchbay keeps what outlives the process, on each platform.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** What decides on the folders besides the environment; the defaults are this machine's own. */
export interface Machine {
  readonly platform?: NodeJS.Platform
  readonly home?: string
}

/** An empty variable is none. */
export function setting(env: Environment, name: string): string | undefined {
  const value = env[name]
  return value === undefined || value === '' ? undefined : value
}

/** `$PATCHBAY_HOME`, else `$XDG_DATA_HOME/patchbay`, else the platform's own folder for data of an application. */
export function dataFolder(env: Environment, machine: Machine = {}): string {
  const { platform = process.platform, home = homedir() } = machine
  const own = setting(env, 'PATCHBAY_HOME')
  if (own !== undefined) return resolve(own)
  const shared = setting(env, 'XDG_DATA_HOME')
  if (shared !== undefined) return join(shared, 'patchbay')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'patchbay')
  if (platform === 'win32') {
    return join(setting(env, 'LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), 'patchbay')
  }
  return join(home, '.local', 'share', 'patchbay')
}
