// For who runs the server: whether it is alive, and whether it takes calls. Neither depends on any provider.
import { z } from 'zod'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'

/** That they are answered at all says that the configuration is loaded and the event loop turns. */
export function probeRoutes(isReady: () => boolean): readonly Route[] {
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
        summary: 'Whether new calls are taken; 503 while the server stops',
        group: 'server',
        response: z.object({ status: z.enum(['ok', 'draining']) }),
      },
      handle: async () =>
        isReady() ? jsonAnswer({ status: 'ok' }) : jsonAnswer({ status: 'draining' }, 503),
    },
  ]
}
