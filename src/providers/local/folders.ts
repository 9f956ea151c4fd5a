// Where the embedded model keeps its things below the data folder.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ENGINE_VERSION } from './engine-manifest.ts'

/** Where the data folder is when nobody says: `$PATCHBAY_HOME`, else the place for data of programs. */
export function usualDataFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { PATCHBAY_HOME: own = '', XDG_DATA_HOME: shared = '', LOCALAPPDATA: windows = '' } = env
  if (own !== '') return resolve(own)
  if (shared !== '') return join(shared, 'patchbay')
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Application Support', 'patchbay')
  }
  if (process.platform !== 'win32') return join(homedir(), '.local', 'share', 'patchbay')
  return join(windows === '' ? join(homedir(), 'AppData', 'Local') : windows, 'patchbay')
}

export function engineFolder(dataDir: string): string {
  return join(dataDir, 'engine', ENGINE_VERSION)
}

/** The module that the worker loads. */
export function engineEntry(dataDir: string): string {
  return join(engineFolder(dataDir), 'node_modules', 'node-llama-cpp', 'dist', 'index.js')
}

export function modelsFolder(dataDir: string): string {
  return join(dataDir, 'models')
}
