// The places of a request in this wire's words.
import type { FieldNames } from '../field-names.ts'

export const fieldNames: FieldNames = {
  turns: 'contents',
  tools: 'tools',
  toolChoice: 'toolConfig.functionCallingConfig',
  maxOutputTokens: 'generationConfig.maxOutputTokens',
  sampling: 'generationConfig',
  'sampling.temperature': 'generationConfig.temperature',
  'sampling.topP': 'generationConfig.topP',
  'sampling.topK': 'generationConfig.topK',
  'sampling.seed': 'generationConfig.seed',
  'sampling.n': 'generationConfig.candidateCount',
  'sampling.stop': 'generationConfig.stopSequences',
  'output.format': 'generationConfig.responseMimeType',
  'output.modalities': 'generationConfig.responseModalities',
  reasoning: 'generationConfig.thinkingConfig',
}
