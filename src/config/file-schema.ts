// What patchbay.yaml may say: one schema checks it, documents it, and writes the JSON Schema for editors.
import { z } from 'zod'
import { compact } from '../canonical/compact.ts'
import type { Json } from '../canonical/json.ts'
import { AUTH_STYLES } from '../providers/auth-style.ts'
import { KEY_ROTATIONS, type ProviderConfig } from '../providers/provider-config.ts'
import { toSecret } from '../vault/secret.ts'
import { type SchemaIssue, explain, toIssues } from './explain.ts'
import { type Environment, credential, missingKeys, toCredential } from './credential-schema.ts'
import { alerts } from './alert-schema.ts'
import { contents } from './content-schema.ts'
import { resilience } from './resilience-schema.ts'
import { route, toRoute } from './route-schema.ts'
import { cache, idempotency } from './cache-schema.ts'
import { limitRule, redis } from './limit-schema.ts'
import { egress } from './egress-schema.ts'
import { health } from './health-schema.ts'
import { metrics } from './metrics-schema.ts'
import { overload } from './overload-schema.ts'
import { price } from './price-schema.ts'
import { admin, server } from './server-schema.ts'
import type { ConfigLayer } from './schema.ts'
import { camelKeys } from './setting-names.ts'
import { keys } from './key-schema.ts'
import { store } from './store-schema.ts'
import { budgets, ledger } from './budget-schema.ts'
import { streams } from './stream-schema.ts'
import { vault } from './vault-schema.ts'
import { asNumber, flag, optional, positive, text, texts } from './values.ts'

export type Checked =
  | { readonly ok: true; readonly layer: ConfigLayer }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] }

// As ProviderManager wants it.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const NAME_RULE =
  'must be 1 to 64 letters, digits, dots, dashes or underscores, and start with a letter or digit'

// What YAML yields is JSON already.
const anything = z.custom<Json>(() => true)

const PRICE_NAME_RULE = 'must name a provider and its model: `provider/model`'
const provider = z.strictObject({
  name: text.regex(NAME, NAME_RULE).describe('Its name in Patchbay: `name/model` reaches it.'),
  type: optional(text).describe(
    'Its kind: ollama, openai, anthropic, custom, local, or one that a plugin adds. Default: its name.',
  ),
  api_key: optional(text).describe(
    'Its key. Write ${NAME} to take it from the environment, never the key itself.',
  ),
  api_keys: optional(z.array(credential).min(1)).describe(
    'Further keys: calls are shared among all of them, and one that is refused is left alone.',
  ),
  key_rotation: optional(z.enum(KEY_ROTATIONS)).describe(
    'How the key of a call is chosen. Default: round-robin.',
  ),
  base_url: optional(
    z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  ).describe('Where it listens, when not at its usual address.'),
  models: optional(texts).describe('The models to offer. Default: ask the provider.'),
  default_model: optional(text).describe('The model for requests that name none.'),
  enabled: optional(flag).describe('false keeps the entry but does not use it. Default: true.'),
  rate_limit: optional(positive).describe('Requests a minute. Default: no limit.'),
  timeout: optional(positive).describe(
    'Seconds to the first byte and between chunks: short for four of the timeouts in settings.',
  ),
  settings: optional(
    z
      .object({
        connect_timeout: optional(positive).describe('Seconds to connect. Default: 3.'),
        tls_timeout: optional(positive).describe('Seconds for TLS on top of that. Default: 3.'),
        first_byte_timeout: optional(positive).describe(
          'Seconds to the head of a stream. Default: 30; 300 on this machine.',
        ),
        whole_timeout: optional(positive).describe(
          'Seconds to the head of an answer that comes as a whole. Default: 300.',
        ),
        idle_timeout: optional(positive).describe('Seconds between two chunks. Default: 60.'),
        content_timeout: optional(positive).describe(
          'Seconds without a word, whatever signs of life come. Default: 60.',
        ),
        total_timeout: optional(positive).describe('Seconds for the whole answer.'),
        dialect: optional(text).describe(
          'The protocol of a custom provider, when not the usual one.',
        ),
        dialects: optional(texts).describe(
          'The protocols to ask it in, best first; each request goes out in the one that loses least.',
        ),
        auth: optional(z.enum(AUTH_STYLES)).describe(
          'How it takes its key. Default: as its type or protocol has it.',
        ),
        query: optional(z.record(z.string(), z.string())).describe(
          'Query parameters to add to each request, such as api-version. Never a key.',
        ),
        fetch_media: optional(flag).describe(
          'true: fetch images and documents that a request names by address, where it takes none by address. Default: false.',
        ),
        fetch_media_max_bytes: optional(z.preprocess(asNumber, z.int().positive())).describe(
          'Bytes that may be fetched for one request. Default: 20971520 (20 MiB).',
        ),
        flags: optional(z.record(z.string(), anything)).describe(
          'Where the host differs from its protocol; see docs/providers.md.',
        ),
        whole_by_stream: optional(flag).describe(
          'A custom provider: ask for whole answers as streams, so that it stops when a client leaves.',
        ),
        pass_through: optional(flag).describe(
          'false: translate answers also where client and provider speak the same protocol. Default: true.',
        ),
        headers: optional(z.record(z.string(), z.string())).describe(
          'HTTP headers to add to each request.',
        ),
        local: optional(flag).describe(
          'true: it is on this machine and free, so that anonymous use may reach it.',
        ),
      })
      .catchall(anything),
  ).describe('What only this kind of provider knows.'),
  plugin: optional(text).describe('A module path or package name with the class of this provider.'),
})

