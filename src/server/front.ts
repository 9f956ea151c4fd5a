// The front of a dialect: each of its endpoints as routes, at its own path and under the dialect's prefix.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
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
import { answerCount, answerEmbed } from './single-calls.ts'
import { refused } from './validate.ts'

export interface FrontOptions {
  readonly desk: ChatDesk
  /** Patchbay's own version. */
  readonly version: string
}

const ACCESS: Readonly<Record<Operation, Access>> = {
  chat: 'client',
  embed: 'client',
  'count-tokens': 'client',
  models: 'client',
  model: 'client',
  running: 'client',
  version: 'open',
  alive: 'open',
  unserved: 'client',
}

/** What each is to the scope of a key. */
const ENDPOINT: Readonly<Record<Operation, Route['endpoint']>> = {
  chat: 'chat',
  embed: 'embeddings',
  'count-tokens': 'count_tokens',
  models: 'models',
  model: 'models',
  running: 'models',
  version: 'any',
  alive: 'any',
  unserved: 'any',
}

const SUMMARIES: Readonly<Record<Operation, string>> = {
  chat: 'Chat',
  embed: 'Turn texts into vectors',
  'count-tokens': 'Count the tokens of a chat request',
  models: 'List the models',
  model: 'Describe one model',
  running: 'List the models in memory',
  version: 'Tell the version',
  alive: 'Tell that the server is there',
  unserved: 'Refused: left to each provider',
}

/** All routes of a dialect. */
export function frontRoutes(dialect: Dialect, options: FrontOptions): readonly Route[] {
  const front = chatFront(dialect)
  return dialect.endpoints.flatMap((endpoint) => [
    frontRoute(dialect, { endpoint, mount: '', front, ...options }),
    frontRoute(dialect, { endpoint, mount: dialect.prefix, front, ...options }),
  ])
}

interface Mounted extends FrontOptions {
  readonly endpoint: Endpoint
  readonly front: ChatFront
  /** What stands before the endpoint's path. */
  readonly mount: string
}

function frontRoute(dialect: Dialect, mounted: Mounted): Route {
  const { endpoint, mount } = mounted
  const claims = claimsOf(endpoint, mount)
  return {
    method: endpoint.method,
    path: mountedPath(mount, endpoint.path),
    access: ACCESS[endpoint.operation],
    ...compact({ endpoint: ENDPOINT[endpoint.operation] }),
    writeError: (error, requestId) => dialect.error.encode(error, requestId),
    ...(dialect.limitHeaders === undefined ? {} : { limitHeaders: dialect.limitHeaders }),
    description: {
      summary: SUMMARIES[endpoint.operation],
      group: dialect.id,
      ...(endpoint.operation === 'chat' ? { streams: CONTENT_TYPES[dialect.framing] } : {}),
      ...(endpoint.method === 'POST' ? { anyBody: true } : {}),
      ...(endpoint.operation === 'unserved' ? { refusing: true } : {}),
    },
    handle: (call) => answer(dialect, mounted, inside(mount, call)),
    ...(endpoint.operation === 'chat'
      ? {
          chat: {
            protocol: dialect.id,
            read: async (call: Call) => readIn(dialect, mounted, inside(mount, call)),
          },
        }
      : {}),
    ...(claims === undefined ? {} : { claims }),
  }
}

/** The call as a front sees it, wherever that is mounted. */
function inside(mount: string, call: Call): Call {
  if (mount === '') return call
  return { ...call, path: call.path.slice(mount.length) }
}

/** Under its prefix a dialect shares no place with another, but may have several endpoints at one. */
function claimsOf({ claims, verbs }: Endpoint, mount: string): Endpoint['claims'] {
  const meant = mount === '' ? claims : undefined
  if (verbs === undefined) return meant
  return (hint) =>
    verbs.includes(hint.path.slice(hint.path.lastIndexOf(':') + 1)) && meant?.(hint) !== false
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
      return answerIn(dialect, mounted, call)
    case 'embed':
      return answerEmbed(desk, { dialect, codec: spoken(dialect.embeddings, call) }, call)
    case 'count-tokens':
      return answerCount(desk, { dialect, codec: spoken(dialect.tokenCount, call) }, call)
    case 'running': {
      const cards = await desk.directory.running(call.caller)
      return jsonAnswer(spoken(dialect.models.running, call).encode(cards))
    }
    case 'unserved':
      throw unserved(call)
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

function spoken<T>(codec: T | undefined, call: Call): T {
  if (codec !== undefined) return codec
  throw unserved(call)
}

function unserved({ method, path }: Call): GatewayError {
  return new GatewayError(
    'unsupported',
    `Patchbay does not serve ${method} ${path}: it reads the models of its providers and changes nothing about them. Ask the provider's own server.`,
    { origin: 'client', status: 501, code: 'unserved_operation' },
  )
}

type Speaking = Pick<Mounted, 'desk' | 'front'>

function answerIn(dialect: Dialect, { desk, front }: Speaking, call: Call): Promise<Outbound> {
  const { keeping } = dialect
  return keeping === undefined
    ? answerChat(desk, front, call)
    : answerKept(desk, { front, dialect, keeping }, call)
}

/** As `answerIn` reads the call. */
async function readIn(dialect: Dialect, { desk, front }: Speaking, call: Call): Promise<ChatCall> {
  const { keeping } = dialect
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
