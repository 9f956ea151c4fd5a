// What is missing of counts is guessed and marked; what is there stays.
import { expect, it } from 'vitest'
import type { Usage } from '../canonical/usage.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { estimatedUsage } from './estimated-usage.ts'

const envelope = {
  id: 'x',
  target: { provider: 'p', model: 'm' },
  policy: 'default',
  signal: new AbortController().signal,
} as const
const origin = { dialect: 'test' }
const CHAT: Exchange = {
  ...envelope,
  operation: 'chat',
  request: { origin, model: 'm', turns: [], sampling: {}, stream: { enabled: false } },
}
const EMBED: Exchange = {
  ...envelope,
  operation: 'embed',
  request: { origin, model: 'm', inputs: [{ type: 'text', text: 'one two' }] },
}

it.each<[string, Exchange, Usage | undefined, Usage]>([
  [
    'nothing of a chat',
    CHAT,
    undefined,
    { input: { total: 3 }, output: { total: 1 }, estimated: true },
  ],
  [
    'its input',
    CHAT,
    { input: { total: 9, cacheRead: 4 }, partial: true },
    {
      input: { total: 9, cacheRead: 4 },
      output: { total: 1 },
      partial: true,
      estimated: true,
    },
  ],
  ['its sum', CHAT, { total: 12 }, { total: 12 }],
  [
    'nothing of vectors',
    EMBED,
    undefined,
    { input: { total: 2 }, output: { total: 0 }, estimated: true },
  ],
  [
    'their input, which is all',
    EMBED,
    { input: { total: 7 } },
    { input: { total: 7 }, output: { total: 0 } },
  ],
])('completes what says %s', (_, exchange, told, expected) => {
  const estimate = estimatedUsage(exchange)
  if (exchange.operation === 'chat') {
    estimate.hear({
      type: 'part-start',
      index: 0,
      candidate: 0,
      part: { type: 'text', text: 'Hello' },
    })
  }
  expect(estimate.of(told)).toEqual(expected)
})
