// What can be used without being configured: Ollama on its port, keys in the environment.
import { compact } from '../canonical/compact.ts'
import { readBody } from '../transport/read-body.ts'
import type { Transport } from '../transport/transport.ts'
import { parseUpstreamUrl } from '../transport/base-url.ts'
import { upstreamUrl } from '../transport/upstream-url.ts'
import { isObject, tryParseJson } from '../wire/json.ts'
import { catalog } from './catalog.ts'
import type { CatalogRow } from './catalog-row.ts'
import { ollama } from './ollama.ts'
import { type Secret, toSecret } from '../vault/secret.ts'
import type { ProviderConfig } from './provider-config.ts'

export interface DetectOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly transport: Transport
  readonly signal: AbortSignal
}

export interface DetectedProvider {
  readonly config: ProviderConfig
  /** One line for people; never holds a key. */
  readonly line: string
}

const PROBE_MS = 1000
const PROBE = {
  connectMs: PROBE_MS,
  firstByteMs: PROBE_MS,
  idleMs: PROBE_MS,
  totalMs: PROBE_MS,
} as const
const VERSION_BYTES = 4096
const OLLAMA_PORT = '11434'

/** Free local providers first, then those with a key. Never throws; takes a second at most. */
export async function detectProviders(
  options: DetectOptions,
): Promise<readonly DetectedProvider[]> {
  const local = await detectOllama(options)
  return [...(local === undefined ? [] : [local]), ...keysIn(options.env)]
}

async function detectOllama(options: DetectOptions): Promise<DetectedProvider | undefined> {
  const { type, title, baseUrl: usual = '' } = ollama
  const baseUrl = ollamaUrl(options.env['OLLAMA_HOST']) ?? usual
  const version = await ollamaVersion(baseUrl, options)
  if (version === undefined) return undefined
  return {
    config: { providerType: type, name: type, ...(baseUrl === usual ? {} : { baseUrl }) },
    line: `${title} ${version} at ${baseUrl}`,
  }
}

async function ollamaVersion(
  baseUrl: string,
  { transport, signal }: DetectOptions,
): Promise<string | undefined> {
  try {
    const response = await transport.send({
      method: 'GET',
      url: upstreamUrl(new URL(baseUrl), '/api/version'),
      headers: { accept: 'application/json' },
      reach: 'private',
      timeouts: PROBE,
      signal,
    })
    const body = tryParseJson(await readBody(response.body, VERSION_BYTES))
    const version = isObject(body) && response.status === 200 ? body['version'] : undefined
    return typeof version === 'string' && /^[\w.+-]{1,64}$/.test(version) ? version : undefined
  } catch {
    return undefined
  }
}

/** OLLAMA_HOST in the forms that Ollama takes: `host`, `host:port`, `:port`, a URL. An address to listen on becomes one to call. */
export function ollamaUrl(host: string | undefined): string | undefined {
  const text = host?.trim() ?? ''
  if (text === '') return undefined
  const scheme = /^https?:\/\//.exec(text)?.[0] ?? 'http://'
  const rest = text.slice(text.startsWith(scheme) ? scheme.length : 0).replace(/\/+$/, '')
  const named = rest.startsWith(':') ? `127.0.0.1${rest}` : rest
  const called = named.replace(/^0\.0\.0\.0(?=:|\/|$)/, '127.0.0.1').replace(/^\[::\]/, '[::1]')
  if (!URL.canParse(scheme + called)) return undefined
  const url = new URL(scheme + called)
  // With a scheme, Ollama takes the scheme's own port; without one, its own.
  const portless = !/:\d+(?:\/|$)/.test(called)
  if (portless && !text.startsWith(scheme)) url.port = OLLAMA_PORT
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function keysIn(env: DetectOptions['env']): readonly DetectedProvider[] {
  return catalog.flatMap((row) => {
    const found = row.keyOfManyUses === true ? undefined : keyIn(row, env)
    const { type, title, baseUrl: usual, baseUrlVariable = '' } = row
    const baseUrl = usual === undefined ? (env[baseUrlVariable]?.trim() ?? '') : undefined
    if (found === undefined || (baseUrl !== undefined && !isBaseUrl(baseUrl))) return []
    const { apiKey, variable } = found
    const config = compact({ providerType: type, name: type, apiKey, baseUrl })
    return [{ config, line: `${title}: key found in ${variable}` }]
  })
}

function isBaseUrl(text: string): boolean {
  try {
    parseUpstreamUrl(text, 'public')
    return true
  } catch {
    return false
  }
}

function keyIn(
  { keyVariable, otherKeyVariables = [] }: CatalogRow,
  env: DetectOptions['env'],
): { readonly apiKey: Secret; readonly variable: string } | undefined {
  for (const variable of keyVariable === undefined ? [] : [keyVariable, ...otherKeyVariables]) {
    const apiKey = toSecret(env[variable])
    if (apiKey !== undefined) return { apiKey, variable }
  }
  return undefined
}
