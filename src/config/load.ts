// Finds, reads and checks the configuration: flags over environment over file over defaults.
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { sourcesOf } from './config-sources.ts'
import { compact } from '../canonical/compact.ts'
import { environmentLayer } from './environment.ts'
import { checkFile } from './file-schema.ts'
import { mergeLayers } from './merge.ts'
import { type Environment, type Machine, dataFolder } from '../providers/local/data-folder.ts'
import { configCandidates } from './paths.ts'
import { ConfigError, type ConfigProblem, pathText } from './problem.ts'
import { type ConfigLayer, type PatchbayConfig, isLoopbackHost } from './schema.ts'
import { type YamlFile, readYaml } from './yaml-file.ts'

export interface LoadOptions {
  /** From `--config`; it must exist. */
  readonly file?: string
  readonly env: Environment
  readonly cwd: string
  readonly flags?: ConfigLayer
  readonly machine?: Machine
}

/** Throws ConfigError with everything that is wrong in one source at once. */
export async function loadConfig(options: LoadOptions): Promise<PatchbayConfig> {
  const { env, cwd, flags = {}, machine = {} } = options
  const found = await findFile(options)
  const environment = environmentLayer(env)
  const surroundings = { dataDir: dataFolder(env, machine), baseDir: cwd }
  if (found === undefined) {
    const sources = sourcesOf([
      ['flag', flags],
      ['environment', environment],
    ])
    return assertSound(mergeLayers([flags, environment], { ...surroundings, sources }))
  }
  const baseDir = dirname(found.path)
  const layer = readLayer(found, env)
  const sources = sourcesOf([
    ['flag', flags],
    ['environment', environment],
    ['file', layer],
  ])
  const where = { ...surroundings, baseDir, file: found.path, sources }
  return assertSound(mergeLayers([flags, environment, layer], where))
}

interface Found {
  readonly path: string
  readonly text: string
}

async function findFile({ file, env, cwd, machine }: LoadOptions): Promise<Found | undefined> {
  const named = file ?? (env['PATCHBAY_CONFIG'] || undefined)
  if (named !== undefined) {
    const path = resolve(cwd, named)
    const text = await readIfThere(path)
    if (text !== undefined) return { path, text }
    const why = file === undefined ? 'PATCHBAY_CONFIG names it' : '--config names it'
    throw new ConfigError(path, [{ path: '', message: `does not exist, but ${why}` }])
  }
  for (const path of configCandidates(env, cwd, machine)) {
    const text = await readIfThere(path)
    if (text !== undefined) return { path, text }
  }
  return undefined
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const message = `cannot be read (${typeof code === 'string' ? code : 'unknown reason'})`
    throw new ConfigError(path, [{ path: '', message }])
  }
}

/** The file's own layer, checked; relative folders in it start from the file. */
function readLayer({ path, text }: Found, env: Environment): ConfigLayer {
  const source = basename(path)
  const yaml = readYaml(text, source, env)
  const checked = checkFile(yaml.value, env)
  if (!checked.ok) {
    throw new ConfigError(
      source,
      checked.issues.map((issue) => placed(yaml, issue)),
    )
  }
  const issues = [
    ...repeatedNames(checked.layer),
    ...takenNames(checked.layer),
    ...repeatedRules(checked.layer),
  ]
  if (issues.length > 0) {
    throw new ConfigError(
      source,
      issues.map((issue) => placed(yaml, issue)),
    )
  }
  return fromFolder(checked.layer, dirname(path))
}

/** Relative paths start from the file. */
function fromFolder(layer: ConfigLayer, folder: string): ConfigLayer {
  const { dataDir, pricesFile, vault, server, ...rest } = layer
  const from = (place: string | undefined): string | undefined =>
    place === undefined ? undefined : resolve(folder, place)
  const tls = server?.tls
  const files =
    tls === undefined
      ? {}
      : { tls: { cert: resolve(folder, tls.cert), key: resolve(folder, tls.key) } }
  return {
    ...rest,
    ...compact({
      dataDir: from(dataDir),
      pricesFile: from(pricesFile),
      vault: vault === undefined ? undefined : compact({ ...vault, keyFile: from(vault.keyFile) }),
      server: server === undefined ? undefined : { ...server, ...files },
    }),
  }
}

interface Issue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

function placed(yaml: YamlFile, { path, message }: Issue): ConfigProblem {
  const line = yaml.lineOf(path)
  return { path: pathText(path), message, ...(line === undefined ? {} : { line }) }
}

function repeatedNames({ providers = [] }: ConfigLayer): readonly Issue[] {
  return providers.flatMap(({ name }, at): Issue[] => {
    const first = providers.findIndex((other) => other.name === name)
    if (first === at) return []
    return [
      {
        path: ['providers', at, 'name'],
        message: `is ${name}, as providers[${first}].name is already; names must differ`,
      },
    ]
  })
}

/** A route would hide what has its name. */
function takenNames({ routes = [], ...layer }: ConfigLayer): readonly Issue[] {
  return routes.flatMap(({ name }): Issue[] => {
    const other = ownerOf(name, layer)
    if (other === undefined) return []
    const message = `has the name of ${other}; a name means one thing, so give the route another`
    return [{ path: ['routes', name], message }]
  })
}

function ownerOf(name: string, { providers = [], aliases = {} }: ConfigLayer): string | undefined {
  if (Object.hasOwn(aliases, name)) return `aliases.${name}`
  const at = providers.findIndex((provider) => provider.name === name)
  return at === -1 ? undefined : `providers[${at}]`
}

function repeatedRules({ limits }: ConfigLayer): readonly Issue[] {
  const rules = limits?.rules ?? []
  return rules.flatMap(({ scope, of }, at): Issue[] => {
    const first = rules.findIndex((other) => other.scope === scope && other.of === of)
    if (first === at) return []
    return [
      {
        path: ['limits', 'rules', at],
        message: `is for the same as limits.rules[${first}]; write both as one`,
      },
    ]
  })
}

function assertSound(config: PatchbayConfig): PatchbayConfig {
  const { host, open } = config.server
  if (!open || isLoopbackHost(host)) return config
  const message = `lets anyone use every provider without a key, which only a loopback address may do, not ${host}; drop it, and give clients a key`
  throw new ConfigError('configuration', [{ path: 'server.open', message }])
}
