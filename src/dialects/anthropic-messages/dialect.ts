// The Messages protocol, spoken to clients and to providers.
import type { Dialect, Endpoint, RequestHint } from '../dialect.ts'
import { amend } from './amend.ts'
import { errorCodec } from './error.ts'
import { fieldNames } from './field-names.ts'
import { limitHeaders } from './limit-headers.ts'
import { goesOn } from './flags.ts'
import { lower } from './lower.ts'
import { modelsCodec } from './models.ts'
import { requestCodec } from './request.ts'
import { responseCodec } from './response.ts'
import { streamCodec } from './stream.ts'
import { tokenCount } from './token-count.ts'
import { DIALECT } from './wire-types.ts'

/** Other protocols list their models on the same paths; this one's clients always name their version. */
const claims = ({ headers }: RequestHint): boolean => headers['anthropic-version'] !== undefined

/** Some clients end their base URL in `/v1` and some put it in front of a base that has it already. */
const endpoints: readonly Endpoint[] = [
  { operation: 'chat', method: 'POST', path: '/v1/messages' },
  { operation: 'chat', method: 'POST', path: '/messages' },
  { operation: 'chat', method: 'POST', path: '/v1/v1/messages' },
  { operation: 'count-tokens', method: 'POST', path: '/v1/messages/count_tokens' },
  { operation: 'count-tokens', method: 'POST', path: '/messages/count_tokens' },
  { operation: 'count-tokens', method: 'POST', path: '/v1/v1/messages/count_tokens' },
  // Claude Code's greeting.
  { operation: 'alive', method: 'GET', path: '/api/hello' },
  { operation: 'models', method: 'GET', path: '/v1/models', claims },
  { operation: 'models', method: 'GET', path: '/models', claims },
  { operation: 'model', method: 'GET', path: '/v1/models/:model', claims },
  { operation: 'model', method: 'GET', path: '/models/:model', claims },
]

export const anthropicMessages: Dialect = {
  id: DIALECT,
  prefix: '/anthropic',
  framing: 'sse',
  endpoints,
  fieldNames,
  marks: [
    ['system', 'messages'],
    ['stop_sequences'],
    ['anthropic_version'],
    ['mcp_servers'],
    ['output_config'],
    ['context_management', 'messages'],
  ],
  patchable: [{ path: ['model'] }],
  request: requestCodec,
  response: responseCodec,
  error: errorCodec,
  stream: streamCodec,
  models: modelsCodec,
  tokenCount,
  limitHeaders,
  lower,
  amend,
  continues: goesOn,
}
