// The texts of calls whose keys want them kept: for owners alone.
import { z } from 'zod'
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { KeptContent } from '../../contents/kept-contents.ts'
import {
  listContents,
  readContent,
  removeContent,
} from '../../store/contents/content-operations.ts'
import type { Database } from '../../store/operation.ts'
import { type JsonObject, parseJson } from '../../wire/json.ts'
import { nextField, pageOf, pagingFields } from '../admin/paging.ts'
import { jsonAnswer } from '../message.ts'
import { writePlainError } from '../plain-error.ts'
import type { ContentCipher } from '../contents/content-cipher.ts'
import type { Call, Route } from '../route.ts'
import { queried } from '../validate.ts'

export interface ContentRoutesOptions {
  readonly database: Database
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly cipher: ContentCipher
}

const SHARED = { access: 'admin', role: 'owner', writeError: writePlainError } as const
const ONE = '/api/admin/contents/:id'
const GROUP = 'contents'

const head = {
  request_id: z.string(),
  time: z.string(),
  key: z.string(),
  provider: z.string(),
  model: z.string(),
  expires: z.string(),
}
const listed = z.strictObject({ key_id: z.string().min(1).max(128).optional(), ...pagingFields })

export function contentRoutes({ database, now, cipher }: ContentRoutesOptions): readonly Route[] {
  return [
    {
      ...SHARED,
      method: 'GET',
      path: '/api/admin/contents',
      description: {
        summary: 'List the calls whose texts are kept, without the texts',
        group: GROUP,
        query: listed,
        response: z.object({ contents: z.array(z.object(head)), next: nextField }),
      },
      handle: async (call) => {
        const { key_id: caller, ...paging } = queried(listed, call)
        const { items, next } = await pageOf<KeptContent>(paging, {
          read: (page) => database.run(listContents, compact({ ...page, caller, now: now() })),
          placeOf: ({ callId }) => callId,
        })
        return jsonAnswer({ contents: items.map((one) => headView(one)), next })
      },
    },
    {
      ...SHARED,
      method: 'GET',
      path: ONE,
      description: {
        summary: 'Read what was asked and answered in one call',
        group: GROUP,
        response: z.object({
          ...head,
          request: z.array(z.object({ role: z.string(), text: z.string() })),
          answer: z.string(),
        }),
      },
      handle: async (call) => {
        const content = await database.run(readContent, { callId: idIn(call), now: now() })
        if (content === undefined) throw unknown()
        const { callId, request, answer } = content
        const shown = (what: string, text: string): string => cipher.open(`${callId}/${what}`, text)
        return jsonAnswer({
          ...headView(content),
          request: parseJson(shown('request', request)),
          answer: shown('answer', answer),
        })
      },
    },
    {
      ...SHARED,
      method: 'DELETE',
      path: ONE,
      audit: { action: 'content.remove' },
      description: {
        summary: 'Remove the texts of one call before their time',
        group: GROUP,
        response: z.object({ removed: z.string() }),
      },
      handle: async (call) => {
        const id = idIn(call)
        if (!(await database.run(removeContent, id))) throw unknown()
        return jsonAnswer({ removed: id })
      },
    },
  ]
}

function headView({ callId, at, caller, provider, model, expiresAt }: KeptContent): JsonObject {
  return {
    request_id: callId,
    time: new Date(at).toISOString(),
    key: caller,
    provider,
    model,
    expires: new Date(expiresAt).toISOString(),
  }
}

function idIn({ params }: Call): string {
  return params['id'] ?? ''
}

function unknown(): GatewayError {
  return new GatewayError('not_found', 'No texts of this call are kept.', {
    origin: 'client',
    code: 'content_not_found',
    param: 'id',
  })
}
