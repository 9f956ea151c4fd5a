// The OpenAPI document: every route is in it, and what it says of bodies is what is checked.
import { afterAll, describe, expect, it } from 'vitest'
import { FakeTime } from '../../test/server-fakes.ts'
import { openTestKeys } from '../../test/open-keys.ts'
import { dialects } from '../dialects/registry.ts'
import { LLMProvider, ProviderManager } from '../pipeline/library.ts'
import { openDatabase } from '../store/open-database.ts'
import { type Json, isArray, isObject } from '../wire/json.ts'
import { mergeLayers } from '../config/merge.ts'
import { WatchedDocuments } from '../store/documents/watched-documents.ts'
import { openRegistry } from './registry/open-registry.ts'
import { InForce } from './reload.ts'
import { contentCipher } from './contents/content-cipher.ts'
import { ModelDirectory } from './model-directory.ts'
import { openApi, openApiPath } from './openapi.ts'
import type { Route } from './route.ts'
import { serverRoutes } from './routes/all.ts'
import { openWatching } from './watching.ts'

const time = new FakeTime()
const manager = new ProviderManager()
const directory = new ModelDirectory({ manager, aliases: {}, now: time.now, after: time.after })
const { now, after } = time
const { happenings } = manager
const isNamed = (): boolean => false
const watching = await openWatching({ config: {}, happenings, isNamed, now, after, keepAliveMs: 1 })
const keys = await openTestKeys()
const documents = new WatchedDocuments(
  await openDatabase({ url: 'memory:', file: '', durability: 'fast', now }),
  { now, every: () => () => undefined, failed: () => undefined },
)
const { registry, registrar, sources } = await openRegistry({
  documents,
  manager,
  now,
  after,
  inForce: new InForce(mergeLayers([], { dataDir: '', baseDir: '' })),
})
const routes = serverRoutes({
  registry,
  registrar,
  sources,
  dialects,
  desk: { directory, handler: manager.handle, now: time.now, after: time.after, keepAliveMs: 1 },
  explain: async (exchange) => manager.explainExchange(exchange),
  manager,
  routes: manager.routes,
  targets: manager.targets,
  watching: watching.routes,
  budgets: [],
  keys: keys.routes,
  readiness: () => ({ status: 'ok' }),
  reload: async () => ({ generation: 1, changed: [], restart: [] }),
  database: await openDatabase({ url: 'memory:', file: '', durability: 'strict', now }),
  contentCipher: contentCipher(() => undefined),
  llm: new LLMProvider({ manager }),
  version: '1.2.3',
  startedAtMs: 0,
  isSplit: false,
  testsPerMinute: () => 10,
})
const offered = routes.filter(({ description }) => description.refusing !== true)
const document = openApi({ version: '1.2.3', routes })

function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  return keys.reduce<Json | undefined>(
    (node, key) => (isObject(node) ? node[key] : undefined),
    value,
  )
}

function operationOf(route: Route): Json | undefined {
  return at(document, 'paths', openApiPath(route.path), route.method.toLowerCase())
}

afterAll(async () => {
  watching.close()
  await keys.close()
})

describe('the OpenAPI document', () => {
  it('is of version 3.1 and names the server', () => {
    expect(at(document, 'openapi')).toBe('3.1.0')
    expect(at(document, 'info', 'version')).toBe('1.2.3')
  })

  it.each(offered.map((route) => ({ route, name: `${route.method} ${route.path}` })))(
    'describes $name',
    ({ route }) => {
      const operation = operationOf(route)
      expect(at(operation, 'summary')).toContain(route.description.summary)
      expect(at(operation, 'responses')).toHaveProperty([String(route.description.status ?? 200)])
    },
  )

  it('describes nothing that is not served', () => {
    const served = new Set(
      offered.map((route) => `${route.method.toLowerCase()} ${openApiPath(route.path)}`),
    )
    const paths = at(document, 'paths')
    const described = Object.entries(isObject(paths) ? paths : {}).flatMap(([path, item]) =>
      Object.keys(isObject(item) ? item : {}).map((method) => `${method} ${path}`),
    )
    expect(described.toSorted()).toEqual([...served].toSorted())
  })

  it('names every parameter of a path', () => {
    for (const route of offered) {
      const wanted = [...openApiPath(route.path).matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const parameters = at(operationOf(route), 'parameters')
      const named = (isArray(parameters) ? parameters : [])
        .filter((parameter) => at(parameter, 'in') === 'path')
        .map((parameter) => at(parameter, 'name'))
      expect([route.path, named]).toEqual([route.path, wanted])
    }
  })

  it('shows the keys of a registration, in the body and in the URL, but no key in the URL', () => {
    const operation = at(document, 'paths', '/api/providers/register', 'post')
    const body = at(operation, 'requestBody', 'content', 'application/json', 'schema', 'properties')
    expect(Object.keys(isObject(body) ? body : {})).toContain('api_key')
    const parameters = JSON.stringify(at(operation, 'parameters'))
    expect(parameters).toContain('"base_url"')
    expect(parameters).not.toContain('api_key')
  })

  it('says which calls need a key', () => {
    expect(at(document, 'paths', '/api/status', 'get', 'security')).toEqual([
      { bearer: [] },
      { header: [] },
    ])
    expect(at(document, 'paths', '/openapi.json', 'get', 'security')).toEqual([])
  })

  it('says what streams', () => {
    const chat = at(document, 'paths', '/v1/chat/completions', 'post')
    expect(at(chat, 'responses', '200', 'content')).toHaveProperty([
      'text/event-stream; charset=utf-8',
    ])
  })
})

describe('the operations besides chat', () => {
  it.each([
    ['/v1/embeddings', 'Turn texts into vectors'],
    ['/mistral/v1/embeddings', 'Turn texts into vectors'],
    ['/api/embed', 'Turn texts into vectors'],
    ['/v1/messages/count_tokens', 'Count the tokens'],
    ['/v1/responses/input_tokens', 'Count the tokens'],
    ['/v1beta/models/{model}', 'Count the tokens'],
  ])('are described at %s, with a body', (path, summary) => {
    expect(at(document, 'paths', path)).toMatchObject({
      post: { summary: expect.stringContaining(summary), requestBody: expect.anything() },
    })
  })

  it('leave out what is only refused', () => {
    expect(at(document, 'paths', '/api/ps')).toBeDefined()
    expect(at(document, 'paths', '/api/pull')).toBeUndefined()
  })
})
