// Ollama's native API: /api/chat and /api/generate over newline-delimited JSON, /api/embed, and what tells of the models.
import type { Dialect } from '../dialect.ts'
import { amend } from './amend.ts'
import { embeddings } from './embeddings.ts'
import { endpoints } from './endpoints.ts'
import { errorCodec } from './error.ts'
import { fieldNames } from './field-names.ts'
import { flagsOf } from './flags.ts'
import { lower } from './lower.ts'
import { modelsCodec } from './models.ts'
import { requestCodec } from './request.ts'
import { responseCodec } from './response.ts'
import { streamCodec } from './stream.ts'
import { DIALECT, OLLAMA_VERSION } from './wire-types.ts'

export const ollama: Dialect = {
  id: DIALECT,
  prefix: '/ollama',
  framing: 'ndjson',
  version: OLLAMA_VERSION,
  endpoints,
  fieldNames,
  marks: [['options'], ['keep_alive'], ['think'], ['format', 'messages']],
  patchable: [{ path: ['model'] }, { path: ['keep_alive'] }],
  request: requestCodec,
  response: responseCodec,
  error: errorCodec,
  stream: streamCodec,
  models: modelsCodec,
  embeddings,
  lower,
  amend,
  continues: (profile) => flagsOf(profile).prefill,
}
