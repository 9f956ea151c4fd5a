// How an answer ends, what it cost, and how it fails.
import type { FinishReason } from '../../../src/canonical/response.ts'
import type { Usage } from '../../../src/canonical/usage.ts'
import { ERROR_KINDS } from '../../../src/canonical/errors.ts'
import { call, text } from '../plain-words.ts'
import { type Group, type Probe, type Spoken, says, saysIn } from '../probe.ts'

function ends(reason: FinishReason): Probe {
  return says(`the end: ${reason}`, {
    candidates: [{ index: 0, parts: [text('Yes.')], finish: { reason } }],
  })
}

function costs(name: string, usage: Usage): Probe {
  return says(name, { usage })
}

function bare(name: string, wire: Spoken): Probe {
  return { ...saysIn(name, wire), bare: true }
}

export const ending: Group = {
  title: 'Ends, counts, failures',
  features: [
    {
      title: 'finish: stop, length, tool calls',
      probes: [
        ends('stop'),
        ends('length'),
        says('the end: tool-calls', {
          candidates: [
            {
              index: 0,
              parts: [call('get_weather', { city: 'Oslo' })],
              finish: { reason: 'tool-calls' },
            },
          ],
        }),
      ],
    },
    { title: 'finish: content filter', probes: [ends('content-filter')] },
    {
      title: 'finish: others',
      probes: [
        ends('context-length'),
        ends('pause'),
        ends('malformed-tool-call'),
        ends('compaction'),
        ends('other'),
      ],
    },
    {
      title: 'matched stop string',
      probes: [
        saysIn('the end: a stop string', {
          'anthropic-messages': { stop_reason: 'stop_sequence', stop_sequence: 'END' },
          'openai-chat': {
            choices: [
              {
                index: 0,
                message: { role: 'assistant', content: 'Yes.' },
                finish_reason: 'stop',
                stop_reason: 'END',
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'refusals',
      probes: [
        {
          ...says('a refusal', {
            candidates: [
              {
                index: 0,
                parts: [{ type: 'refusal', text: 'No.' }],
                finish: { reason: 'refusal' },
              },
            ],
          }),
          wire: {
            'anthropic-messages': {
              content: [{ type: 'text', text: 'No.' }],
              stop_reason: 'refusal',
            },
          },
        },
      ],
    },
    {
      title: 'usage: input and output',
      probes: [costs('counts', { input: { total: 10 }, output: { total: 5 } })],
    },
    {
      title: 'usage: unknown',
      probes: [costs('no counts', {}), says('no usage', { usage: undefined })],
    },
    {
      title: 'usage: cached tokens',
      probes: [
        costs('tokens from the cache', {
          input: { total: 10, cacheRead: 4 },
          output: { total: 5 },
        }),
        costs('tokens into the cache', {
          input: { total: 10, cacheRead: 0, cacheWrite: 4 },
          output: { total: 5 },
        }),
      ],
    },
    {
      title: 'usage: thinking tokens',
      probes: [
        costs('tokens of thinking', { input: { total: 10 }, output: { total: 5, reasoning: 3 } }),
      ],
    },
    {
      title: 'usage: sound, predictions, hosted calls',
      probes: [
        costs('tokens of sound', {
          input: { total: 10, audio: 4 },
          output: { total: 5, audio: 2 },
        }),
        costs('predicted tokens', {
          input: { total: 10 },
          output: { total: 5, acceptedPrediction: 2, rejectedPrediction: 1 },
        }),
        saysIn('calls of hosted tools', {
          'anthropic-messages': {
            usage: {
              input_tokens: 10,
              output_tokens: 5,
              server_tool_use: { web_search_requests: 1 },
            },
          },
        }),
      ],
    },
    {
      title: 'response id and time',
      probes: [{ ...says('an id and a time', {}), bare: true }],
    },
    {
      title: 'fingerprint and tier of the answer',
      probes: [
        saysIn('a fingerprint', { 'openai-chat': { system_fingerprint: 'fp_1' } }),
        saysIn('a tier', {
          'openai-chat': { service_tier: 'default' },
          'openai-responses': { service_tier: 'default' },
        }),
      ],
    },
    {
      title: 'safety ratings and other fields of one protocol',
      probes: [
        bare('safety ratings', {
          gemini: {
            candidates: [
              {
                index: 0,
                content: { role: 'model', parts: [{ text: 'Yes.' }] },
                finishReason: 'STOP',
                safetyRatings: [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'LOW' }],
              },
            ],
          },
        }),
        bare('a field of tomorrow in the answer', {
          'openai-chat': { tomorrow: 1 },
          'openai-responses': { tomorrow: 1 },
          'anthropic-messages': { tomorrow: 1 },
          gemini: { tomorrow: 1 },
          'mistral-chat': { tomorrow: 1 },
          ollama: { tomorrow: 1 },
        }),
      ],
    },
    {
      title: 'errors: their kind',
      // Of a call that its client gave up, nobody is left to be told.
      probes: ERROR_KINDS.filter((kind) => kind !== 'cancelled').map(
        (kind) => ({ kind: 'error', name: `failure: ${kind}`, fails: kind }) as const,
      ),
    },
    {
      title: 'errors: when to try again',
      probes: [
        { kind: 'error', name: 'failure with a hint', fails: 'rate_limit', retryAfterMs: 12_000 },
      ],
    },
  ],
}
