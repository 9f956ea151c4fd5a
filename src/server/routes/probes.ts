// For who runs the server: whether it is alive, and whether it takes calls. Neither depends on any provider.
import { z } from 'zod'
import { jsonAnswer } from '../message.ts'
import type { Readiness } from '../readiness.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'

const readinessSchema: z.ZodType = z.object({
  status: z.enum(['ok', 'draining', 'limits_lost', 'vault_sealed']),
  warnings: z.array(z.enum(['limits_counted_alone'])).optional(),
})

/** That they are answered at all says that the configuration is loaded and the event loop turns. */
export function probeRoutes(readiness: () => Readiness): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/livez',
      access: 'open',
      writeError: writePlainError,
      description: {
        summary: 'Whether the process answers',
        group: 'server',
        response: z.object({ status: z.literal('ok') }),
      },
      handle: async () => jsonAnswer({ status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      access: 'open',
      writeError: writePlainError,
      description: {
        summary:
          'Whether new calls are taken; 503 while the server stops, while the vault is sealed, or while Redis is lost and limits are closed',
        group: 'server',
        response: readinessSchema,
      },
      handle: async () => {
        const now = readiness()
        return jsonAnswer({ ...now }, now.status === 'ok' ? 200 : 503)
      },
    },
  ]
}
