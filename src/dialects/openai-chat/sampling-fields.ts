// Sampling settings and their names on the wire.

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

export const SAMPLING_FIELDS = [
  ...NUMBER_FIELDS,
  ['stop', 'stop'],
  ['logitBias', 'logit_bias'],
  ['logprobs', 'logprobs'],
] as const
