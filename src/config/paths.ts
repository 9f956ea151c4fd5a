// Where Patchbay looks for its configuration file on each platform.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Environment, type Machine, setting } from '../providers/local/data-folder.ts'

/** `$XDG_CONFIG_HOME/patchbay`, else `~/.config/patchbay`; on Windows `%APPDATA%\patchbay`. */
export function configFolder(env: Environment, machine: Machine = {}): string {
  const { platform = process.platform, home = homedir() } = machine
  const shared = setting(env, 'XDG_CONFIG_HOME')
  if (shared !== undefined) return join(shared, 'patchbay')
  if (platform === 'win32') {
    return join(setting(env, 'APPDATA') ?? join(home, 'AppData', 'Roaming'), 'patchbay')
  }
  return join(home, '.config', 'patchbay')
}

/** The files that are tried when none is named, in order. */
export function configCandidates(env: Environment, cwd: string, machine: Machine = {}): string[] {
  return [join(cwd, 'patchbay.yaml'), join(configFolder(env, machine), 'patchbay.yaml')]
}
