// A call that nobody made: which route would have taken a request that is to be explained, and what it would have seen.
import { compact } from '../canonical/compact.ts'
import { chatCall, dialectsOf } from '../dialects/chat-call.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { WireError } from '../wire/errors.ts'
import { type Json, isObject, parseJson } from '../wire/json.ts'
import { textAt } from '../wire/patch-json.ts'
import type { Call, ChatReader, Route } from './route.ts'
import { Router, chooseRoute } from './router.ts'
import { refused } from './validate.ts'

/** What a client says of the request that it wants explained. */
export interface Supposition {
  readonly dialect?: string | undefined
  readonly path?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** JSON, or its exact text. */
  readonly body: Json
  readonly model?: string | undefined
  readonly policy?: string | undefined
}

export interface SupposedCall {
  readonly route: Route
  readonly reader: ChatReader
  readonly call: Call
}

/** A route that chats. */
type ChatRoute = Route & { readonly chat: ChatReader }

export class SupposedCalls {
  readonly #dialects: readonly Dialect[]
  readonly #routes: readonly ChatRoute[]
  readonly #router: Router

  constructor(dialects: readonly Dialect[], routes: readonly Route[]) {
    this.#dialects = dialects
    this.#routes = routes.filter((route): route is ChatRoute => route.chat !== undefined)
    this.#router = new Router(this.#routes)
  }

  /** The ids of all protocols that there are. */
  get protocols(): readonly string[] {
    return [...new Set(this.#routes.map(({ chat }) => chat.protocol))]
  }

  /** `asking` is the call that asks for the explanation. Throws `invalid_request` where it does not say which protocol is meant. */
  suppose(supposition: Supposition, asking: Call): SupposedCall {
    const { json, text } = bodyOf(supposition, asking)
    const protocol = supposition.dialect ?? this.#recognised(supposition, json)
    if (protocol !== undefined && !this.protocols.includes(protocol)) {
      throw refused(
        'dialect',
        `There is no protocol "${protocol}". ${this.#choices}`,
        'unknown_dialect',
      )
    }
    const place = this.#place(supposition, { protocol, json })
    const [path = '/', query = ''] = place.path.split('?', 2)
    const { body } = place
    const headers = headersOf(supposition, asking)
    const found = this.#router.find('POST', path)
    const meant = this.#routes.filter(
      (route) =>
        found?.routes.includes(route) === true &&
        (protocol === undefined || route.chat.protocol === protocol),
    )
    const route = chooseRoute(meant, { path, headers, body })
    if (found === undefined || route === undefined) {
      const within = protocol === undefined ? '' : ` in the protocol "${protocol}"`
      throw refused('path', `Nothing chats at "POST ${path}"${within}.`, 'unknown_path')
    }
    const { id, caller, openTrail, signal } = asking
    const call: Call = {
      id,
      caller,
      openTrail,
      signal,
      method: 'POST',
      path,
      params: found.params,
      query: new URLSearchParams(query),
      headers,
      body,
      text: body === json ? text : JSON.stringify(body),
    }
    return { route, reader: route.chat, call }
  }

  get #choices(): string {
    return `Choose one of: ${this.protocols.join(', ')}.`
  }

  /** Undefined where the path decides. */
  #recognised({ path }: Supposition, body: Json): string | undefined {
    if (path !== undefined) return undefined
    if (isObject(body) && Object.hasOwn(body, 'message')) {
      const own = this.#routes.find(
        ({ claims, path: at }) => claims?.({ path: at, headers: {}, body }) === true,
      )
      if (own !== undefined) return own.chat.protocol
    }
    const [only, ...others] = dialectsOf(body, this.#dialects)
    if (only !== undefined && others.length === 0) return only.id
    throw refused(
      'dialect',
      `The body alone does not say of which protocol it is: give "dialect", or the "path" that it would be sent to. ${this.#choices}`,
      'dialect_required',
    )
  }

  /** Where the request would go, and its body with the model that it lacks. */
  #place(
    supposition: Supposition,
    known: { readonly protocol: string | undefined; readonly json: Json },
  ): { readonly path: string; readonly body: Json } {
    const { protocol, json: body } = known
    const { path, model } = supposition
    const dialect = this.#dialects.find(({ id }) => id === protocol)
    if (dialect === undefined) {
      const own = this.#routes.find(({ chat }) => chat.protocol === protocol)
      return { path: path ?? own?.path ?? '/', body }
    }
    const wire = chatCall(dialect, compact({ body, model, path }))
    // Under its prefix a dialect is alone.
    const { prefix } = dialect
    const isInside = wire.path.startsWith(`${prefix}/`)
    return { path: isInside ? wire.path : prefix + wire.path, body: wire.body }
  }
}

function bodyOf(
  { body }: Supposition,
  asking: Call,
): { readonly json: Json; readonly text: string } {
  if (typeof body !== 'string') {
    const text = asking.text === undefined ? undefined : textAt(asking.text, ['body'])
    return { json: body, text: text ?? JSON.stringify(body) }
  }
  try {
    return { json: parseJson(body), text: body }
  } catch (error) {
    const reason = error instanceof WireError ? error.message : 'not valid JSON'
    throw refused('body', `The body of the request cannot be read: ${reason}.`, 'not_json')
  }
}

/** Those of the request that is explained; of the asking one only the policy counts. */
function headersOf({ headers = {}, policy }: Supposition, asking: Call): Call['headers'] {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const named = Object.fromEntries(own)
  const word = policy ?? named['x-patchbay-policy'] ?? asking.headers['x-patchbay-policy']
  return compact({ ...named, 'x-patchbay-policy': word })
}
