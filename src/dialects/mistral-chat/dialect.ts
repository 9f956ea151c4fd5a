// Mistral's own chat API: it looks like Chat Completions, and differs in ids, roles, content, errors and strictness.
import type { Dialect, Endpoint } from '../dialect.ts'
import { embeddings } from './embeddings.ts'
import { error } from './error.ts'
import { fieldNames } from './field-names.ts'
import { lower } from './lower.ts'
import { models } from './models.ts'
import { request } from './request.ts'
import { response } from './response.ts'
import { stream } from './stream.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

// The same paths at the root are Chat Completions; nothing in a request tells the two apart for sure.
const claims = (): boolean => false

const endpoints: readonly Endpoint[] = [
  { operation: 'chat', method: 'POST', path: '/v1/chat/completions', claims },
  { operation: 'embed', method: 'POST', path: '/v1/embeddings', claims },
  { operation: 'models', method: 'GET', path: '/v1/models', claims },
  { operation: 'model', method: 'GET', path: '/v1/models/:model', claims },
]

export const mistralChat: Dialect = {
  id: MISTRAL_CHAT,
  prefix: '/mistral',
  framing: 'sse',
  endpoints,
  fieldNames,
  marks: [['random_seed'], ['safe_prompt'], ['prompt_mode'], ['guardrails']],
  request,
  response,
  error,
  stream,
  models,
  embeddings,
  lower,
  continues: () => true,
}
