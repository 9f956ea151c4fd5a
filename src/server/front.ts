// The front of a dialect: each of its endpoints as routes, at its own path and under the dialect's prefix.
import type { ChatRequest } from '../canonical/request.ts'
import type { Dialect, Endpoint, Operation } from '../dialects/dialect.ts'
import { fieldName } from '../dialects/field-names.ts'
import { CONTENT_TYPES } from '../wire/framing.ts'
import { isObject } from '../wire/json.ts'
import { type ChatDesk, answerChat } from './chat.ts'
import type { ChatFront } from './chat-front.ts'
import { answerKept, keptFront } from './kept-chat.ts'
import { type Outbound, jsonAnswer } from './message.ts'
import type { Access } from './auth.ts'
import type { Call, ChatCall, Route } from './route.ts'
import { refused } from './validate.ts'

export interface FrontOptions {
  readonly desk: ChatDesk
  /** Patchbay's own version. */
  readonly version: string
}

const ACCESS: Readonly<Record<Operation, Access>> = {
  chat: 'client',
  models: 'client',
  model: 'client',
  version: 'open',
  alive: 'open',
}

const SUMMARIES: Readonly<Record<Operation, string>> = {
  chat: 'Chat',
  models: 'List the models',
  model: 'Describe one model',
  version: 'Tell the version',
  alive: 'Tell that the server is there',
}

/** All routes of a dialect. */
export function frontRoutes(dialect: Dialect, options: FrontOptions): readonly Route[] {
  return dialect.endpoints.flatMap((endpoint) => [
    frontRoute(dialect, { endpoint, mount: '', ...options }),
    frontRoute(dialect, { endpoint, mount: dialect.prefix, ...options }),
  ])
}

interface Mounted extends FrontOptions {
  readonly endpoint: Endpoint
  /** What stands before the endpoint's path. */
  readonly mount: string
}

function frontRoute(dialect: Dialect, mounted: Mounted): Route {
  const { endpoint, mount } = mounted
  const claims = mount === '' ? endpoint.claims : undefined
  return {
    method: endpoint.method,
    path: mountedPath(mount, endpoint.path),
    access: ACCESS[endpoint.operation],
    writeError: (error, requestId) => dialect.error.encode(error, requestId),
    description: {
      summary: SUMMARIES[endpoint.operation],
      group: dialect.id,
      ...(endpoint.operation === 'chat' ? { streams: CONTENT_TYPES[dialect.framing] } : {}),
    },
    handle: (call) => answer(dialect, mounted, inside(mount, call)),
    ...(endpoint.operation === 'chat'
      ? {
          chat: {
            protocol: dialect.id,
            read: async (call: Call) => readIn(dialect, mounted.desk, inside(mount, call)),
          },
        }
      : {}),
    ...(claims === undefined ? {} : { claims }),
  }
}

/** The call as a front sees it, wherever that is mounted. */
function inside(mount: string, call: Call): Call {
  return { ...call, path: call.path.slice(mount.length) }
}

/** A model's name may hold slashes, raw or encoded, so it takes the rest of the path. */
function mountedPath(mount: string, path: string): string {
  if (path === '/') return mount === '' ? path : mount
  return `${mount}${path.replace(/\/:model(?::\w+)?$/, '/*')}`
}

async function answer(dialect: Dialect, mounted: Mounted, call: Call): Promise<Outbound> {
  const { desk, version, endpoint } = mounted
  switch (endpoint.operation) {
    case 'chat':
      return answerIn(dialect, desk, call)
    case 'models': {
      const cards = await desk.directory.cards(call.caller)
      return jsonAnswer(dialect.models.encodeList(cards))
    }
    case 'model': {
      const card = await desk.directory.card(askedModel(call), call.caller)
      return jsonAnswer(dialect.models.encodeOne(card))
    }
    case 'version':
      return jsonAnswer({ version: dialect.version ?? version })
    case 'alive':
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'Patchbay is running' }
  }
}

function answerIn(dialect: Dialect, desk: ChatDesk, call: Call): Promise<Outbound> {
  const { keeping } = dialect
  const front = chatFront(dialect)
  return keeping === undefined
    ? answerChat(desk, front, call)
    : answerKept(desk, { front, dialect, keeping }, call)
}

/** As `answerIn` reads the call. */
async function readIn(dialect: Dialect, desk: ChatDesk, call: Call): Promise<ChatCall> {
  const { keeping } = dialect
  const front = chatFront(dialect)
  return {
    front: keeping === undefined ? front : await keptFront(desk, { front, keeping }, call),
    call,
  }
}

function chatFront(dialect: Dialect): ChatFront {
  return {
    dialect: dialect.id,
    fieldName: (path, request) => fieldName(path, dialect.fieldNames) ?? ownField(path, request),
    framing: (request) => dialect.framingOf?.(request) ?? dialect.framing,
    decode: (wire) => {
      const request = dialect.request.decode(wire)
      if (request.model.trim() === '') throw refused('model', 'The request names no model.')
      return { request, model: request.model }
    },
    encode: (response, context) => dialect.response.encode(response, context),
    encoder: (context) => dialect.stream.encoder(context),
  }
}

/** A field that only the client's protocol has stands in the path by its own name. */
function ownField(path: string, { origin, extensions }: ChatRequest): string | undefined {
  return Object.hasOwn(extensions?.[origin.dialect]?.fields ?? {}, path) ? path : undefined
}

/** The model a request is about: the rest of its path, or where a body names it. */
function askedModel(call: Call): string {
  const rest = call.params['*']
  if (rest !== undefined && rest !== '') return rest
  const { body } = call
  const named = isObject(body) ? (body['model'] ?? body['name']) : undefined
  if (typeof named === 'string' && named !== '') return named
  throw refused('model', 'The request names no model.')
}