const file = z.strictObject({
  server: optional(server).describe('Where Patchbay listens, and how it treats clients.'),
  admin: optional(admin).describe('Where the admin API and the console are.'),
  auth: optional(
    z.strictObject({
      anonymous: optional(z.enum(['off', 'local', 'all'])).describe(
        'Chat without a key: off, local (free providers on this machine) or all. Default: local on loopback, else off.',
      ),
    }),
  ).describe('Who may use it.'),
  providers: optional(z.array(provider)).describe('Who answers, besides what is detected.'),
  default_provider: optional(text).describe(
    'The provider for requests that name none. Default: the first one.',
  ),
  aliases: optional(z.record(z.string(), text)).describe(
    'Names of your own for models: `fast: openai/gpt-5-mini`.',
  ),
  routes: optional(z.record(text, route)).describe(
    'Names of your own that stand for several targets, and the rule by which one is chosen.',
  ),
  prices: optional(z.record(text.regex(/^[^/]+\/./, PRICE_NAME_RULE), price)).describe(
    'Prices of your own by `provider/model`, in US dollars for a million tokens; they go before the public list.',
  ),
  prices_file: optional(text).describe(
    'A newer public list of prices. Default: prices.json in the data folder, where `patchbay prices update` puts it.',
  ),
  plugins: optional(texts).describe('Module paths or package names that add provider types.'),
  data_dir: optional(text).describe(
    'Where Patchbay keeps its tokens and the embedded model. Default: the data folder of the user.',
  ),
  limits: optional(
    z.strictObject({
      max_body_bytes: optional(z.preprocess(asNumber, z.int().positive())).describe(
        'The largest request body. Default: 33554432 (32 MiB).',
      ),
      output_reserve: optional(z.preprocess(asNumber, z.int().positive())).describe(
        'Tokens that limits of tokens set aside for an answer whose request sets no limit. Default: 1024.',
      ),
      rules: optional(z.array(limitRule)).describe('What calls must pass, all of it or nothing.'),
    }),
  ).describe('What it refuses.'),
  redis: optional(redis).describe(
    'Where limits are counted together with other gateways. Default: each process counts alone.',
  ),
  keys: optional(keys).describe('Keys that are made over the API.'),
  store: optional(store).describe('Where what it remembers is kept.'),
  budgets: optional(budgets).describe('How much money calls may cost.'),
  ledger: optional(ledger).describe('How what calls use is written down.'),
  vault: optional(vault).describe('Where the key of the vault is, and how one is made.'),
  cache: optional(cache).describe(
    'How answers are used again for calls that are the same, where a route or a caller asks for it.',
  ),
  idempotency: optional(idempotency).describe(
    'How answers are kept for calls that are sent again with the same Idempotency-Key.',
  ),
  health: optional(health).describe('How providers are asked, at no cost, whether they are there.'),
  metrics: optional(metrics).describe('What GET /metrics shows, and to whom.'),
  alerts: optional(alerts).describe('Who is told when budgets are spent.'),
  store_content: optional(contents).describe(
    "Keys whose prompts and answers are kept. Default: nobody's are.",
  ),
  streams: optional(streams).describe('How clients wait for streams.'),
  resilience: optional(resilience).describe(
    'The numbers of retries, breakers, waits and refused keys. Each has a default.',
  ),
  overload: optional(overload).describe(
    'What is held back when there is more to do than can be done.',
  ),
  egress: optional(egress).describe('What may be reached from here, and what nobody may reach.'),
  response_store: optional(
    z.strictObject({
      enabled: optional(flag).describe(
        'false keeps nothing: previous_response_id is refused then. Default: true.',
      ),
      ttl: optional(positive).describe(
        'Seconds that a response is kept after it was given or last gone on from. Default: 86400 (a day).',
      ),
      max_entries: optional(z.preprocess(asNumber, z.int().positive())).describe(
        'How many responses are kept, of all callers together. Default: 10000.',
      ),
      max_bytes: optional(z.preprocess(asNumber, z.int().positive())).describe(
        'The size of all that is kept. Default: 67108864 (64 MiB).',
      ),
      persist: optional(flag).describe(
        'true keeps them in the database, with what clients wrote in them: they outlive the process, and all gateways of one database have them. Default: false, in memory.',
      ),
    }),
  ).describe('What is kept of responses, so that clients can come back to them.'),
})

