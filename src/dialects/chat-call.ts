// A chat request of a dialect from its body alone, at the place where its clients would send it.
import { type Json, isObject } from '../wire/json.ts'
import type { WireHeaders, WireRequest } from '../wire/message.ts'
import type { Dialect, Endpoint } from './dialect.ts'

export interface ChatBody {
  readonly body: Json
  /** For a body that names none: some dialects have it in the path, the others get it into the body. */
  readonly model?: string
  /** Inside the dialect's front. Default: where its clients send such a body. */
  readonly path?: string
  readonly headers?: WireHeaders
}

/** `path` is percent-encoded. What is not said stays unsaid: the dialect's own decoder says what is missing. */
export function chatCall(
  dialect: Dialect,
  chat: ChatBody,
): WireRequest & { readonly body: Json; readonly headers: WireHeaders } {
  const { body, model, headers = {} } = chat
  const endpoint = endpointOf(dialect, body)
  const path = chat.path ?? endpoint?.path.replace(':model', encodeURIComponent(model ?? '')) ?? '/'
  const isInPath = endpoint?.path.includes('/:model') === true
  const unnamed = isObject(body) && !Object.hasOwn(body, 'model')
  const named = !isInPath && unnamed && model !== undefined ? { model, ...body } : body
  return { method: 'POST', path, headers, body: named }
}

/** The first of its places that claims such a body, or takes any. */
function endpointOf({ endpoints }: Dialect, body: Json): Endpoint | undefined {
  const chats = endpoints.filter(({ operation }) => operation === 'chat')
  return chats.find(({ claims, path }) => claims?.({ path, headers: {}, body }) ?? true) ?? chats[0]
}

/** The dialects that alone have bodies with such keys: one where the body says it, none where several could be meant. */
export function dialectsOf(body: Json, dialects: readonly Dialect[]): readonly Dialect[] {
  if (!isObject(body)) return []
  return dialects.filter(({ marks }) =>
    marks.some((keys) => keys.every((key) => Object.hasOwn(body, key))),
  )
}
