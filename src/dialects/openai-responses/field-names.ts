// The places of a request in this wire's words.
import type { FieldNames } from '../field-names.ts'

export const fieldNames: FieldNames = {
  turns: 'input',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  maxOutputTokens: 'max_output_tokens',
  'sampling.temperature': 'temperature',
  'sampling.topP': 'top_p',
  'sampling.stop': 'stop',
  'sampling.logprobs': 'include',
  'sampling.topLogprobs': 'top_logprobs',
  'output.format': 'text.format',
  'output.verbosity': 'text.verbosity',
  reasoning: 'reasoning',
  caching: 'prompt_cache_key',
  'identity.user': 'safety_identifier',
  'identity.metadata': 'metadata',
  'service.tier': 'service_tier',
  'service.store': 'store',
}
