// The engine's pinned packages: what npm is told to install on one machine.
import { GatewayError } from '../../canonical/errors.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { ObjectReader } from '../../wire/json.ts'
import engineLock from './engine-lock.json' with { type: 'json' }
import { type Platform, enginePackage, supportedPlatforms } from './platform.ts'

const ENGINE = 'node-llama-cpp'

export interface EngineManifest {
  readonly version: string
  readonly packageJson: JsonObject
  readonly packageLock: JsonObject
  /** False when this machine's binary package is pinned by its version only: npm must then be allowed to complete the lock. */
  readonly locked: boolean
}

/** The version of the engine that the lock pins. */
export const ENGINE_VERSION: string = ObjectReader.of(engineLock, 'engine-lock.json')
  .object('packages')
  .object(`node_modules/${ENGINE}`)
  .string('version')

/**
 * The binding with the one binary package of this machine, 85 MB. By itself it would bring one for each
 * kind of graphics card, 725 MB, as optional packages: all of these are left out, and the one that is
 * wanted becomes a required one.
 */
export function engineManifest(platform: Platform, lock: Json = engineLock): EngineManifest {
  const binary = enginePackage(platform)
  if (binary === undefined) {
    throw new GatewayError(
      'unsupported',
      `The embedded model does not run on ${platform.os} ${platform.cpu}; it runs on ${supportedPlatforms.join(', ')}. Use Ollama or another provider.`,
      { code: 'local_platform_unsupported' },
    )
  }
  const source = ObjectReader.of(lock, 'engine-lock.json')
  const entries = source.object('packages')
  const version = entries.object(`node_modules/${ENGINE}`).string('version')
  const dependencies = { [ENGINE]: version, [binary.name]: version }
  const root = { name: 'patchbay-local-engine', version, private: true, dependencies }
  const binaryAt = `node_modules/${binary.name}`
  const packages: Record<string, Json | undefined> = { '': root }
  for (const [path, entry] of Object.entries(entries.source)) {
    const { optional, optionalDependencies: _, ...pinned } = ObjectReader.of(entry, path).source
    if (path !== '' && (optional !== true || path === binaryAt)) packages[path] = pinned
  }
  return {
    version,
    packageJson: root,
    packageLock: { ...source.source, ...root, packages },
    locked: packages[binaryAt] !== undefined,
  }
}
