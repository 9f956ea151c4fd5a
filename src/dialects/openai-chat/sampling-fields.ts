// Sampling settings and their names on the wire.
import type { Sampling } from '../../canonical/request.ts'

export const NUMBER_FIELDS = [
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['minP', 'min_p'],
  ['seed', 'seed'],
  ['n', 'n'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['repeatPenalty', 'repetition_penalty'],
  ['topLogprobs', 'top_logprobs'],
] as const

export const SAMPLING_FIELDS: readonly (readonly [keyof Sampling, string])[] = [
  ...NUMBER_FIELDS,
  ['stop', 'stop'],
  ['logitBias', 'logit_bias'],
  ['logprobs', 'logprobs'],
]
