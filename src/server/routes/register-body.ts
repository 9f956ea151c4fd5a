// The body that registers a provider: every field of a provider's configuration, in snake_case.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { ROTATIONS, type Rotation } from '../../exchange/credential.ts'
import { camelKeys } from '../../config/setting-names.ts'
import { AUTH_STYLES, type AuthStyle } from '../../providers/auth-style.ts'
import type { ProviderConfig } from '../../providers/provider-config.ts'
import { Secret } from '../../vault/secret.ts'

const seconds = z.number().positive().max(86_400)

const settings = z
  .object({
    connect_timeout: seconds.optional().describe('Seconds to open a connection.'),
    total_timeout: seconds.optional().describe('Seconds for the whole answer.'),
    dialect: z.string().optional().describe('The wire protocol that a custom host speaks.'),
    dialects: z
      .array(z.string())
      .optional()
      .describe('The protocols to ask the host in, best first.'),
    auth: z.enum(AUTH_STYLES).optional().describe('How the host takes its key.'),
    query: z
      .record(z.string(), z.string())
      .optional()
      .describe('Query parameters to add to each request.'),
    fetch_media: z
      .boolean()
      .optional()
      .describe('Whether what a request names by address is fetched, where the host takes none.'),
    fetch_media_max_bytes: z.int().positive().optional(),
    flags: z.record(z.string(), jsonValue()).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    local: z.boolean().optional().describe('Whether the host is free and on this machine.'),
    pass_through: z
      .boolean()
      .optional()
      .describe('Whether bytes pass where client and host speak the same protocol.'),
    whole_by_stream: z
      .boolean()
      .optional()
      .describe('Whether whole answers of a custom host are asked for as streams.'),
  })
  .catchall(jsonValue())

const credential = z.strictObject({
  name: z.string().optional().describe('Public. Default: k1, k2 by its place.'),
  key: z.string().min(1),
  weight: z.number().positive().optional().describe('Its share of the calls. Default: 1.'),
})

const schema = z.strictObject({
  provider_type: z.string().min(1).describe('A built-in type, a catalog type or one of a plugin.'),
  name: z.string().min(1).optional().describe('Default: the provider type.'),
  api_key: z.string().min(1).optional().describe('In the body only, never in the URL.'),
  api_keys: z
    .array(credential)
    .min(1)
    .optional()
    .describe('Further keys, in the body only. Calls are shared among all of them.'),
  key_rotation: z.enum(ROTATIONS).optional().describe('How the key of a call is chosen.'),
  base_url: z.string().optional().describe('http or https; which: docs/security.md.'),
  models: z.array(z.string().min(1)).optional(),
  default_model: z.string().min(1).optional(),
  enabled: z.boolean().optional(),
  rate_limit: z.number().positive().optional().describe('Requests a minute.'),
  timeout: seconds.optional().describe('Seconds to the first byte and between chunks.'),
  settings: settings.optional(),
})

interface KeyEntry {
  readonly name?: string | undefined
  readonly key: string
  readonly weight?: number | undefined
}

interface RegisterSettings {
  readonly connect_timeout?: number | undefined
  readonly total_timeout?: number | undefined
  readonly dialect?: string | undefined
  readonly dialects?: readonly string[] | undefined
  readonly auth?: AuthStyle | undefined
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly fetch_media?: boolean | undefined
  readonly fetch_media_max_bytes?: number | undefined
  readonly flags?: JsonObject | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly local?: boolean | undefined
  readonly pass_through?: boolean | undefined
  readonly whole_by_stream?: boolean | undefined
  readonly [key: string]: Json | undefined
}

/** What `registerBody` gives. */
export interface RegisterBody {
  readonly provider_type: string
  readonly name?: string | undefined
  readonly api_key?: string | undefined
  readonly api_keys?: readonly KeyEntry[] | undefined
  readonly key_rotation?: Rotation | undefined
  readonly base_url?: string | undefined
  readonly models?: readonly string[] | undefined
  readonly default_model?: string | undefined
  readonly enabled?: boolean | undefined
  readonly rate_limit?: number | undefined
  readonly timeout?: number | undefined
  readonly settings?: RegisterSettings | undefined
}

export const registerBody: z.ZodType<RegisterBody> = schema

export function toProviderConfig(body: RegisterBody): ProviderConfig {
  return compact({
    providerType: body.provider_type,
    name: body.name ?? body.provider_type,
    apiKey: body.api_key === undefined ? undefined : new Secret(body.api_key),
    apiKeys: body.api_keys?.map(({ name, key, weight }) =>
      compact({ name, key: new Secret(key), weight }),
    ),
    keyRotation: body.key_rotation,
    baseUrl: body.base_url,
    models: body.models,
    defaultModel: body.default_model,
    enabled: body.enabled,
    rateLimit: body.rate_limit,
    timeout: body.timeout,
    settings: body.settings === undefined ? undefined : camelKeys(body.settings),
  })
}

function jsonValue(): z.ZodType<Json> {
  return z.custom<Json>((value) => value !== undefined)
}
