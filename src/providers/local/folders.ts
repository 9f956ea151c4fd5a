// Where the embedded model keeps its things below the data folder.
import { join } from 'node:path'
import { ENGINE_VERSION } from './engine-manifest.ts'

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
