// /api/keys/self: what a client's own key may do. Of other keys it tells nothing.
import { z } from 'zod'
import { jsonAnswer } from '../message.ts'
import { keyNeeded } from '../auth.ts'
import { writePlainError } from '../plain-error.ts'
import type { Route } from '../route.ts'
import type { KeyDesk } from './key-desk.ts'
import { keyView, shownKeySchema } from './key-view.ts'

export interface SelfRouteOptions {
  readonly desk: KeyDesk
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function selfRoute({ desk, now }: SelfRouteOptions): Route {
  return {
    method: 'GET',
    path: '/api/keys/self',
    access: 'known',
    endpoint: 'any',
    writeError: writePlainError,
    description: {
      summary: 'Show what your own key may do',
      group: 'keys',
      response: z.object({ key: shownKeySchema }),
    },
    handle: async ({ caller }) => {
      if (caller.kind === 'anonymous') throw keyNeeded(caller, 'You have shown no key.')
      return jsonAnswer({ key: keyView(await desk.find(caller.keyId), now()) })
    },
  }
}
