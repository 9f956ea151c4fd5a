// The OpenAPI 3.1 document, made from the routes themselves and the schemas that check their bodies.
import { leastRole } from './admin/may.ts'
import type { Route } from './route.ts'
import { errorAnswer } from './routes/schemas.ts'
import { jsonAnswer } from './message.ts'
import { writePlainError } from './plain-error.ts'
import { type JsonObject, isObject } from '../wire/json.ts'
import { jsonSchemaOf } from './validate.ts'

export interface OpenApiOptions {
  readonly version: string
  readonly routes: readonly Route[]
}

/** The route that serves the document, which is made when it is first asked for; it describes itself too. */
export function openApiRoute(options: OpenApiOptions): Route {
  let document: JsonObject | undefined
  const route: Route = {
    method: 'GET',
    path: '/openapi.json',
    access: 'open',
    where: 'admin',
    writeError: writePlainError,
    description: { summary: 'Describe this API', group: 'server' },
    handle: async () =>
      jsonAnswer((document ??= openApi({ ...options, routes: [...options.routes, route] }))),
  }
  return route
}

export function openApi({ version, routes }: OpenApiOptions): JsonObject {
  const offered = routes.filter(({ description }) => description.refusing !== true)
  const places = Map.groupBy(offered, (route) => openApiPath(route.path))
  const paths = [...places].map(([path, mounted]): [string, JsonObject] => {
    const methods = Map.groupBy(mounted, (route) => route.method.toLowerCase())
    return [
      path,
      Object.fromEntries([...methods].map(([method, sharing]) => [method, shared(sharing)])),
    ]
  })
  return {
    openapi: '3.1.0',
    info: {
      title: 'Patchbay',
      version,
      description: 'One server between any client and any provider of language models.',
    },
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        header: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: { Error: jsonSchemaOf(errorAnswer) },
    },
  }
}

/** `:name` and a final `*` as OpenAPI writes them. */
export function openApiPath(path: string): string {
  return path.replaceAll(/:([a-z_]+)/g, '{$1}').replace(/\*$/, '{model}')
}

function operation(route: Route): JsonObject {
  const { group, request, requestInQuery, anyBody, query } = route.description
  const answers = answersOf(route)
  const parameters = [
    ...pathParameters(route.path),
    ...(requestInQuery === true && request !== undefined
      ? queryParameters(jsonSchemaOf(request))
      : []),
    ...(query === undefined ? [] : queryParameters(jsonSchemaOf(query))),
    ...headerParameters(route),
  ]
  const body = request === undefined && anyBody === true
  return {
    summary: titleOf(route),
    tags: [group],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(request === undefined && !body
      ? {}
      : { requestBody: { content: { 'application/json': { schema: schemaOf(request) } } } }),
    ...(route.access === 'open'
      ? { security: [] }
      : { security: [{ bearer: [] }, { header: [] }] }),
    ...(route.access === 'admin' ? { 'x-patchbay-role': leastRole(route) } : {}),
    responses: {
      [String(route.description.status ?? 200)]: { description: 'Done.', content: answers },
      default: {
        description: 'Refused or failed; a protocol of a vendor has its own form of error.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function answersOf({ description }: Route): JsonObject {
  const { response, streams, mediaType } = description
  const text = { schema: { type: 'string' } }
  if (mediaType !== undefined) return { [mediaType]: text }
  const json = { 'application/json': { schema: schemaOf(response) } }
  return streams === undefined ? json : { ...json, [streams]: text }
}

/** Several routes at one place are told apart by header or body: all their summaries, and a body of any form. */
function shared(routes: readonly Route[]): JsonObject {
  const [first, ...others] = routes.map((route) => operation(route))
  if (first === undefined || others.length === 0) return first ?? {}
  const summary = routes.map((route) => titleOf(route)).join('; ')
  const anyBody = { requestBody: { content: { 'application/json': { schema: {} } } } }
  return { ...first, summary, ...(first['requestBody'] === undefined ? {} : anyBody) }
}

function titleOf({ description }: Route): string {
  return `${description.summary} (${description.group})`
}

function schemaOf(schema: Parameters<typeof jsonSchemaOf>[0] | undefined): JsonObject {
  return schema === undefined ? {} : jsonSchemaOf(schema)
}

function pathParameters(path: string): readonly JsonObject[] {
  return [...openApiPath(path).matchAll(/\{([a-z_]+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

/** What a call may say of itself: which state it is meant for, and that it is one call however often it is sent. */
function headerParameters({ access, method, precondition }: Route): readonly JsonObject[] {
  const match = 'The ETag of the state that the change is meant for, or *.'
  return [
    ...(precondition === undefined
      ? []
      : [{ ...header('If-Match', match), required: precondition === 'required' }]),
    ...(access === 'admin' && method === 'POST'
      ? [header('Idempotency-Key', 'Of calls that are sent with one key, one is made.')]
      : []),
  ]
}

function header(name: string, description: string): JsonObject {
  return { name, in: 'header', description, schema: { type: 'string' } }
}

/** What may stand in a URL: everything plain but keys. */
function queryParameters(schema: JsonObject): readonly JsonObject[] {
  const properties = schema['properties']
  return Object.entries(isObject(properties) ? properties : {})
    .filter(([name]) => name !== 'api_key' && name !== 'api_keys')
    .map(([name, property]) => ({ name, in: 'query', schema: property ?? {} }))
}
