// Tools that vendors run: the target's own of the same purpose, its settings, and the choice among them.
import { describe, expect, it } from 'vitest'
import type { HostedPurpose, NativeTool, Tool } from '../../canonical/tool.ts'
import { type HostedRules, hostedKinds, hostedTools } from './hosted-tools.ts'
import { requestWith } from './request.arbitrary.ts'

const RULES: HostedRules = {
  dialect: 'beta',
  print: ({ what }) =>
    what === 'image-making' ? undefined : { name: `beta_${what}`, native: { on: true } },
  choosable: true,
  settings: ['location'],
}

function hosted(name: string, purpose: HostedPurpose): NativeTool {
  return { kind: 'native', dialect: 'alpha', name, native: {}, purpose }
}

const search = hosted('search', { what: 'web-search' })
const own = { kind: 'native', dialect: 'beta', name: 'beta_web-search', native: { on: true } }

function lowered(tools: readonly Tool[], more: Parameters<typeof requestWith>[0] = {}) {
  const { value, notes } = hostedTools(RULES)(requestWith({ tools, ...more }))
  return {
    ...value,
    notes: notes.map(({ action, feature, weight }) => `${action} ${feature} ${weight}`),
  }
}

describe('a tool that another vendor runs', () => {
  it('becomes the target’s own of the same purpose', () => {
    expect(lowered([search])).toMatchObject({ tools: [own], notes: ['approximated web_search 1'] })
  })

  it('loses the settings that the target has not', () => {
    const limited = hosted('search', {
      what: 'web-search',
      maxUses: 2,
      location: { city: 'Oslo' },
      others: { time_range: 2 },
    })
    expect(lowered([limited]).notes).toEqual([
      'approximated web_search 1',
      'dropped web_search.max_uses 2',
      'dropped web_search.time_range 2',
    ])
  })

  it.each([
    [{ allowedDomains: ['a.example'] }, 3],
    [{ blockedDomains: ['b.example'] }, 3],
    [{ offline: true as const }, 2],
  ])('is not offered where it cannot be kept within %o, which weighs %i', (fence, weight) => {
    const fenced = hosted('search', { what: 'web-search', ...fence })
    const toolChoice = { mode: 'required' as const, only: ['search'] }
    const named: Tool = { kind: 'function', name: 'f' }
    const { tools, notes, toolChoice: choice } = lowered([named, fenced], { toolChoice })
    expect(tools).toEqual([named])
    expect(choice).toBeUndefined()
    expect(notes).toEqual([`dropped web_search ${weight}`, 'dropped tool_choice 3'])
    expect(lowered([fenced]).tools).toBeUndefined()
  })

  it('keeps the fence round any of those that are one tool here, and goes where they differ', () => {
    const rules: HostedRules = {
      ...RULES,
      print: ({ allowedDomains = [] }) => ({ name: 'look', native: { allowedDomains } }),
      settings: ['allowedDomains'],
    }
    const both = (search: Partial<HostedPurpose>, fetching: Partial<HostedPurpose>) =>
      hostedTools(rules)(
        requestWith({
          tools: [
            hosted('search', { what: 'web-search', ...search }),
            hosted('fetch', { what: 'web-fetch', ...fetching }),
          ],
        }),
      ).value.tools?.map((tool) => (tool.kind === 'native' ? tool.native : tool))
    const a = { allowedDomains: ['a.example'] }
    expect(both(a, a)).toEqual([a])
    expect(both({}, a)).toEqual([a])
    expect(both(a, {})).toEqual([a])
    expect(both(a, { allowedDomains: ['b.example'] })).toBeUndefined()
    expect(both({}, { blockedDomains: ['b.example'] })).toBeUndefined()
  })

  it('stays for others to drop where the model of the profile has none', () => {
    const { value, notes } = hostedTools(RULES, ['code-execution'])(
      requestWith({ tools: [search] }),
    )
    expect(value.tools).toEqual([search])
    expect(notes).toEqual([])
    expect(hostedKinds({ provider: 'p', flags: { hostedTools: ['web-fetch', 'x'] } })).toEqual([
      'web-fetch',
    ])
  })

  it('stays for others to drop where the target runs nothing of the kind, or a function has its name', () => {
    const pictures = hosted('draw', { what: 'image-making' })
    expect(lowered([pictures])).toMatchObject({ tools: [pictures], notes: [] })
    const named: Tool = { kind: 'function', name: 'beta_web-search' }
    expect(lowered([named, search])).toMatchObject({ tools: [named, search], notes: [] })
  })

  it('is one tool where two of the source are one here', () => {
    const again = hosted('search_again', { what: 'web-search' })
    expect(lowered([search, again]).tools).toEqual([own])
  })

  it('is chosen by its new name, or by none where the target cannot be told to use it', () => {
    const toolChoice = { mode: 'required' as const, only: ['search'] }
    expect(lowered([search], { toolChoice }).toolChoice?.only).toEqual(['beta_web-search'])
    const { value, notes } = hostedTools({ ...RULES, choosable: false })(
      requestWith({ tools: [search], toolChoice }),
    )
    expect(value.toolChoice).toBeUndefined()
    expect(notes.map(({ feature, weight }) => [feature, weight])).toContainEqual(['tool_choice', 3])
  })
})
