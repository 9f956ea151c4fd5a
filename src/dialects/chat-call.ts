// A chat request of a dialect from its body alone, at the place where its clients would send it.
import { type Json, isObject } from '../wire/json.ts'
import type { WireRequest } from '../wire/message.ts'
import type { Dialect } from './dialect.ts'

export interface ChatBody {
  readonly body: Json
  /** For a body that names none: some dialects have it in the path, the others get it into the body. */
  readonly model?: string
  /** Inside the dialect's front. Default: where most of its clients go. */
  readonly path?: string
  readonly headers?: WireRequest['headers']
}

/** `path` is percent-encoded. What is not said stays unsaid: the dialect's own decoder says what is missing. */
export function chatCall(dialect: Dialect, chat: ChatBody): WireRequest & { readonly body: Json } {
  const { body, model, headers = {} } = chat
  const usual = dialect.endpoints.find((endpoint) => endpoint.operation === 'chat')?.path ?? '/'
  const path = chat.path ?? usual.replace(':model', encodeURIComponent(model ?? ''))
  const isInPath = dialect.endpoints.some(
    (endpoint) => endpoint.operation === 'chat' && endpoint.path.includes('/:model'),
  )
  const unnamed = isObject(body) && !Object.hasOwn(body, 'model')
  const named = !isInPath && unnamed && model !== undefined ? { model, ...body } : body
  return { method: 'POST', path, headers, body: named }
}
