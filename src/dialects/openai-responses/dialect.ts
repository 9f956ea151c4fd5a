// Responses: OpenAI's newer protocol, in which an answer is a list of items.
import type { Dialect, Endpoint } from '../dialect.ts'
import { amend } from './amend.ts'
import { embeddings } from './embeddings.ts'
import { error } from './error.ts'
import { fieldNames } from './field-names.ts'
import { keeping } from './keeping.ts'
import { lower } from './lower.ts'
import { models } from './models.ts'
import { request } from './request.ts'
import { response } from './response.ts'
import { stream } from './stream.ts'
import { tokenCount } from './token-count.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** Clients disagree on whether their base address ends in `/v1`; some say it twice. */
const endpoints: readonly Endpoint[] = [
  { operation: 'chat', method: 'POST', path: '/v1/responses' },
  { operation: 'chat', method: 'POST', path: '/responses' },
  { operation: 'chat', method: 'POST', path: '/v1/v1/responses' },
  { operation: 'count-tokens', method: 'POST', path: '/v1/responses/input_tokens' },
  { operation: 'count-tokens', method: 'POST', path: '/responses/input_tokens' },
  { operation: 'count-tokens', method: 'POST', path: '/v1/v1/responses/input_tokens' },
]

export const openaiResponses: Dialect = {
  id: OPENAI_RESPONSES,
  prefix: '/openai',
  framing: 'sse',
  endpoints,
  fieldNames,
  marks: [['input'], ['instructions'], ['previous_response_id'], ['max_output_tokens']],
  patchable: [{ path: ['model'] }, { path: ['store'] }],
  request,
  response,
  error,
  stream,
  models,
  embeddings,
  tokenCount,
  keeping,
  lower,
  amend,
}
