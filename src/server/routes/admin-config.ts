// The configuration in force, each setting with where it comes from. Secrets are not shown.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import { CONFIG_SOURCES, flattened } from '../../config/config-sources.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { ProviderConfig } from '../../providers/provider-config.ts'
import { MASK } from '../../vault/redact.ts'
import { type Json, isArray, isObject, parseJson } from '../../wire/json.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'

export interface ConfigRouteOptions {
  readonly config: () => PatchbayConfig
  /** What says something else in the file by now, and takes effect after a restart. */
  readonly waiting: () => readonly string[]
}

export function configRoute({ config, waiting }: ConfigRouteOptions): Route {
  return {
    method: 'GET',
    path: '/api/admin/config',
    access: 'admin',
    writeError: writePlainError,
    description: {
      summary: 'Show the configuration in force, and where each setting comes from',
      group: 'server',
      response: z.object({
        file: z.string().nullable(),
        settings: z.array(
          z.object({
            name: z.string().describe('As in the file: `server.port`.'),
            value: z.unknown(),
            source: z.enum([...CONFIG_SOURCES, 'default']),
          }),
        ),
        waiting: z.array(z.string()).describe('Settings that take effect after a restart.'),
      }),
    },
    handle: async () => {
      const { sources = {}, file, providers, baseDir: _, ...rest } = config()
      const shown = { ...rest, providers: providers.map((one) => providerView(one)) }
      const settings = flattened(shown).map(([name, value]) => ({
        name,
        value: masked(name, plain(value)),
        source: sources[name] ?? 'default',
      }))
      return jsonAnswer({
        file: file ?? null,
        settings: settings.toSorted((one, other) => (one.name < other.name ? -1 : 1)),
        waiting: waiting(),
      })
    },
  }
}

/** Headers, queries and flags may hold what is not to be shown. */
function providerView({ providerType, name, baseUrl, models, enabled }: ProviderConfig): object {
  return compact({ name, type: providerType, base_url: baseUrl, models, enabled })
}

/** A Secret prints as a mask in JSON too. */
function plain(value: unknown): Json {
  return parseJson(JSON.stringify(value) ?? 'null')
}

const KEYLIKE = /(?:^|[._-])(?:api_?key|key|keys|token|secret|password|authorization)$/i

/** What is called a key is shown as little as what is one. */
function masked(name: string, value: Json): Json {
  if (isArray(value)) return value.map((one) => masked(name, one))
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, masked(key, inner ?? null)]),
    )
  }
  return typeof value === 'string' && KEYLIKE.test(name) ? MASK : value
}