function toProvider(entry: z.infer<typeof provider>, env: Environment): ProviderConfig {
  const { settings } = entry
  return compact({
    name: entry.name,
    providerType: entry.type ?? entry.name,
    apiKey: toSecret(entry.api_key),
    apiKeys: entry.api_keys?.map((one) => toCredential(one, env)),
    keyRotation: entry.key_rotation,
    baseUrl: entry.base_url,
    models: entry.models,
    defaultModel: entry.default_model,
    enabled: entry.enabled,
    rateLimit: entry.rate_limit,
    timeout: entry.timeout,
    settings: settings === undefined ? undefined : camelKeys(settings),
  })
}

function toLayer(read: z.infer<typeof file>, env: Environment): ConfigLayer {
  const ofProviders = read.providers?.flatMap((entry) => entry.plugin ?? []) ?? []
  const plugins = [...new Set([...(read.plugins ?? []), ...ofProviders])]
  return compact({
    server: read.server,
    auth: compact({ anonymous: read.auth?.anonymous }),
    providers: read.providers?.map((entry) => toProvider(entry, env)),
    defaultProvider: read.default_provider,
    aliases: read.aliases,
    routes:
      read.routes === undefined
        ? undefined
        : Object.entries(read.routes).map(([name, entry]) => toRoute(name, entry)),
    prices: read.prices,
    pricesFile: read.prices_file,
    plugins: plugins.length === 0 ? undefined : plugins,
    dataDir: read.data_dir,
    limits: compact({
      maxBodyBytes: read.limits?.max_body_bytes,
      outputReserve: read.limits?.output_reserve,
      rules: read.limits?.rules,
    }),
    redis: read.redis,
    store: read.store,
    budgets: read.budgets,
    ledger: read.ledger,
    keys: read.keys,
    vault: read.vault,
    cache: read.cache,
    idempotency: read.idempotency,
    metrics: read.metrics,
    health: read.health,
    streams: read.streams,
    alerts: read.alerts,
    contents: read.store_content,
    resilience: read.resilience,
    overload: read.overload,
    egress: read.egress,
    admin: read.admin,
    responseStore: compact({
      enabled: read.response_store?.enabled,
      ttl: read.response_store?.ttl,
      maxEntries: read.response_store?.max_entries,
      maxBytes: read.response_store?.max_bytes,
      persist: read.response_store?.persist,
    }),
  })
}

type Path = readonly (string | number)[]

/** Checks what patchbay.yaml says (already parsed, `${NAME}` replaced) and gives it in the configuration's own names. */
export function checkFile(value: unknown, env: Environment = {}): Checked {
  const result = file.safeParse(value, { error: explain })
  if (result.success) {
    const issues = (result.data.providers ?? []).flatMap(({ api_keys: keys = [] }, at) =>
      missingKeys(keys, env).map(({ path, message }) => ({
        path: ['providers', at, 'api_keys', ...path],
        message,
      })),
    )
    if (issues.length > 0) return { ok: false, issues }
    return { ok: true, layer: toLayer(result.data, env) }
  }
  return { ok: false, issues: toIssues(result.error, knownKeys) }
}

type Schema = z.core.JSONSchema.BaseSchema

function knownKeys(path: Path): readonly string[] {
  const within = path.reduce<readonly Schema[]>(
    (schemas, step) => schemas.flatMap((schema) => below(schema, step)),
    [fileJsonSchema()],
  )
  return within
    .flatMap((schema) => alternatives(schema))
    .flatMap((schema) => Object.keys(schema.properties ?? {}))
}

function below(schema: Schema, step: string | number): readonly Schema[] {
  return alternatives(schema).flatMap(({ properties, additionalProperties, items }) => {
    if (typeof step === 'number') return schemasIn(Array.isArray(items) ? undefined : items)
    return schemasIn(properties?.[step] ?? additionalProperties)
  })
}

/** The ways in which a value may be written. */
function alternatives(schema: Schema): readonly Schema[] {
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap((one) => schemasIn(one))
}

function schemasIn(schema: z.core.JSONSchema._JSONSchema | undefined): readonly Schema[] {
  return typeof schema === 'object' ? [schema] : []
}

/** The JSON Schema of patchbay.yaml, for editors. */
export function fileJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(file, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => orVariable(jsonSchema),
  })
}

const SCALAR_TYPES: ReadonlySet<unknown> = new Set(['number', 'integer', 'boolean'])

// A number or a flag may come from the environment: `port: ${PORT}` is text to an editor.
function orVariable(schema: z.core.JSONSchema.BaseSchema): void {
  if (!SCALAR_TYPES.has(schema.type)) return
  const own = Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => keyword !== 'description'),
  )
  for (const keyword of Object.keys(own)) Reflect.deleteProperty(schema, keyword)
  schema.anyOf = [own, { type: 'string', pattern: '^\\$\\{' }]
}
