// The places of a request in this wire's words.
import type { FieldNames } from '../field-names.ts'

export const fieldNames: FieldNames = {
  turns: 'messages',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
  maxOutputTokens: 'max_tokens',
  'sampling.temperature': 'temperature',
  'sampling.topP': 'top_p',
  'sampling.topK': 'top_k',
  'sampling.stop': 'stop_sequences',
  'output.format': 'output_config.format',
  reasoning: 'thinking',
  caching: 'cache_control',
  'identity.user': 'metadata.user_id',
  'service.tier': 'service_tier',
  'service.region': 'inference_geo',
}
