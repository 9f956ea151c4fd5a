// What is missing of counts is guessed and marked; what is there stays.
import { expect, it } from 'vitest'
import type { ChatEvent } from '../canonical/event.ts'
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

interface Case {
  readonly what: string
  readonly exchange: Exchange
  readonly told?: Usage
  readonly usage: Usage
}

const HELLO: ChatEvent = {
  type: 'part-start',
  index: 0,
  candidate: 0,
  part: { type: 'text', text: 'Hello' },
}

it.each<Case>([
  {
    what: 'nothing of a chat',
    exchange: CHAT,
    usage: { input: { total: 3 }, output: { total: 1 }, estimated: true },
  },
  {
    what: 'the input of a chat',
    exchange: CHAT,
    told: { input: { total: 9, cacheRead: 4 }, partial: true },
    usage: {
      input: { total: 9, cacheRead: 4 },
      output: { total: 1 },
      partial: true,
      estimated: true,
    },
  },
  { what: 'the sum', exchange: CHAT, told: { total: 12 }, usage: { total: 12 } },
  {
    what: 'nothing of vectors',
    exchange: EMBED,
    usage: { input: { total: 2 }, output: { total: 0 }, estimated: true },
  },
  {
    what: 'the input of vectors, which is all',
    exchange: EMBED,
    told: { input: { total: 7 } },
    usage: { input: { total: 7 }, output: { total: 0 } },
  },
])('completes what says $what', ({ exchange, told, usage }) => {
  const estimate = estimatedUsage(exchange)
  if (exchange.operation === 'chat') estimate.hear(HELLO)
  expect(estimate.of(told)).toEqual(usage)
})
