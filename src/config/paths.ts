// Where Patchbay keeps its data and looks for its configuration file on each platform.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** What decides on the folders besides the environment; the defaults are this machine's own. */
export interface Machine {
  readonly platform?: NodeJS.Platform
  readonly home?: string
}

function set(env: Environment, name: string): string | undefined {
  const value = env[name]
  return value === undefined || value === '' ? undefined : value
}

/** `$PATCHBAY_HOME`, else `$XDG_DATA_HOME/patchbay`, else the platform's own folder for data of an application. */
export function dataFolder(env: Environment, machine: Machine = {}): string {
  const { platform = process.platform, home = homedir() } = machine
  const own = set(env, 'PATCHBAY_HOME')
  if (own !== undefined) return resolve(own)
  const shared = set(env, 'XDG_DATA_HOME')
  if (shared !== undefined) return join(shared, 'patchbay')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'patchbay')
  if (platform === 'win32') {
    return join(set(env, 'LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), 'patchbay')
  }
  return join(home, '.local', 'share', 'patchbay')
}

/** `$XDG_CONFIG_HOME/patchbay`, else `~/.config/patchbay`; on Windows `%APPDATA%\patchbay`. */
export function configFolder(env: Environment, machine: Machine = {}): string {
  const { platform = process.platform, home = homedir() } = machine
  const shared = set(env, 'XDG_CONFIG_HOME')
  if (shared !== undefined) return join(shared, 'patchbay')
  if (platform === 'win32') {
    return join(set(env, 'APPDATA') ?? join(home, 'AppData', 'Roaming'), 'patchbay')
  }
  return join(home, '.config', 'patchbay')
}

/** The files that are tried when none is named, in order. */
export function configCandidates(env: Environment, cwd: string, machine: Machine = {}): string[] {
  return [join(cwd, 'patchbay.yaml'), join(configFolder(env, machine), 'patchbay.yaml')]
}
