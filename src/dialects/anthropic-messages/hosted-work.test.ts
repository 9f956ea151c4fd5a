// Work of other vendors' tools as blocks: what they hold, and what comes back.
import { describe, expect, it } from 'vitest'
import type { HostedWork } from '../../canonical/hosted-work.ts'
import type { ChatResponse } from '../../canonical/response.ts'
import { emptyRequest, plain } from '../dialect.contract.ts'
import { anthropicMessages } from './dialect.ts'
import { returnedWork, workOf } from './hosted-work.ts'

const ENCODING = {
  request: emptyRequest('anthropic-messages'),
  requestId: 'req_1',
  now: () => 0,
}

function answer(...works: readonly HostedWork[]): ChatResponse {
  const origin = { dialect: 'alpha', provider: 'p' }
  return {
    origin,
    model: 'm',
    candidates: [
      {
        index: 0,
        parts: works.map((hosted) => ({ type: 'opaque', origin, what: 'w', native: {}, hosted })),
        finish: { reason: 'stop' },
      },
    ],
    usage: { input: { total: 1 }, output: { total: 1 } },
  }
}

function blocksOf(...works: readonly HostedWork[]): unknown {
  const { value } = anthropicMessages.response.encode(answer(...works), ENCODING)
  const body = plain(value.body)
  return Object(body).content
}

const SEARCH: HostedWork = {
  tool: 'web-search',
  phase: 'both',
  queries: ['a', 'b'],
  sources: [{ url: 'https://a.example', title: 'A' }, { url: 'https://b.example' }],
}
const RUN: HostedWork = { tool: 'code-execution', phase: 'both', code: '1+1', output: '2' }
const PAGE: HostedWork = { tool: 'web-fetch', phase: 'both', url: 'https://a.example' }

describe('work of other vendors’ tools', () => {
  it('is a call and its result', () => {
    expect(blocksOf(SEARCH)).toMatchObject([
      { type: 'server_tool_use', name: 'web_search', input: { query: 'a; b' } },
      {
        type: 'web_search_tool_result',
        content: [
          { url: 'https://a.example', title: 'A' },
          { url: 'https://b.example', title: 'https://b.example' },
        ],
      },
    ])
    expect(blocksOf(RUN, PAGE)).toMatchObject([
      { name: 'code_execution', input: { code: '1+1' } },
      { content: { type: 'code_execution_result', stdout: '2', return_code: 0 } },
      { name: 'web_fetch', input: { url: 'https://a.example' } },
      { content: { type: 'web_fetch_result', url: 'https://a.example' } },
    ])
  })

  it('tells what failed, and of a call without a result the call alone', () => {
    expect(
      blocksOf({ ...RUN, failed: 'x' }, { ...PAGE, failed: 'x' }, { ...SEARCH, failed: 'x' }),
    ).toMatchObject([
      {},
      { content: { stderr: '2', return_code: 1 } },
      {},
      { content: { type: 'web_fetch_tool_result_error' } },
      {},
      { content: { type: 'web_search_tool_result_error' } },
    ])
    expect(blocksOf({ ...RUN, phase: 'call', language: 'shell' })).toMatchObject([
      { type: 'server_tool_use', name: 'bash_code_execution', input: { command: '1+1' } },
    ])
  })

  it('comes back without its call, which the result brings along', () => {
    const blocks = blocksOf(SEARCH)
    const [call, result] = Array.isArray(blocks) ? blocks : []
    expect(returnedWork(call)).toEqual([])
    expect(returnedWork(result)).toEqual([
      {
        type: 'opaque',
        origin: { dialect: 'alpha', provider: 'p' },
        what: 'w',
        native: {},
        hosted: workOf('web_search_tool_result', result),
      },
    ])
  })

  it('leaves the vendor’s own blocks alone', () => {
    expect(returnedWork({ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search' })).toBe(
      undefined,
    )
    expect(returnedWork({ type: 'text', text: 'x' })).toBe(undefined)
    expect(returnedWork('x')).toBe(undefined)
  })
})
