// Which doors of a server are the admin's alone, by a list of all others that is kept here, apart from the product.
import { ObjectReader, parseJson } from '../../src/wire/json.ts'
import type { Stand } from './stand.ts'

export interface Door {
  readonly method: string
  readonly path: string
}

/** Below `/api/`: for whoever may chat, or for everybody. What is not here, and no protocol's, is the admin's. */
const FOR_CLIENTS: ReadonlySet<string> = new Set([
  'POST /api/chat',
  'POST /api/chat/multi',
  'POST /api/explain',
  'GET /api/providers/x/models',
  'GET /api/providers/models',
  'GET /api/providers/health',
  'GET /api/keys/self',
  'GET /api/prices',
  'GET /api/usage',
  'GET /api/usage/export',
  // The protocol of Ollama, and a greeting of Anthropic's.
  'POST /api/generate',
  'POST /api/embed',
  'POST /api/embeddings',
  'GET /api/tags',
  'HEAD /api/tags',
  'POST /api/show',
  'GET /api/ps',
  'GET /api/version',
  'HEAD /api/version',
  'GET /api/hello',
])

/** Every door of the server as it describes itself, with `x` where its path takes a name. */
async function doorsOf(stand: Stand): Promise<readonly Door[]> {
  const document = ObjectReader.of(parseJson((await stand.ask('/openapi.json')).text), 'openapi')
  const paths = document.object('paths')
  return Object.keys(paths.source).flatMap((path) =>
    Object.keys(paths.object(path).source).map((method) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{[a-z_]+\}/g, 'x'),
    })),
  )
}

export async function adminDoors(stand: Stand): Promise<readonly Door[]> {
  const doors = await doorsOf(stand)
  return doors.filter(
    ({ method, path }) =>
      path === '/metrics' || (path.startsWith('/api/') && !FOR_CLIENTS.has(`${method} ${path}`)),
  )
}
