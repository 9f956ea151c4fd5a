// Gemini: Google's generateContent and its sisters, as its developer API and its cloud serve them.
import type { Dialect } from '../dialect.ts'
import { embeddings } from './embeddings.ts'
import { endpoints } from './endpoints.ts'
import { error } from './error.ts'
import { fieldNames } from './field-names.ts'
import { lower } from './lower.ts'
import { models } from './models.ts'
import { request, wantsArray } from './request.ts'
import { response } from './response.ts'
import { stream } from './stream.ts'
import { tokenCount } from './token-count.ts'
import { GEMINI } from './wire-types.ts'

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
  embeddings,
  tokenCount,
  lower,
}
