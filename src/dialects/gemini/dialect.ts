// Gemini: Google's generateContent and streamGenerateContent, as its developer API and its cloud serve them.
import type { Dialect, Endpoint, RequestHint } from '../dialect.ts'
import { error } from './error.ts'
import { fieldNames } from './field-names.ts'
import { lower } from './lower.ts'
import { models } from './models.ts'
import { request, wantsArray } from './request.ts'
import { response } from './response.ts'
import { stream } from './stream.ts'
import { GEMINI } from './wire-types.ts'

/** The version stands in the base address of some clients, and the publisher in that of others. */
const BASES = ['/v1beta', '/v1', '/v1beta1/publishers/google', ''] as const

/** Other protocols list their models at `/v1/models` and `/models` too. */
const claims = ({ headers }: RequestHint): boolean =>
  headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined

const endpoints: readonly Endpoint[] = BASES.flatMap((base): readonly Endpoint[] => {
  const shared = base === '/v1' || base === '' ? { claims } : {}
  return [
    { operation: 'chat', method: 'POST', path: `${base}/models/:model:generateContent` },
    { operation: 'models', method: 'GET', path: `${base}/models`, ...shared },
    { operation: 'model', method: 'GET', path: `${base}/models/:model`, ...shared },
  ]
})

export const gemini: Dialect = {
  id: GEMINI,
  prefix: '/gemini',
  framing: 'sse',
  framingOf: (chat) => (wantsArray(chat) ? 'json-array' : 'sse'),
  endpoints,
  fieldNames,
  marks: [['contents']],
  request,
  response,
  error,
  stream,
  models,
  lower,
}
