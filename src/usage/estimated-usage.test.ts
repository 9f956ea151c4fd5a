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
const REQUEST = { origin, model: 'm', turns: [], sampling: {}, stream: { enabled: false } } as const
const CHAT: Exchange = { ...envelope, operation: 'chat', request: REQUEST }
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

const SEARCH: ChatEvent = {
  type: 'part-start',
  index: 1,
  candidate: 0,
  part: {
    type: 'opaque',
    origin: { dialect: 'test' },
    what: 'web_search_call',
    native: {},
    hosted: { tool: 'web-search', phase: 'both' },
  },
}

it('knows how a call was served: by its answer, at its end, else as it was asked for', () => {
  const counted: Usage = { input: { total: 1 }, output: { total: 1 } }
  const asked: Exchange = {
    ...envelope,
    operation: 'chat',
    request: { ...REQUEST, service: { tier: 'auto' } },
  }
  const estimate = estimatedUsage(asked)
  expect(estimate.of(counted).tier).toBe('auto')
  estimate.hear({ type: 'response-start', origin, tier: 'flex' })
  expect(estimate.of(counted).tier).toBe('flex')
  estimate.hear({ type: 'response-end', tier: 'default' })
  expect(estimate.of(counted).tier).toBe('default')
  expect(estimate.of({ ...counted, tier: 'priority' }).tier).toBe('priority')
})

it('counts searches that it sees, where nobody else does', () => {
  const counted: Usage = { input: { total: 1 }, output: { total: 1 } }
  const estimate = estimatedUsage(CHAT)
  estimate.hear(SEARCH)
  estimate.hear(SEARCH)
  expect(estimate.of(counted).hosted).toEqual({ web_search_requests: 2 })
  const told = { web_search_requests: 1 }
  expect(estimate.of({ ...counted, hosted: told }).hosted).toEqual(told)
})
