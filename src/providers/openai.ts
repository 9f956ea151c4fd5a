// OpenAI: where it is, and which of its model families differ from the rest.
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { openaiResponses } from '../dialects/openai-responses/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

/** What a model that is reasoning refuses with 400. */
const REFUSED_WHILE_REASONING = [
  'temperature',
  'top_p',
  'logprobs',
  'top_logprobs',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
] as const

// Model ids that no pattern knows get no family rule: fine-tunes and new models are left as the client asks.
export const openai: CatalogRow = {
  type: 'openai',
  title: 'OpenAI',
  dialect: openaiChat,
  counts: openaiResponses,
  baseUrl: 'https://api.openai.com/v1',
  auth: 'bearer',
  locality: 'cloud',
  keyRequired: true,
  keyVariable: 'OPENAI_API_KEY',
  flags: { streamUsage: 'include_usage' },
  families: [
    { pattern: /^(?:gpt-3\.5|gpt-4|chatgpt-4o)/, flags: { reasoningControl: 'none' } },
    { pattern: /-search-preview/, flags: { unsupportedFields: ['temperature'] } },
    {
      pattern: /^(?:o\d|gpt-5(?!.*-chat))/,
      flags: { maxTokensField: 'max_completion_tokens' },
    },
    {
      // gpt-5.1 to 5.4 do not reason unless told to, and take all settings then.
      pattern: /^(?:o\d|gpt-5(?:-(?!chat)|$)|gpt-5\.[5-9](?!.*-chat)|gpt-5\.1-codex|gpt-5.*-pro)/,
      flags: { unsupportedFields: [...REFUSED_WHILE_REASONING] },
    },
    {
      pattern: /^gpt-5(?:-(?!chat|pro)|$)/,
      flags: { reasoningEfforts: ['minimal', 'low', 'medium', 'high'] },
    },
    { pattern: /^o\d/, flags: { reasoningEfforts: ['low', 'medium', 'high'] } },
    {
      pattern: /^(?:o3|o4-mini)/,
      flags: { unsupportedFields: [...REFUSED_WHILE_REASONING, 'stop'] },
    },
  ],
}
