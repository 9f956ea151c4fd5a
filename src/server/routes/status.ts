// How the server is, and what its providers have done since it started.
import { compact } from '../../canonical/compact.ts'
import type { LLMProvider } from '../../providers/llm-provider.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'
import { statusView } from './provider-view.ts'
import { status } from './schemas.ts'

export interface StatusRouteOptions {
  readonly llm: LLMProvider
  readonly version: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly startedAtMs: number
}

export function statusRoute({ llm, version, now, startedAtMs }: StatusRouteOptions): Route {
  return {
    method: 'GET',
    path: '/api/status',
    access: 'admin',
    writeError: writePlainError,
    description: {
      summary: 'Show the server and its providers',
      group: 'server',
      response: status,
    },
    handle: async () => {
      const { defaultProvider, providers, cloud } = llm.getStatus()
      return jsonAnswer({
        version,
        uptime_seconds: Math.floor((now() - startedAtMs) / 1000),
        default_provider: defaultProvider ?? null,
        selected_model: llm.selectedModel ?? null,
        providers: providers.map((entry) => statusView(entry)),
        cloud: Object.fromEntries(
          Object.entries(cloud).map(([name, entry]) => [
            name,
            compact({
              registered: entry.registered,
              enabled: entry.enabled,
              reason: entry.reason,
              key_variable: entry.keyVariable,
            }),
          ]),
        ),
      })
    },
  }
}
