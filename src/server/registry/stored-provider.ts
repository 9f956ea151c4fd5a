// A provider as it is stored: what it was registered with, and in the place of each key the name of the secret that the vault has.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { ProviderConfig } from '../../providers/provider-config.ts'
import { type JsonObject, isObject, parseJson } from '../../wire/json.ts'
import { type RegisterBody, registerBody, toProviderConfig } from '../routes/register-body.ts'

/** Stands for a key. */
export interface StoredKey {
  readonly label: string
  /** Its id in the vault. */
  readonly secret: string
  readonly weight?: number
  /** It was given as the only key: providers that know of no labels get it too. */
  readonly single?: true
  /** Milliseconds since 1970: when versions before the one in use are retired. */
  readonly retiresAt?: number
}

export interface StoredProvider {
  /** Without keys. */
  readonly config: ProviderConfig
  readonly keys: readonly StoredKey[]
}

const storedKey: z.ZodType<StoredKey> = z.strictObject({
  label: z.string().min(1),
  secret: z.string().min(1),
  weight: z.number().positive().exactOptional(),
  single: z.literal(true).exactOptional(),
  retiresAt: z.number().exactOptional(),
})

const keys = z.array(storedKey)

export function secretIdOf(provider: string, label: string): string {
  return `provider:${provider}:${label}`
}

/** What is stored. Throws where a header or a part of the query looks like a key: those are not kept in the vault. */
export function storedBody(
  name: string,
  body: RegisterBody,
  held: readonly StoredKey[],
): JsonObject {
  const { api_key: _, api_keys: __, persist: ___, ...rest } = body
  assertNoKeys('headers', body.settings?.headers)
  assertNoKeys('query', body.settings?.query)
  const provider = parseJson(JSON.stringify({ ...rest, name }))
  return { provider, keys: held.map((key) => compact({ ...key })) }
}

/** Throws where it is none: somebody has written into the database by hand. */
export function storedProvider(name: string, document: JsonObject): StoredProvider {
  const body = registerBody.safeParse(document['provider'])
  const held = keys.safeParse(document['keys'])
  if (!body.success || !held.success || body.data.name !== name) throw unreadable(name)
  const { api_key: key, api_keys: others } = body.data
  if (key !== undefined || others !== undefined) throw unreadable(name)
  return { config: toProviderConfig(body.data), keys: held.data }
}

/** As it was registered. */
export function registeredBody(document: JsonObject): JsonObject {
  const { provider } = document
  return isObject(provider) ? provider : {}
}

const KEYLIKE =
  /(?:^|[-_])(?:key|token|secret|authorization|auth|cookie|password|signature)(?:$|[-_])|apikey/i

function assertNoKeys(where: string, named: Readonly<Record<string, string>> = {}): void {
  const name = Object.keys(named).find((one) => KEYLIKE.test(one))
  if (name === undefined) return
  throw new GatewayError(
    'invalid_request',
    `settings.${where}.${name} looks like a key, and only keys are kept in the vault. Give it as api_key with settings.auth, or register with "persist": false, for as long as this process runs.`,
    { origin: 'client', code: 'key_outside_vault', param: `settings.${where}` },
  )
}

function unreadable(name: string): GatewayError {
  return new GatewayError(
    'internal',
    `What is stored of the provider "${name}" cannot be read. Remove it and register it anew.`,
    { code: 'store_corrupt' },
  )
}
