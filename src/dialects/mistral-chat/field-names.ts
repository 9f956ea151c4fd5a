// The places of a request in this wire's words.
import type { FieldNames } from '../field-names.ts'

export const fieldNames: FieldNames = {
  turns: 'messages',
  tools: 'tools',
  toolChoice: 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  maxOutputTokens: 'max_tokens',
  'sampling.temperature': 'temperature',
  'sampling.topP': 'top_p',
  'sampling.seed': 'random_seed',
  'sampling.n': 'n',
  'sampling.presencePenalty': 'presence_penalty',
  'sampling.frequencyPenalty': 'frequency_penalty',
  'sampling.stop': 'stop',
  'output.format': 'response_format',
  'output.prediction': 'prediction',
  reasoning: 'reasoning_effort',
  caching: 'prompt_cache_key',
  'identity.metadata': 'metadata',
}
