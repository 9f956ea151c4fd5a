// GET /metrics: what Prometheus scrapes.
import { z } from 'zod'
import type { Access } from '../auth.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'

export function metricsRoute(
  metrics: Pick<Metrics, 'contentType' | 'text'>,
  access: Extract<Access, 'admin' | 'open'>,
): Route {
  return {
    method: 'GET',
    path: '/metrics',
    access,
    where: 'admin',
    writeError: writePlainError,
    description: {
      summary: 'All metrics, in the text format of Prometheus',
      group: 'server',
      mediaType: 'text/plain',
      // Prometheus adds what its configuration says.
      query: z.looseObject({}),
    },
    handle: async () => ({
      status: 200,
      headers: { 'content-type': metrics.contentType },
      body: await metrics.text(),
    }),
  }
}
