// OpenAI: where it is, what it speaks, and which of its model families differ from the rest.
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { openaiResponses } from '../dialects/openai-responses/dialect.ts'
import type { CatalogRow, ModelFamily, Protocol } from './catalog-row.ts'

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

/** They do not reason, and refuse to be told how much. */
const UNTHINKING: ModelFamily = {
  pattern: /^(?:gpt-3\.5|gpt-4|chatgpt-4o)/,
  flags: { reasoningControl: 'none' },
}

/** They always reason, or do unless told not to. */
const REASONING: ModelFamily = {
  pattern: /^(?:o\d|gpt-5(?:-(?!chat)|$)|gpt-5\.[5-9]|gpt-5\.\d+-(?:chat|codex)|gpt-5.*-pro)/,
  flags: { unsupportedFields: [...REFUSED_WHILE_REASONING] },
}

/** gpt-5.1 to 5.4 do not reason unless told to, and take all settings as long as they do not. */
const SOMETIMES_REASONING: ModelFamily = {
  pattern: /^gpt-5\.[1-4](?!.*-(?:chat|codex|pro))/,
  flags: { refusedWhileReasoning: [...REFUSED_WHILE_REASONING] },
}

const EFFORTS: readonly ModelFamily[] = [
  {
    pattern: /^gpt-5(?:-(?!chat|pro)|$)/,
    flags: { reasoningEfforts: ['minimal', 'low', 'medium', 'high'] },
  },
  { pattern: /^o\d/, flags: { reasoningEfforts: ['low', 'medium', 'high'] } },
  // They cannot be told not to reason.
  {
    pattern: /^gpt-5\.\d+-(?:chat|codex|pro)/,
    flags: { reasoningEfforts: ['low', 'medium', 'high', 'xhigh'] },
  },
]

// Model ids that no pattern knows get no family rule: fine-tunes and new models are left as the client asks.
const CHAT: readonly ModelFamily[] = [
  UNTHINKING,
  // Pro, codex, deep-research and computer-use models exist in Responses only.
  {
    pattern: /^(?:gpt-5.*-(?:pro|codex)|o\d-pro|codex-|computer-use-|.*-deep-research)/,
    served: false,
  },
  { pattern: /-search-preview/, flags: { unsupportedFields: ['temperature'] } },
  { pattern: /^(?:o\d|gpt-5(?!-chat))/, flags: { maxTokensField: 'max_completion_tokens' } },
  REASONING,
  SOMETIMES_REASONING,
  ...EFFORTS,
  {
    pattern: /^(?:o3|o4-mini)/,
    flags: { unsupportedFields: [...REFUSED_WHILE_REASONING, 'stop'] },
  },
]

const RESPONSES: readonly ModelFamily[] = [
  UNTHINKING,
  // Models that hear or speak, and those that search by themselves, exist in Chat only.
  { pattern: /-audio|^gpt-audio|-search-preview/, served: false },
  // Thoughts come back in this protocol alone: as summaries, and sealed for the next turn.
  { pattern: /^(?:o\d|gpt-5(?!-chat))/, preferred: true },
  REASONING,
  SOMETIMES_REASONING,
  ...EFFORTS,
]

/** Of the vendor's own models, wherever they are served. */
export const openaiModels: Readonly<Record<'chat' | 'responses', Protocol>> = {
  chat: { dialect: openaiChat, flags: { streamUsage: 'include_usage' }, families: CHAT },
  responses: { dialect: openaiResponses, families: RESPONSES },
}

export const openai: CatalogRow = {
  type: 'openai',
  title: 'OpenAI',
  ...openaiModels.chat,
  baseUrl: 'https://api.openai.com/v1',
  auth: 'bearer',
  locality: 'cloud',
  keyRequired: true,
  keyVariable: 'OPENAI_API_KEY',
  otherProtocols: [{ ...openaiModels.responses, counts: true }],
}
