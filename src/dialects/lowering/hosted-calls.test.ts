// Limits of calls of hosted tools: of each tool, of all together, or not at all.
import { describe, expect, it } from 'vitest'
import type { HostedPurpose, NativeTool } from '../../canonical/tool.ts'
import { type CallRules, hostedCalls } from './hosted-calls.ts'
import { requestWith } from './request.arbitrary.ts'

function hosted(purpose: HostedPurpose): NativeTool {
  return { kind: 'native', dialect: 'alpha', name: purpose.what, native: {}, purpose }
}

const ALL: CallRules = { dialect: 'beta', limit: 'all' }
const EACH: CallRules = { dialect: 'beta', limit: ['web-search', 'web-fetch'] }
const NONE: CallRules = { dialect: 'beta' }

function lowered(rules: CallRules, request: Parameters<typeof requestWith>[0]) {
  const { value, notes } = hostedCalls(rules)(requestWith(request))
  return {
    limit: value.maxHostedCalls,
    uses: value.tools?.map((tool) => (tool.kind === 'native' ? tool.purpose?.maxUses : undefined)),
    notes: notes.map(({ action, weight }) => `${action} ${weight}`),
  }
}

describe('the number of calls of hosted tools', () => {
  const search = hosted({ what: 'web-search', maxUses: 3 })
  const fetching = hosted({ what: 'web-fetch', maxUses: 2 })

  it('becomes one number for the one tool, and the sum for several', () => {
    expect(lowered(ALL, { tools: [search] })).toEqual({ limit: 3, uses: [undefined], notes: [] })
    const both = lowered(ALL, { tools: [search, fetching] })
    expect(both).toEqual({ limit: 5, uses: [undefined, undefined], notes: ['approximated 1'] })
  })

  it('stays with its tool where another has none, for the tool to lose with a note', () => {
    const free = hosted({ what: 'web-fetch' })
    expect(lowered(ALL, { tools: [search, free] })).toEqual({
      limit: undefined,
      uses: [3, undefined],
      notes: [],
    })
  })

  it('is said of each tool where each has its own', () => {
    const one = lowered(EACH, { tools: [hosted({ what: 'web-search' })], maxHostedCalls: 4 })
    expect(one).toEqual({ limit: undefined, uses: [4], notes: [] })
    const two = lowered(EACH, { tools: [search, hosted({ what: 'web-fetch' })], maxHostedCalls: 4 })
    expect(two).toEqual({ limit: undefined, uses: [3, 4], notes: ['approximated 1'] })
  })

  it('is lost where a tool or the target has no limit, and means nothing without tools', () => {
    const code = hosted({ what: 'code-execution' })
    expect(lowered(EACH, { tools: [code], maxHostedCalls: 4 }).notes).toEqual(['dropped 2'])
    expect(lowered(NONE, { tools: [search], maxHostedCalls: 4 }).notes).toEqual(['dropped 2'])
    expect(lowered(NONE, { maxHostedCalls: 4 }).notes).toEqual(['dropped 0'])
  })

  it('is left alone in a request of the target’s own', () => {
    const request = requestWith({ origin: { dialect: 'beta' }, maxHostedCalls: 4 })
    expect(hostedCalls(NONE)(request).value).toBe(request)
  })
})
