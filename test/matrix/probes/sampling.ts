// How the next token is chosen.
import { text } from '../plain-words.ts'
import { type Group, asks, says } from '../probe.ts'

const YES = [text('Yes.')]
const stop = { reason: 'stop' } as const

export const sampling: Group = {
  title: 'Sampling',
  features: [
    {
      title: 'temperature',
      probes: [
        asks('temperature 0.2', { sampling: { temperature: 0.2 } }),
        asks('temperature 1.3', { sampling: { temperature: 1.3 } }),
        asks('temperature 1.8', { sampling: { temperature: 1.8 } }),
      ],
    },
    { title: 'top_p', probes: [asks('top_p', { sampling: { topP: 0.9 } })] },
    { title: 'top_k', probes: [asks('top_k', { sampling: { topK: 40 } })] },
    { title: 'min_p', probes: [asks('min_p', { sampling: { minP: 0.05 } })] },
    {
      title: 'repeat penalty',
      probes: [asks('repeat penalty', { sampling: { repeatPenalty: 1.1 } })],
    },
    {
      title: 'presence and frequency penalty',
      probes: [
        asks('presence penalty', { sampling: { presencePenalty: 0.5 } }),
        asks('frequency penalty', { sampling: { frequencyPenalty: -0.5 } }),
      ],
    },
    {
      title: 'seed',
      probes: [
        asks('a seed', { sampling: { seed: 7 } }),
        asks('a seed of 40 bits', { sampling: { seed: 2 ** 40 + 7 } }),
      ],
    },
    {
      title: 'n candidates',
      probes: [
        asks('two answers', { sampling: { n: 2 } }),
        says('two candidates', {
          candidates: [
            { index: 0, parts: YES, finish: stop },
            { index: 1, parts: [text('No.')], finish: stop },
          ],
        }),
      ],
    },
    {
      title: 'stop strings',
      probes: [
        asks('a stop string', { sampling: { stop: ['END'] } }),
        asks('four stop strings', { sampling: { stop: ['a', 'b', 'c', 'd'] } }),
        asks('five stop strings', { sampling: { stop: ['a', 'b', 'c', 'd', 'e'] } }),
        asks('six stop strings', { sampling: { stop: ['a', 'b', 'c', 'd', 'e', 'f'] } }),
      ],
    },
    {
      title: 'logprobs',
      probes: [
        asks('logprobs', { sampling: { logprobs: true } }),
        asks('top logprobs', { sampling: { logprobs: true, topLogprobs: 2 } }),
        says('logprobs answered', {
          candidates: [
            {
              index: 0,
              parts: YES,
              finish: stop,
              logprobs: [{ token: 'Yes.', logprob: -0.5, top: [{ token: 'Yes.', logprob: -0.5 }] }],
            },
          ],
        }),
      ],
    },
    {
      title: 'logit_bias',
      probes: [asks('logit_bias', { sampling: { logitBias: { '50256': -100 } } })],
    },
  ],
}
