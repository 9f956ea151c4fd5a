// Chat Completions: OpenAI's protocol and that of the many hosts that follow it.
import type { Dialect, Endpoint } from '../dialect.ts'
import { amend } from './amend.ts'
import { embeddings } from './embeddings.ts'
import { error } from './error.ts'
import { fieldNames } from './field-names.ts'
import { lower } from './lower.ts'
import { models } from './models.ts'
import { request } from './request.ts'
import { response } from './response.ts'
import { stream } from './stream.ts'
import { isUsageChunk } from './usage-chunk.ts'
import { OPENAI_CHAT } from './wire-types.ts'

/** Clients disagree on whether their base address ends in `/v1`; some say it twice. */
const endpoints: readonly Endpoint[] = [
  { operation: 'chat', method: 'POST', path: '/v1/chat/completions' },
  { operation: 'chat', method: 'POST', path: '/chat/completions' },
  { operation: 'chat', method: 'POST', path: '/v1/v1/chat/completions' },
  { operation: 'embed', method: 'POST', path: '/v1/embeddings' },
  { operation: 'embed', method: 'POST', path: '/embeddings' },
  { operation: 'embed', method: 'POST', path: '/v1/v1/embeddings' },
  { operation: 'models', method: 'GET', path: '/v1/models' },
  { operation: 'models', method: 'GET', path: '/models' },
  { operation: 'model', method: 'GET', path: '/v1/models/:model' },
  { operation: 'model', method: 'GET', path: '/models/:model' },
]

export const openaiChat: Dialect = {
  id: OPENAI_CHAT,
  prefix: '/openai',
  framing: 'sse',
  endpoints,
  fieldNames,
  marks: [
    ['max_completion_tokens'],
    ['logit_bias'],
    ['stream_options', 'messages'],
    ['functions'],
    ['function_call'],
    ['modalities', 'messages'],
    ['web_search_options'],
  ],
  patchable: [
    { path: ['model'] },
    { path: ['stream_options', 'include_usage'], unasked: isUsageChunk },
  ],
  request,
  response,
  error,
  stream,
  models,
  embeddings,
  lower,
  amend,
}
