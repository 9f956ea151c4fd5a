// Providers that a user brings: a module path or package name in the config.
import { GatewayError } from '../canonical/errors.ts'
import type { BaseProvider } from './base-provider.ts'
import type { ProviderManager } from './manager.ts'
import type { ProviderConfig } from './provider-config.ts'
import type { ProviderFactory } from './provider-types.ts'

export interface PluginOptions {
  readonly manager: ProviderManager
  /** The absolute folder that a relative module path starts from. */
  readonly baseDir: string
  /** Finds a package by name and gives its module's URL. Default: as Patchbay itself would find it. */
  readonly resolvePackage?: (name: string) => string
}

interface PluginType {
  readonly type: string
  readonly factory: ProviderFactory
}

type ProviderClass = new (config: ProviderConfig, clock: () => number) => BaseProvider

/**
 * Registers the provider types that a module exports, and returns their names. It may export classes that extend
 * BaseProvider (the type is the class's static `providerType`, else its name without "Provider", lower case), or a
 * function `createProvider(config, context)` with a string `providerType` beside it.
 *
 * Throws GatewayError invalid_request when the module cannot be loaded or has neither.
 */
export async function loadProviderPlugin(
  specifier: string,
  options: PluginOptions,
): Promise<readonly string[]> {
  const exports = await imported(specifier, options)
  const types = typesIn(exports)
  if (types.length === 0) {
    throw refused(
      specifier,
      'exports no provider: a class that extends BaseProvider, or a function createProvider with a string providerType',
    )
  }
  for (const { type, factory } of types) options.manager.registerProviderType(type, factory)
  return types.map(({ type }) => type)
}

async function imported(
  specifier: string,
  options: PluginOptions,
): Promise<ReadonlyMap<string, unknown>> {
  try {
    const module: object = await import(moduleUrl(specifier, options))
    return new Map<string, unknown>(Object.entries(module))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown failure'
    throw refused(specifier, `could not be loaded: ${why}`, cause)
  }
}

/** A path becomes a file URL; a bare name stays one for the resolver. */
export function moduleUrl(
  specifier: string,
  options: Pick<PluginOptions, 'baseDir' | 'resolvePackage'>,
): string {
  if (specifier.startsWith('file:')) return specifier
  if (/^\.{0,2}[/\\]|^[A-Za-z]:[/\\]/.test(specifier)) {
    return new URL(urlPath(specifier), `file://${urlPath(`/${options.baseDir}`)}/`).href
  }
  return options.resolvePackage?.(specifier) ?? specifier
}

function urlPath(path: string): string {
  const slashed = path.replaceAll('\\', '/').replace(/^\/+/, '/')
  const rooted = /^[A-Za-z]:/.test(slashed) ? `/${slashed}` : slashed
  return encodeURI(rooted).replaceAll('?', '%3F').replaceAll('#', '%23')
}

function typesIn(exports: ReadonlyMap<string, unknown>): readonly PluginType[] {
  const classes = new Set([...exports.values()].filter((value) => isProviderClass(value)))
  const types = [...classes].map((made) => ({
    type: typeName(made),
    factory: (config: ProviderConfig, context: { readonly clock: () => number }): BaseProvider =>
      new made(config, context.clock),
  }))
  const create = exports.get('createProvider')
  const type = exports.get('providerType')
  if (!isFactory(create) || typeof type !== 'string') return types
  return [...types, { type, factory: create }]
}

function typeName(made: ProviderClass): string {
  if ('providerType' in made && typeof made.providerType === 'string') return made.providerType
  const stem = made.name.replace(/Provider$/, '')
  return (stem === '' ? made.name : stem).replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, '-').toLowerCase()
}

// By shape: the plugin may have loaded a copy of this package of its own.
function isProviderClass(value: unknown): value is ProviderClass {
  if (typeof value !== 'function') return false
  const { prototype } = value
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    ['handle', 'chat', 'listModels', 'healthCheck'].every(
      (method) => method in prototype && typeof prototype[method] === 'function',
    )
  )
}

function isFactory(value: unknown): value is ProviderFactory {
  return typeof value === 'function'
}

function refused(specifier: string, why: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', `Plugin "${specifier}" ${why}.`, {
    code: 'invalid_plugin',
    param: 'plugins',
    cause,
  })
}
