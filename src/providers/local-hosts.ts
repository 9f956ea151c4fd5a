// Servers that people run themselves and that speak OpenAI's chat protocol: data only. Facts from their source, README and recorded traffic.
import { anthropicMessages } from '../dialects/anthropic-messages/dialect.ts'
import { openaiResponses } from '../dialects/openai-responses/dialect.ts'
import type { CatalogRow, Protocol } from './catalog-row.ts'
import { local } from './host-row.ts'

/** Translated by the server into its chat protocol; it runs no tools itself. */
const flags = { hostedTools: [] }
const RESPONSES: Protocol = { dialect: openaiResponses, flags, shim: true }
const MESSAGES: Protocol = { dialect: anthropicMessages, flags, shim: true }

export const localHosts: readonly CatalogRow[] = [
  local({
    type: 'llamacpp',
    title: 'llama.cpp server',
    baseUrl: 'http://127.0.0.1:8080/v1',
    // Seen with its server of October 2026: a closed connection ends a stream's generation, not a whole answer's.
    wholeByStream: true,
    flags: {
      developerRole: false,
      toolChoiceNamed: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning_content',
      extraSampling: ['top_k', 'min_p'],
    },
    // What its server of October 2026 counts is what its chat then reads, the template's words included.
    otherProtocols: [{ ...RESPONSES, counts: true }, MESSAGES],
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
    // In new versions only.
    otherProtocols: [RESPONSES, MESSAGES],
  }),
  local({
    type: 'sglang',
    title: 'SGLang',
    baseUrl: 'http://127.0.0.1:30000/v1',
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning_content',
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
    otherProtocols: [RESPONSES],
  }),
  local({
    type: 'mistralrs',
    title: 'mistral.rs',
    baseUrl: 'http://127.0.0.1:1234/v1',
    flags: {
      maxTokensField: 'max_tokens',
      developerRole: false,
      cacheMarks: 'none',
      reasoningField: 'reasoning_content',
    },
  }),
  local({
    type: 'localai',
    title: 'LocalAI',
    baseUrl: 'http://127.0.0.1:8080/v1',
    flags: { maxTokensField: 'max_tokens', developerRole: false, cacheMarks: 'none' },
  }),
  local({
    type: 'jan',
    title: 'Jan',
    baseUrl: 'http://127.0.0.1:1337/v1',
    flags: { maxTokensField: 'max_tokens', developerRole: false, cacheMarks: 'none' },
  }),
  local({
    type: 'tgi',
    title: 'Text Generation Inference',
    baseUrl: 'http://127.0.0.1:3000/v1',
    flags: { maxTokensField: 'max_tokens', developerRole: false, cacheMarks: 'none' },
  }),
]
