// Makers of models with an API of their own in a compatible protocol: data only. Facts from their pages and recorded traffic.
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import { openaiResponses } from '../dialects/openai-responses/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'
import { cloud } from './host-row.ts'

const XAI_REFUSED = ['logit_bias', 'metadata', 'store', 'prediction'] as const
const GROK_REASONING = /^grok-(?:3-mini|4)(?!.*non-reasoning)/

export const modelMakers: readonly CatalogRow[] = [
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
    families: [
      {
        pattern: /v4/i,
        flags: {
          reasoningReplay: 'always',
          reasoningEfforts: ['low', 'medium', 'high', 'xhigh', 'max'],
        },
      },
    ],
    otherProtocols: [
      {
        dialect: anthropicMessages,
        basePath: '/anthropic',
        auth: 'x-api-key',
        flags: { hostedTools: [] },
        shim: true,
      },
      { dialect: openaiResponses, flags: { hostedTools: ['web-search'] }, shim: true },
    ],
  }),
  cloud({
    type: 'xai',
    title: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    keyVariable: 'XAI_API_KEY',
    flags: {
      cacheMarks: 'none',
      reasoningField: 'reasoning_content',
      outputFromTotal: true,
      unsupportedFields: [...XAI_REFUSED],
    },
    families: [
      {
        pattern: GROK_REASONING,
        flags: {
          unsupportedFields: [...XAI_REFUSED, 'presence_penalty', 'frequency_penalty', 'stop'],
        },
      },
      { pattern: /^grok-4(?:-|\.20|$)/, flags: { reasoningControl: 'none' } },
      { pattern: /^grok-4\.5/, flags: { reasoningEfforts: ['low', 'medium', 'high'] } },
    ],
    otherProtocols: [
      {
        dialect: openaiResponses,
        flags: {
          customTools: false,
          hostedTools: ['web-search', 'web-fetch', 'code-execution'],
        },
        families: [
          // Newer models show their thoughts nowhere else, and there only sealed.
          { pattern: /^grok-4(?!.*non-reasoning)/, preferred: true },
          { pattern: /^grok-4(?:-|\.20|$)/, flags: { reasoningControl: 'none' } },
          { pattern: /^grok-4\.5/, flags: { reasoningEfforts: ['low', 'medium', 'high'] } },
        ],
      },
    ],
  }),
  cloud({
    type: 'moonshot',
    title: 'Moonshot AI',
    baseUrl: 'https://api.moonshot.ai/v1',
    keyVariable: 'MOONSHOT_API_KEY',
    otherKeyVariables: ['MOONSHOTAI_API_KEY'],
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      contentArrays: false,
      toolChoiceRequired: false,
      strictTools: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning_content',
      reasoningReplay: 'tool-loop',
      reasoningEfforts: ['minimal', 'low', 'medium', 'high'],
    },
  }),
  cloud({
    type: 'zai',
    title: 'Z.ai',
    baseUrl: 'https://api.z.ai/api/paas/v4',
    keyVariable: 'ZAI_API_KEY',
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      cacheMarks: 'none',
      reasoningControl: 'thinking',
      reasoningField: 'reasoning_content',
      reasoningReplay: 'tool-loop',
    },
    families: [
      { pattern: /^glm-5\.2/, flags: { reasoningEfforts: ['low', 'medium', 'high', 'max'] } },
      { pattern: /^glm-5\.3/, flags: { reasoningEfforts: ['low', 'high', 'max'] } },
    ],
  }),
  cloud({
    type: 'alibaba',
    title: 'Alibaba Cloud (Qwen)',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    keyVariable: 'DASHSCOPE_API_KEY',
    otherKeyVariables: ['ALIBABA_API_KEY'],
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      cacheMarks: 'cache_control',
      reasoningControl: 'enable_thinking',
      reasoningField: 'reasoning_content',
    },
    // Models that only think answer in streams only.
    families: [{ pattern: /^qwq|-thinking/, wholeByStream: true }],
  }),
  cloud({
    type: 'perplexity',
    title: 'Perplexity',
    baseUrl: 'https://api.perplexity.ai',
    listPath: '/v1/models',
    keyVariable: 'PERPLEXITY_API_KEY',
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      contentArrays: false,
      alternateTurns: true,
      cacheMarks: 'none',
      streamUsage: 'always',
    },
  }),
  {
    // The vendor recommends this protocol over its compatible chat.
    type: 'minimax',
    title: 'MiniMax',
    dialect: anthropicMessages,
    baseUrl: 'https://api.minimax.io/anthropic',
    auth: 'x-api-key',
    locality: 'cloud',
    keyRequired: true,
    keyVariable: 'MINIMAX_API_KEY',
    flags: { hostedTools: [] },
  },
]
