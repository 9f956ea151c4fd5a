// Where Ollama's clients knock.
import { isArray, isObject } from '../../wire/json.ts'
import type { Endpoint, RequestHint } from '../dialect.ts'
import { CHAT_PATH, EMBED_PATH, GENERATE_PATH, LEGACY_EMBED_PATH } from './wire-types.ts'

// Patchbay's own REST front shares /api/chat: it takes one `message`, Ollama a list.
function hasMessages(hint: RequestHint): boolean {
  return isObject(hint.body) && isArray(hint.body['messages'])
}

// The heartbeat of the ollama CLI. Under the dialect's prefix it is ours; the bare root is the console's, which answers it too.
const notAtRoot = (): boolean => false

/** What changes the models of a server, or concerns its account: a gateway over many servers leaves that to each of them. */
const unserved: readonly Endpoint[] = [
  { operation: 'unserved', method: 'POST', path: '/api/pull' },
  { operation: 'unserved', method: 'POST', path: '/api/push' },
  { operation: 'unserved', method: 'POST', path: '/api/create' },
  { operation: 'unserved', method: 'POST', path: '/api/copy' },
  { operation: 'unserved', method: 'DELETE', path: '/api/delete' },
  { operation: 'unserved', method: 'POST', path: '/api/blobs/:digest' },
  { operation: 'unserved', method: 'HEAD', path: '/api/blobs/:digest' },
  { operation: 'unserved', method: 'POST', path: '/api/me' },
  { operation: 'unserved', method: 'POST', path: '/api/signout' },
]

/** HEAD of the heartbeat is a GET without its body. */
export const endpoints: readonly Endpoint[] = [
  { operation: 'chat', method: 'POST', path: CHAT_PATH, claims: hasMessages },
  { operation: 'chat', method: 'POST', path: GENERATE_PATH },
  { operation: 'embed', method: 'POST', path: EMBED_PATH },
  { operation: 'embed', method: 'POST', path: LEGACY_EMBED_PATH },
  { operation: 'models', method: 'GET', path: '/api/tags' },
  { operation: 'models', method: 'HEAD', path: '/api/tags' },
  { operation: 'model', method: 'POST', path: '/api/show' },
  { operation: 'running', method: 'GET', path: '/api/ps' },
  { operation: 'version', method: 'GET', path: '/api/version' },
  { operation: 'version', method: 'HEAD', path: '/api/version' },
  { operation: 'alive', method: 'GET', path: '/', claims: notAtRoot },
  ...unserved,
]
