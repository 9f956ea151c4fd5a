// The part of the configuration that environment variables may give.
import { type Checked, checkFile } from './file-schema.ts'
import { ConfigError, pathText } from './problem.ts'
import type { ConfigLayer } from './schema.ts'

interface Variable {
  readonly name: string
  readonly section: 'server' | 'auth' | 'egress' | 'limits' | 'vault' | undefined
  readonly key: string
  readonly list?: true
}

const VARIABLES: readonly Variable[] = [
  { name: 'PATCHBAY_HOST', section: 'server', key: 'host' },
  { name: 'PATCHBAY_PORT', section: 'server', key: 'port' },
  { name: 'PATCHBAY_WORKERS', section: 'server', key: 'workers' },
  { name: 'PATCHBAY_OPEN', section: 'server', key: 'open' },
  { name: 'PATCHBAY_ALLOWED_HOSTS', section: 'server', key: 'allowed_hosts', list: true },
  { name: 'PATCHBAY_ALLOWED_ORIGINS', section: 'server', key: 'allowed_origins', list: true },
  { name: 'PATCHBAY_ANONYMOUS', section: 'auth', key: 'anonymous' },
  { name: 'PATCHBAY_EGRESS_ALLOW', section: 'egress', key: 'allow', list: true },
  { name: 'PATCHBAY_DEFAULT_PROVIDER', section: undefined, key: 'default_provider' },
  { name: 'PATCHBAY_VAULT_KEY_FILE', section: 'vault', key: 'key_file' },
  { name: 'PATCHBAY_HOME', section: undefined, key: 'data_dir' },
]

function variablePath({ section, key }: Variable): string {
  return section === undefined ? key : `${section}.${key}`
}

/** Reads them as if they stood in the file; throws ConfigError naming the variable. Lists are separated by commas. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): ConfigLayer {
  const sections: Record<string, Record<string, unknown>> = {}
  const top: Record<string, unknown> = {}
  for (const variable of VARIABLES) {
    const text = env[variable.name]
    if (text === undefined || text === '') continue
    const value = variable.list ? text.split(',').map((item) => item.trim()) : text
    const holder = variable.section === undefined ? top : (sections[variable.section] ??= {})
    holder[variable.key] = value
  }
  return layerOf(checkFile({ ...top, ...sections }))
}

function layerOf(checked: Checked): ConfigLayer {
  if (checked.ok) return checked.layer
  throw new ConfigError(
    'environment',
    checked.issues.map(({ path, message }) => {
      const where = pathText(path)
      const variable = VARIABLES.find((entry) => where.startsWith(variablePath(entry)))
      return { path: variable?.name ?? where, message }
    }),
  )
}
