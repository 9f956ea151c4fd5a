// What a route is: where it stands, who may call it, how it answers and how it fails.
import type { z } from 'zod'
import type { GatewayError } from '../canonical/errors.ts'
import type { RequestHint } from '../dialects/dialect.ts'
import type { Trail } from '../exchange/trail.ts'
import type { LimitHeaders } from '../dialects/limit-headers.ts'
import type { LimitSheet } from '../exchange/limit-sheet.ts'
import type { Expected } from '../store/documents/document.ts'
import type { Json } from '../wire/json.ts'
import type { WireHeaders, WireResponse } from '../wire/message.ts'
import type { Precondition } from './admin/precondition.ts'
import type { Role } from '../access/role.ts'
import type { KeyEndpoint } from '../access/scope.ts'
import type { Access, Caller } from './auth.ts'
import type { ChatFront } from './chat-front.ts'
import type { Outbound } from './message.ts'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'DELETE'] as const
export type Method = (typeof METHODS)[number]

/** One request after all checks, on its way into a handler. */
export interface Call {
  readonly id: string
  readonly method: string
  /** Percent-encoded, without the query. */
  readonly path: string
  /** Decoded; the rest of a path that ends in `*` is under `*`. */
  readonly params: Readonly<Record<string, string | undefined>>
  readonly query: URLSearchParams
  readonly headers: WireHeaders
  readonly body: Json | undefined
  /** The body as it came. */
  readonly text?: string | undefined
  readonly caller: Caller
  /** Account of the attempts made for it: told in the head of its answer, good or not, and in the log. */
  readonly openTrail: () => Trail
  readonly signal: AbortSignal
  /** Hears how the caller's limits stand. */
  readonly limits?: LimitSheet
  /** Of routes with a precondition: the state that it is meant for. */
  readonly expected?: Expected
}

/** Prints a failure in the protocol that the caller speaks. */
export type ErrorWriter = (error: GatewayError, requestId: string) => WireResponse

/** What the OpenAPI document says of a route. */
interface RouteDescription {
  readonly summary: string
  readonly group: string
  readonly request?: z.ZodType
  /** The request's keys may also stand in the URL. */
  readonly requestInQuery?: true
  /** What may stand in the URL besides; a list has `pagingFields` in it. */
  readonly query?: z.ZodType
  readonly response?: z.ZodType
  /** Status of a good answer; default 200. */
  readonly status?: number
  /** It takes JSON that the schema of its protocol describes, not this document. */
  readonly anyBody?: true
  /** It only refuses, in the words of its protocol: left out of the document. */
  readonly refusing?: true
  /** Further media types of a good answer besides JSON. */
  readonly streams?: string
  /** The one media type of a good answer, where that is not JSON. */
  readonly mediaType?: string
}

/** A client's call on the way to a model: the front that reads and answers it, and the call as that front sees it. */
export interface ChatCall {
  readonly front: ChatFront
  readonly call: Call
}

export interface ChatReader {
  /** The protocol's id. */
  readonly protocol: string
  /** As `handle` reads the call; throws what it throws. */
  readonly read: (call: Call) => Promise<ChatCall>
}

/** What the audit log says of a call besides who made it and how it went. Secrets have no place in it. */
interface AuditNote {
  /** Such as `provider.register`. Default: method and path. */
  readonly action?: string
  /** Whom it was about, where that stands in the body. Default: what stands in the path. */
  readonly subject?: (call: Call) => string | undefined
  /** Keys of the body whose values are written down; of the others only that they were there. */
  readonly shows?: readonly string[]
}

export interface Route {
  readonly method: Method
  /** From the root: `:name` stands for one segment, `*` at the end for the rest. */
  readonly path: string
  readonly access: Access
  /** What it is to the scope of a client's key; `any`: open to every key. Absent: closed to keys with a scope of endpoints. */
  readonly endpoint?: KeyEndpoint | 'any'
  /** Of admins: the least role that may call it. Absent: `viewer` where it only reads, else `owner`. */
  readonly role?: Role
  /** Whether it changes something that has versions: its `call.expected` says which one is meant. */
  readonly precondition?: Precondition
  /** Keys of its answer that are shown once: who repeats the call under its Idempotency-Key finds null there. */
  readonly showsOnce?: readonly string[]
  /** How the audit log tells of it, where it changes something. */
  readonly audit?: AuditNote
  /** Stands at the address of the admin, where that has one of its own. Absent: where `access` says so. */
  readonly where?: 'admin'
  /** Where several routes share method and path: whether this request is meant for this one. Absent: takes what is left. */
  readonly claims?: (hint: RequestHint) => boolean
  readonly writeError: ErrorWriter
  /** How limits are told in headers. Absent: as OpenAI has them. */
  readonly limitHeaders?: LimitHeaders
  readonly description: RouteDescription
  readonly handle: (call: Call) => Promise<Outbound>
  /** Of routes that chat: how a call is read, so that it can be explained. */
  readonly chat?: ChatReader
}
