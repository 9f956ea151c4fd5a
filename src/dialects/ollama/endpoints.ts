// Where Ollama's clients knock.
import { isArray, isObject } from '../../wire/json.ts'
import type { Endpoint, RequestHint } from '../dialect.ts'
import { CHAT_PATH, GENERATE_PATH } from './wire-types.ts'

// Patchbay's own REST front shares /api/chat: it takes one `message`, Ollama a list.
function hasMessages(hint: RequestHint): boolean {
  return isObject(hint.body) && isArray(hint.body['messages'])
}

// The heartbeat of the ollama CLI. Under the dialect's prefix it is ours; the bare root is the console's, which answers it too.
const notAtRoot = (): boolean => false

/** HEAD of the heartbeat is a GET without its body. */
export const endpoints: readonly Endpoint[] = [
  { operation: 'chat', method: 'POST', path: CHAT_PATH, claims: hasMessages },
  { operation: 'chat', method: 'POST', path: GENERATE_PATH },
  { operation: 'models', method: 'GET', path: '/api/tags' },
  { operation: 'models', method: 'HEAD', path: '/api/tags' },
  { operation: 'model', method: 'POST', path: '/api/show' },
  { operation: 'version', method: 'GET', path: '/api/version' },
  { operation: 'version', method: 'HEAD', path: '/api/version' },
  { operation: 'alive', method: 'GET', path: '/', claims: notAtRoot },
]
