// The places of a request in this wire's words.
import type { FieldNames } from '../field-names.ts'

export const fieldNames: FieldNames = {
  turns: 'messages',
  tools: 'tools',
  maxOutputTokens: 'options.num_predict',
  sampling: 'options',
  'sampling.stop': 'options.stop',
  'sampling.logprobs': 'logprobs',
  'sampling.topLogprobs': 'top_logprobs',
  'output.format': 'format',
  reasoning: 'think',
}
