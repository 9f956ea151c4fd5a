// Hosts that speak OpenAI's chat protocol with deviations: data only. Facts from the hosts' own pages and recorded traffic.
import type { JsonObject } from '../canonical/json.ts'
import { openaiChat } from '../dialects/openai-chat/dialect.ts'
import { openaiResponses } from '../dialects/openai-responses/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'

type Host = Pick<
  CatalogRow,
  | 'type'
  | 'title'
  | 'baseUrl'
  | 'keyVariable'
  | 'wholeByStream'
  | 'embeddings'
  | 'counts'
  | 'flags'
  | 'families'
>

/** What OpenAI alone has, and that usage must be asked for. */
const COMPATIBLE: JsonObject = {
  customTools: false,
  legacyFunctions: false,
  toolChoiceAllowed: false,
  streamUsage: 'include_usage',
}

function cloud(host: Host): CatalogRow {
  return { ...host, ...SHARED, locality: 'cloud', keyRequired: true, flags: flagsOf(host) }
}

function local(host: Host): CatalogRow {
  return { ...host, ...SHARED, locality: 'local', flags: flagsOf(host) }
}

const SHARED = { dialect: openaiChat, auth: 'bearer' } as const

function flagsOf(host: Host): JsonObject {
  return { ...COMPATIBLE, ...host.flags }
}

const XAI_REFUSED = ['logit_bias', 'metadata', 'store', 'prediction'] as const

export const compatibleHosts: readonly CatalogRow[] = [
  cloud({
    type: 'groq',
    title: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    keyVariable: 'GROQ_API_KEY',
    flags: {
      developerRole: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning',
      stopMax: 4,
      unsupportedFields: ['logit_bias', 'logprobs', 'top_logprobs', 'metadata', 'store'],
    },
    families: [
      { pattern: /gpt-oss/, flags: { reasoningEfforts: ['low', 'medium', 'high'] } },
      { pattern: /qwen3/i, flags: { reasoningEfforts: ['none'] } },
      { pattern: /llama|gemma/i, flags: { reasoningControl: 'none' } },
    ],
  }),
  cloud({
    type: 'deepseek',
    title: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com',
    keyVariable: 'DEEPSEEK_API_KEY',
    embeddings: false,
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      contentArrays: false,
      jsonSchema: false,
      strictTools: false,
      parallelToolCalls: false,
      images: false,
      cacheMarks: 'none',
      reasoningControl: 'thinking',
      reasoningField: 'reasoning_content',
      reasoningReplay: 'tool-loop',
      stopMax: 16,
      unsupportedFields: ['seed', 'logit_bias', 'metadata', 'store', 'service_tier'],
    },
    families: [{ pattern: /v4/i, flags: { reasoningReplay: 'always' } }],
  }),
  cloud({
    type: 'xai',
    title: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    keyVariable: 'XAI_API_KEY',
    flags: {
      parallelToolCalls: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning_content',
      outputFromTotal: true,
      unsupportedFields: [...XAI_REFUSED],
    },
    families: [
      {
        pattern: /^grok-(?:3-mini|4)(?!.*non-reasoning)/,
        flags: {
          unsupportedFields: [...XAI_REFUSED, 'presence_penalty', 'frequency_penalty', 'stop'],
        },
      },
      { pattern: /^grok-4(?:-|\.20|$)/, flags: { reasoningControl: 'none' } },
      { pattern: /^grok-4\.5/, flags: { reasoningEfforts: ['low', 'medium', 'high'] } },
    ],
  }),
  cloud({
    type: 'openrouter',
    title: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyVariable: 'OPENROUTER_API_KEY',
    flags: {
      cacheMarks: 'cache_control',
      reasoningControl: 'reasoning',
      reasoningField: 'reasoning',
      streamUsage: 'always',
      extraSampling: ['top_k', 'min_p', 'repetition_penalty'],
    },
  }),
  cloud({
    type: 'together',
    title: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    keyVariable: 'TOGETHER_API_KEY',
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      strictTools: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning',
      extraSampling: ['top_k', 'min_p', 'repetition_penalty'],
      unsupportedFields: ['user', 'metadata', 'store', 'service_tier'],
    },
  }),
  local({
    type: 'llamacpp',
    title: 'llama.cpp server',
    baseUrl: 'http://127.0.0.1:8080/v1',
    // Seen with its server of October 2026, which counts the template's own words too.
    counts: openaiResponses,
    // Seen there too: a closed connection ends a stream's generation, not a whole answer's.
    wholeByStream: true,
    flags: {
      developerRole: false,
      toolChoiceNamed: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning_content',
      extraSampling: ['top_k', 'min_p'],
    },
  }),
  local({
    type: 'vllm',
    title: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    flags: {
      developerRole: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning',
      extraSampling: ['top_k', 'min_p', 'repetition_penalty'],
    },
  }),
  local({
    type: 'lmstudio',
    title: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      cacheMarks: 'none',
      imageUrls: false,
      extraSampling: ['top_k'],
    },
  }),
]
