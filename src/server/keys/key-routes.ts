// /api/admin/keys: make, list, show, change, rotate, revoke and remove keys.
import { z } from 'zod'
import { nextField, pageOf, pagingFields } from '../admin/paging.ts'
import { versioned } from '../admin/precondition.ts'
import type { Caller } from '../auth.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { Call, Route } from '../route.ts'
import { queried, validated } from '../validate.ts'
import type { Change, Governor, KeyDesk, StoredKey } from './key-desk.ts'
import { keyChange, newKey, rotation } from './key-schema.ts'
import { keyView, shownKeySchema } from './key-view.ts'

export interface KeyRoutesOptions {
  readonly desk: KeyDesk
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const SHARED = { access: 'admin', writeError: writePlainError } as const
const CHANGING = { ...SHARED, role: 'operator' } as const
const GROUP = 'keys'
const ALL = '/api/admin/keys'
const ONE = `${ALL}/:id`
const shown = z.object({ key: shownKeySchema })
const shownOnce = z.object({
  secret: z.string().describe('The key in clear: it is shown now and never again.'),
  key: shownKeySchema,
})
/** What the audit log may tell of a key: nothing in it is secret. */
const TOLD = ['name', 'kind', 'role', 'owner', 'team', 'parent', 'models', 'budget', 'limits']

export function keyRoutes(options: KeyRoutesOptions): readonly Route[] {
  return [
    listRoute(options),
    createRoute(options),
    showRoute(options),
    changeRoute(options),
    rotateRoute(options),
    revokeRoute(options),
    removeRoute(options),
  ]
}

const page = z.strictObject({ ...pagingFields })

function listRoute({ desk, now }: KeyRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: ALL,
    description: {
      summary: 'List the keys, without their secrets',
      group: GROUP,
      query: page,
      response: z.object({ keys: z.array(shownKeySchema), next: nextField }),
    },
    handle: async (call) => {
      const { items, next } = await pageOf(queried(page, call), {
        read: (wanted) => desk.list(wanted),
        placeOf: ({ record }) => record.id,
      })
      return jsonAnswer({ keys: items.map((one) => keyView(one, now())), next })
    },
  }
}

function createRoute({ desk, now }: KeyRoutesOptions): Route {
  return {
    ...CHANGING,
    method: 'POST',
    path: ALL,
    showsOnce: ['secret'],
    audit: { action: 'key.create', subject: ({ body }) => nameIn(body), shows: TOLD },
    description: {
      summary: 'Make a key; its secret is shown once',
      group: GROUP,
      request: newKey,
      response: shownOnce,
      status: 201,
    },
    handle: async (call) => {
      const made = await desk.create(validated(newKey, call.body), governorOf(call.caller))
      return jsonAnswer({ secret: made.key, key: keyView(made, now()) }, 201)
    },
  }
}

function showRoute({ desk, now }: KeyRoutesOptions): Route {
  return {
    ...SHARED,
    method: 'GET',
    path: ONE,
    description: { summary: 'Show one key', group: GROUP, response: shown },
    handle: async (call) => answerWith(await desk.find(idIn(call)), now()),
  }
}

function changeRoute({ desk, now }: KeyRoutesOptions): Route {
  return {
    ...CHANGING,
    method: 'PATCH',
    path: ONE,
    precondition: 'required',
    audit: { action: 'key.change', shows: TOLD },
    description: {
      summary: 'Change what a key may do; what is not named stays',
      group: GROUP,
      request: keyChange,
      response: shown,
    },
    handle: async (call) => {
      const said = validated(keyChange, call.body)
      return answerWith(await desk.change(idIn(call), said, changeOf(call)), now())
    },
  }
}

function rotateRoute({ desk, now }: KeyRoutesOptions): Route {
  return {
    ...CHANGING,
    method: 'POST',
    path: `${ONE}/rotate`,
    precondition: 'optional',
    showsOnce: ['secret'],
    audit: { action: 'key.rotate', shows: ['overlap_seconds'] },
    description: {
      summary: 'Give a key a new secret; the old one is good for a while yet',
      group: GROUP,
      request: rotation,
      response: shownOnce,
    },
    handle: async (call) => {
      const { overlap_seconds: overlap } = validated(rotation, call.body)
      const made = await desk.rotate(idIn(call), overlap, changeOf(call))
      return versioned({ secret: made.key, key: keyView(made, now()) }, made.document.version)
    },
  }
}

function revokeRoute({ desk, now }: KeyRoutesOptions): Route {
  return {
    ...CHANGING,
    method: 'POST',
    path: `${ONE}/revoke`,
    precondition: 'optional',
    audit: { action: 'key.revoke' },
    description: {
      summary: 'End a key, and every key that was made under it, within a second everywhere',
      group: GROUP,
      response: shown,
    },
    handle: async (call) => answerWith(await desk.revoke(idIn(call), changeOf(call)), now()),
  }
}

function removeRoute({ desk }: KeyRoutesOptions): Route {
  return {
    ...CHANGING,
    method: 'DELETE',
    path: ONE,
    precondition: 'optional',
    audit: { action: 'key.remove' },
    description: {
      summary: 'Remove a key',
      group: GROUP,
      response: z.object({ removed: z.string() }),
    },
    handle: async (call) => {
      const id = idIn(call)
      await desk.remove(id, changeOf(call))
      return jsonAnswer({ removed: id })
    },
  }
}

function answerWith(stored: StoredKey, now: number): ReturnType<typeof versioned> {
  return versioned({ key: keyView(stored, now) }, stored.document.version)
}

function idIn({ params }: Call): string {
  return params['id'] ?? ''
}

function changeOf({ caller, expected = 'any' }: Call): Change {
  return { by: governorOf(caller), expected }
}

function governorOf(caller: Caller): Governor {
  if (caller.kind !== 'admin') throw new Error('a route of admins was called by somebody else')
  return caller
}

function nameIn(body: Call['body']): string | undefined {
  const read = z.object({ name: z.string() }).safeParse(body)
  return read.success ? read.data.name : undefined
}
