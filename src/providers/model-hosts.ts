// Companies that host models of others: data only. Facts from their pages and recorded traffic; addresses and variables as vercel/ai and pydantic-ai have them (August 2026).
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import { openaiResponses } from '../dialects/openai-responses/dialect.ts'
import type { CatalogRow } from './catalog-row.ts'
import { cloud } from './host-row.ts'

/** Where nothing more is known than that a host is compatible: the spellings that every server has. */
const PLAIN = {
  maxTokensField: 'max_tokens',
  developerRole: false,
  strictTools: false,
  cacheMarks: 'none',
} as const

export const modelHosts: readonly CatalogRow[] = [
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
      // Its streams name no role and count where no client looks (recorded September 2025).
      { pattern: /^groq\/compound/, passThrough: false },
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
    // Models of other makers are behind these too: only the protocol's own maker's are sure to take all of it.
    otherProtocols: [
      { dialect: openaiResponses, families: [{ pattern: /^(?!openai\/)/, served: false }] },
      { dialect: anthropicMessages, families: [{ pattern: /^(?!anthropic\/)/, served: false }] },
    ],
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
  cloud({
    type: 'fireworks',
    title: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyVariable: 'FIREWORKS_API_KEY',
    flags: { ...PLAIN, reasoningField: 'reasoning_content' },
  }),
  cloud({
    type: 'cerebras',
    title: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    keyVariable: 'CEREBRAS_API_KEY',
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      parallelToolCalls: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning',
      unsupportedFields: ['frequency_penalty', 'presence_penalty', 'logit_bias', 'service_tier'],
    },
  }),
  cloud({
    type: 'deepinfra',
    title: 'DeepInfra',
    baseUrl: 'https://api.deepinfra.com/v1/openai',
    keyVariable: 'DEEPINFRA_API_KEY',
    flags: { ...PLAIN, reasoningField: 'reasoning_content' },
  }),
  cloud({
    type: 'baseten',
    title: 'Baseten',
    baseUrl: 'https://inference.baseten.co/v1',
    keyVariable: 'BASETEN_API_KEY',
    flags: { ...PLAIN, reasoningField: 'reasoning_content' },
  }),
  cloud({
    type: 'nebius',
    title: 'Nebius',
    baseUrl: 'https://api.studio.nebius.com/v1',
    keyVariable: 'NEBIUS_API_KEY',
    flags: PLAIN,
  }),
  cloud({
    type: 'sambanova',
    title: 'SambaNova',
    baseUrl: 'https://api.sambanova.ai/v1',
    keyVariable: 'SAMBANOVA_API_KEY',
    flags: PLAIN,
  }),
  cloud({
    type: 'nvidia',
    title: 'NVIDIA NIM',
    baseUrl: 'https://integrate.api.nvidia.com/v1',
    keyVariable: 'NVIDIA_API_KEY',
    flags: PLAIN,
  }),
  cloud({
    type: 'hyperbolic',
    title: 'Hyperbolic',
    baseUrl: 'https://api.hyperbolic.xyz/v1',
    keyVariable: 'HYPERBOLIC_API_KEY',
    flags: PLAIN,
  }),
  cloud({
    type: 'crusoe',
    title: 'Crusoe Cloud',
    baseUrl: 'https://api.inference.crusoecloud.com/v1',
    keyVariable: 'CRUSOE_API_KEY',
    flags: PLAIN,
  }),
  cloud({
    type: 'venice',
    title: 'Venice',
    baseUrl: 'https://api.venice.ai/api/v1',
    keyVariable: 'VENICE_API_KEY',
    flags: { ...PLAIN, reasoningField: 'reasoning_content' },
  }),
  cloud({
    type: 'huggingface',
    title: 'Hugging Face router',
    baseUrl: 'https://router.huggingface.co/v1',
    keyVariable: 'HF_TOKEN',
    keyOfManyUses: true,
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      cacheMarks: 'none',
    },
  }),
  cloud({
    type: 'vercel',
    title: 'Vercel AI Gateway',
    baseUrl: 'https://ai-gateway.vercel.sh/v1',
    keyVariable: 'AI_GATEWAY_API_KEY',
    otherKeyVariables: ['VERCEL_AI_GATEWAY_API_KEY'],
    flags: { developerRole: false, cacheMarks: 'none' },
  }),
  cloud({
    type: 'cloudflare',
    title: 'Cloudflare Workers AI',
    baseUrlExample: 'https://api.cloudflare.com/client/v4/accounts/<account id>/ai/v1',
    keyVariable: 'CLOUDFLARE_API_TOKEN',
    keyOfManyUses: true,
    flags: { maxTokensField: 'max_tokens', developerRole: false, cacheMarks: 'none' },
    // Streams name no role, and an answer by a schema is the value itself (recorded December 2025): OpenAI's SDK breaks on both.
    families: [{ pattern: /./, passThrough: false }],
  }),
  cloud({
    // A proxy of one's own, in front of hosts that cost money.
    type: 'litellm',
    title: 'LiteLLM proxy',
    baseUrl: 'http://127.0.0.1:4000/v1',
    keyVariable: 'LITELLM_API_KEY',
    keyOfManyUses: true,
    flags: {
      maxTokensField: 'max_tokens',
      cacheMarks: 'cache_control',
      reasoningField: 'reasoning_content',
    },
  }),
]
