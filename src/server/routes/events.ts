// GET /api/events: what happens, as it happens, for whoever looks after the server.
import { type EventSource, eventStream } from '../event-stream.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'

export function eventsRoute(source: EventSource): Route {
  return {
    method: 'GET',
    path: '/api/events',
    access: 'admin',
    writeError: writePlainError,
    description: {
      summary:
        'Changes of targets, keys, limits and of the server itself as server-sent events, from now on',
      group: 'server',
      mediaType: 'text/event-stream',
    },
    handle: async ({ signal }) => ({
      status: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      },
      body: eventStream({ ...source, signal }),
    }),
  }
}
