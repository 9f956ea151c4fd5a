// Ollama: on this machine unless its base URL says otherwise. Its own protocol first; the others are translated into it by the server.
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import { ollama as ollamaDialect } from '../dialects/ollama/dialect.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { openaiResponses } from '../dialects/openai-responses/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

/** Of the native protocol: the others leave them to the server. */
const NATIVE_ONLY = ['keepAlive'] as const

export const ollama: CatalogRow = {
  type: 'ollama',
  title: 'Ollama',
  dialect: ollamaDialect,
  baseUrl: 'http://127.0.0.1:11434',
  auth: 'bearer',
  locality: 'local',
  alivePath: '/api/version',
  // OLLAMA_NUM_PARALLEL is 1 unless it is set; what it cannot do at once waits in it, and 8 there are enough (its own queue takes 512).
  concurrency: { initial: 1, max: 9, queueMs: 300_000 },
  families: [{ pattern: /^(?:.*\/)?gpt-oss/, flags: { thinkLevels: true } }],
  otherProtocols: [
    {
      dialect: openaiChat,
      basePath: '/v1',
      without: NATIVE_ONLY,
      // Its struct of a request (openai/openai.go) has no other fields: what it does not have, it passes over in silence.
      flags: {
        streamUsage: 'include_usage',
        maxTokensField: 'max_tokens',
        customTools: false,
        legacyFunctions: false,
        developerRole: false,
        contentArrays: false,
        strictTools: false,
        parallelToolCalls: false,
        toolChoiceNone: false,
        toolChoiceRequired: false,
        toolChoiceNamed: false,
        toolChoiceAllowed: false,
        cacheMarks: 'none',
        imageUrls: false,
        reasoningField: 'reasoning',
        unsupportedFields: [
          'n',
          'top_k',
          'min_p',
          'repetition_penalty',
          'logit_bias',
          'user',
          'safety_identifier',
          'metadata',
          'store',
          'service_tier',
          'prediction',
          'modalities',
          'verbosity',
          'web_search_options',
        ],
      },
    },
    { dialect: anthropicMessages, flags: { hostedTools: [] }, shim: true },
    { dialect: openaiResponses, flags: { hostedTools: [] }, basePath: '/v1', shim: true },
  ],
}
